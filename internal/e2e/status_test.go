package e2e_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clusterTree is the repository of docs/cluster.md, and what kubectl printed of it here.
const clusterTree = "../../testdata/cluster"

// TestStatusFollowsARollout takes a repository through what can happen to a rollout,
// and asks `fluxsum status` each time, with the real kubectl.
func TestStatusFollowsARollout(t *testing.T) {
	needsStack(t)
	s := newClusterSite(t)
	values := s.text("apps/values.yaml")
	s.change(strings.ReplaceAll(values, "Hello from Git", "Hello"))
	s.roll()
	s.isRolledOut("")

	s.change(values)
	s.isNotYet("not applied yet: the cluster has another value")
	s.print("before.json")
	s.roll()
	s.isRolledOut("")
	s.print("after.json")

	s.change(values+"# a comment\n", "--no-verify")
	s.push()
	s.applied("apps")
	s.isNotYet("the recorded checksum is not that of the files")
	s.must("fluxsum", "update", "--commit")
	s.roll()
	s.isRolledOut("")

	s.byHand()
	s.suspended()
	s.failed()
	s.gone()
}

// TestStatusOfNoCluster: what kubectl cannot answer is told with status 2.
func TestStatusOfNoCluster(t *testing.T) {
	needsStack(t)
	s := newRepository(t, strings.NewReplacer())
	s.copyTree(clusterTree)
	for hint, args := range map[string][]string{
		"hint: `kubectl config get-contexts` lists the contexts\n": {"--context", "production"},
		"hint: does `kubectl get helmreleases -A` work?":           {"--wait", "--timeout", "1m"},
	} {
		server := "http://127.0.0.1:1"
		got := s.run("env", append([]string{"KUBECONFIG=" + s.kubeconfigOf(server), "fluxsum", "status", "--kubectl"}, args...)...)
		if got.status != 2 || !strings.Contains(got.stderr, hint) || got.stdout != "" {
			t.Errorf("%q: exit status %d, expected 2 and %q\n%s%s", args, got.status, hint, got.stdout, got.stderr)
		}
	}
}

// kubeconfigOf writes one for a server.
func (r *repository) kubeconfigOf(server string) string {
	file := filepath.Join(r.t.TempDir(), "config")
	text := "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: \"" + server + "\"}}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// clusterSite is the site of clusterTree, in namespaces as there.
type clusterSite struct{ *site }

func newClusterSite(t *testing.T) *clusterSite {
	t.Helper()
	s := &clusterSite{&site{namespace: "flux-system", helm: "helm-controller-1.6"}}
	s.repository = newRepository(t, strings.NewReplacer("$NS", s.namespace))
	for _, name := range []string{s.namespace, "podinfo"} {
		s.do(live.apply("Namespace", "", name, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+name+"}\n"))
	}
	s.copyTree(clusterTree)
	s.write(files{"clusters/production/apps.yaml": s.text("clusters/production/apps.yaml") + "  commonMetadata: {labels: {" + shard + ": " + s.helm + "}}\n"})
	s.apply("GitRepository", "flux-system", gitRepository)
	t.Cleanup(s.showFailed)
	return s
}

// copyTree copies a tree, without what kubectl printed.
func (r *repository) copyTree(tree string) {
	r.t.Helper()
	all := files{}
	err := fs.WalkDir(os.DirFS(tree), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "printed/") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(tree, name))
		all[name] = string(text)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(all)
}

// change commits another values file.
func (s *clusterSite) change(values string, flags ...string) {
	s.t.Helper()
	s.write(files{"apps/values.yaml": values})
	s.commit(flags...)
}

// push makes HEAD what Flux sees, with the chart of the release.
func (s *clusterSite) push() {
	s.t.Helper()
	revision := s.revision()
	s.do(live.play("GitRepository", s.namespace, "flux-system", offer("cluster/"+strings.TrimPrefix(revision, "main@sha1:")+".tar.gz", revision, s.archive())))
	s.apply("Kustomization", "clusters", strings.Replace(rootKustomization, "name: repository", "name: flux-system", 1))
	s.applied("clusters")
	s.until("the chart is applied", func() bool {
		_, err := live.get("OCIRepository", "podinfo", "podinfo")
		return err == nil
	})
	s.do(live.play("OCIRepository", "podinfo", "podinfo", offer("cluster/plain-1.0.0.tgz", "1.0.0@sha256:"+strings.Repeat("0", 64), chart("plain", "1.0.0"))))
}

// roll pushes, and waits as a pipeline does.
func (s *clusterSite) roll() {
	s.t.Helper()
	s.push()
	s.must("fluxsum", "status", "--kubectl", "--rev", "HEAD", "--wait", "--timeout", patience.String())
}

// status asks what the cluster has taken in.
func (s *clusterSite) status() (ran, string) {
	s.t.Helper()
	got := s.run("fluxsum", "status", "--kubectl", "-o", "json")
	var out struct {
		Results []struct{ State, Message string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil || len(out.Results) != 1 {
		s.t.Fatalf("fluxsum status: exit status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	return got, out.Results[0].State + ": " + out.Results[0].Message
}

func (s *clusterSite) is(status int, what string) {
	s.t.Helper()
	if got, is := s.status(); got.status != status || is != what {
		s.t.Errorf("exit status %d, %s\nexpected %d, %s\n%s", got.status, is, status, what, got.stdout)
	}
}

func (s *clusterSite) isRolledOut(why string) { s.t.Helper(); s.is(0, "rolled out: "+why) }

func (s *clusterSite) isNotYet(why string) { s.t.Helper(); s.is(1, "not yet: "+why) }

// becomes waits for a state.
func (s *clusterSite) becomes(what string) {
	s.t.Helper()
	var is string
	begin := time.Now()
	for !strings.HasPrefix(is, what) {
		if time.Since(begin) > patience {
			s.t.Fatalf("waited for %q, it is %q\n%s", what, is, s.must("kubectl", "get", "helmrelease", "-n", "podinfo", "podinfo", "-o", "yaml"))
		}
		_, is = s.status()
		time.Sleep(pause)
	}
}

// print keeps what kubectl prints now, for the documentation with UPDATE=1; status
// has to say of it what it says of the cluster.
func (s *clusterSite) print(name string) {
	s.t.Helper()
	text := s.must("kubectl", "get", "helmreleases", "-n", "podinfo", "-o", "json")
	file := filepath.Join(s.t.TempDir(), name)
	s.do(os.WriteFile(file, []byte(text), 0o644))
	asked, read := s.run("fluxsum", "status", "--kubectl"), s.run("fluxsum", "status", "-f", file)
	if asked != read {
		s.t.Errorf("--kubectl: %+v\n-f: %+v", asked, read)
	}
	if os.Getenv("UPDATE") != "" {
		s.do(os.WriteFile(filepath.Join(clusterTree, "printed", name), []byte(text), 0o644))
	}
}

// byHand asks for a reconcile as flux does, with a time.
func (s *clusterSite) byHand() {
	s.t.Helper()
	token := "2026-11-22T03:04:05.678901234Z"
	s.annotateRelease(token)
	s.becomes("rolled out: by another request")
	s.do(live.merge("Kustomization", s.namespace, "apps", "", map[string]any{"metadata": map[string]any{"annotations": map[string]any{requestedAt: "again"}}}))
	s.until("the checksum is back", func() bool {
		_, is := s.status()
		return is == "rolled out: "
	})
}

func (s *clusterSite) annotateRelease(token string) {
	s.t.Helper()
	s.do(live.merge("HelmRelease", "podinfo", "podinfo", "", map[string]any{"metadata": map[string]any{"annotations": map[string]any{requestedAt: token}}}))
}

func (s *clusterSite) suspend(suspend bool) {
	s.t.Helper()
	s.do(live.merge("HelmRelease", "podinfo", "podinfo", "", map[string]any{"spec": map[string]any{"suspend": suspend}}))
}

// suspended: what is suspended handles nothing.
func (s *clusterSite) suspended() {
	s.t.Helper()
	s.suspend(true)
	s.change("ui: {message: Nobody reads it}\n")
	s.push()
	s.becomes("suspended: applied, and it is suspended: Helm has other values than this tree")
	s.is(1, "suspended: applied, and it is suspended: Helm has other values than this tree")
	s.suspend(false)
	s.becomes("rolled out: ")
	s.suspend(true)
	s.becomes("suspended: it has what this tree has, and has been suspended since: it takes nothing more in")
	s.suspend(false)
}

// failed: of a release that fails for good the end is not waited for.
func (s *clusterSite) failed() {
	s.t.Helper()
	s.change("broken: true\n")
	s.push()
	got := s.run("fluxsum", "status", "--kubectl", "--wait", "--timeout", patience.String())
	if got.status != 1 || !strings.HasPrefix(got.stdout, "failed ") || !strings.Contains(got.stdout, refused) {
		s.t.Errorf("a release that fails: exit status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// gone: the release is deleted, and its Kustomization does not bring it back.
func (s *clusterSite) gone() {
	s.t.Helper()
	s.do(live.merge("Kustomization", s.namespace, "apps", "", map[string]any{"spec": map[string]any{"suspend": true}}))
	s.must("kubectl", "delete", "helmrelease", "podinfo", "-n", "podinfo", "--wait")
	s.is(1, "not there: the cluster has no HelmRelease podinfo in namespace podinfo; Kustomization apps is suspended")
}

// text is a file of the repository.
func (r *repository) text(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(name)))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// checkStatus compares what status says of a release, or of a Kustomization, with what
// was seen: its checksum is rolled out when Helm has the new values, or these are the old
// ones; a Kustomization has been reconciled. What is only there is applied. Of comments
// helm-controller 1.4 makes no release in some rows where 1.6 does: nothing is missing.
func (r row) checkStatus(s *site, saw seen) {
	s.t.Helper()
	if len(r.rules) == 0 || r.subject.kind != "HelmRelease" && r.subject.kind != "Kustomization" {
		return
	}
	arrived := saw.Fails == "" && (saw.Upgraded || r.same || r.subject.kind == "Kustomization" && saw.Woken) && !s.suspended(r.subject)
	got := s.run("fluxsum", "status", "--kubectl", "-o", "json")
	var out struct {
		Results []struct {
			State, Message string
			Object         struct{ Kind string }
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil || len(out.Results) == 0 && r.target == "" {
		s.t.Fatalf("fluxsum status: exit status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	for _, one := range out.Results {
		if one.Object.Kind == r.subject.kind && (one.State == "rolled out") != arrived && r.old == nil {
			s.t.Errorf("status says %s, %s; seen %+v", one.State, one.Message, saw)
		}
	}
}
