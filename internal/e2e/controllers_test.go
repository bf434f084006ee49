package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// controller is one of Flux that runs.
type controller struct {
	Version, Metrics string // Metrics is a URL
}

// shard is the label by which Flux divides objects among controllers of a kind.
const shard = "sharding.fluxcd.io/key"

// realShard is that of the objects whose status the tests do not play.
const realShard = "real"

// flux are the controllers of Flux: of which module, the shard that each acts on, and
// flags beside those of all. Two versions of helm-controller do not see each other's
// releases.
var flux = []struct {
	tool, shard string
	flags       []string
}{
	{"helm-controller-1.4", "helm-controller-1.4", []string{"--concurrent=12"}},
	{"helm-controller-1.6", "helm-controller-1.6", []string{"--concurrent=12"}},
	{"kustomize-controller", "", []string{"--concurrent=12", "--requeue-dependency=1s"}},
	{"source-controller", realShard, []string{"--storage-path=$DIR", "--storage-addr=$FREE"}},
	{"image-reflector-controller", realShard, []string{"--storage-path=$DIR"}},
	{"image-automation-controller", realShard, nil},
	{"notification-controller", "", []string{"--receiverAddr=$FREE"}},
}

// startControllers installs the CRDs and starts all controllers.
func (s *stack) startControllers(ctx context.Context, tools map[string]tool) error {
	for _, f := range flux {
		if err := s.installCRDs(tools[f.tool]); err != nil {
			return err
		}
	}
	if err := s.awaitCRDs(ctx); err != nil {
		return err
	}
	var all []*process
	for _, f := range flux {
		p, err := s.startController(tools[f.tool], f.shard, f.flags)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	for _, p := range all {
		url := s.Controllers[p.name].Metrics
		if err := p.await(ctx, func() bool { return ok(http.DefaultClient, url) }); err != nil {
			return err
		}
	}
	return nil
}

// installCRDs installs what a tool came with. Of two versions the later wins, which
// serves both.
func (s *stack) installCRDs(t tool) error {
	files, err := filepath.Glob(t.path("*.yaml"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		group, plural, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".yaml"), "_")
		if err := s.apply("CustomResourceDefinition", "", plural+"."+group, string(text)); err != nil {
			return err
		}
	}
	return err
}

// awaitCRDs waits until the API server serves all of them, and tells those who ask what
// it serves.
func (s *stack) awaitCRDs(ctx context.Context) error {
	all, err := s.list("CustomResourceDefinition", "")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, crd := range all {
		for name := crd.text("metadata.name"); !s.serves(name); {
			select {
			case <-ctx.Done():
				return fmt.Errorf("kube-apiserver does not serve %s: %w", name, ctx.Err())
			case <-time.After(pause):
			}
		}
	}
	return nil
}

// serves says whether a definition is served in all its versions.
func (s *stack) serves(name string) bool {
	crd, err := s.get("CustomResourceDefinition", "", name)
	if established, _ := crd.condition("Established"); err != nil || established != "True" {
		return false
	}
	for i := 0; crd.at(fmt.Sprintf("spec.versions.%d", i)) != nil; i++ {
		version := fmt.Sprintf("spec.versions.%d", i)
		known, err := s.call(http.MethodGet, s.Server+"/apis/"+crd.text("spec.group")+"/"+crd.text(version+".name"), "", nil)
		if crd.at(version+".served") == true && (err != nil || !strings.Contains(fmt.Sprint(known), "name:"+crd.text("spec.names.plural"))) {
			return false
		}
	}
	return true
}

// startController starts one, with a folder and addresses of its own.
func (s *stack) startController(t tool, ofShard string, flags []string) (*process, error) {
	kind, _, _ := strings.Cut(t.name, "-controller")
	program := kind + "-controller"
	version, err := t.version(program)
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddress()
	if err != nil {
		return nil, err
	}
	dir := s.file(t.name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	if flags, err = filled(append(flagsOf(program, ofShard, metrics), flags...), dir); err != nil {
		return nil, err
	}
	s.Versions[t.name], s.Controllers[t.name] = version, &controller{version, "http://" + metrics + "/metrics"}
	return s.run(t.name, t.path(program), []string{"KUBECONFIG=" + s.kubeconfig(), "TMPDIR=" + dir, "HOME=" + dir, "RUNTIME_NAMESPACE=default"}, flags...)
}

// flagsOf are the flags that all controllers have. Events go nowhere;
// notification-controller, which takes them, listens all the same.
func flagsOf(program, ofShard, metrics string) []string {
	all := []string{"--metrics-addr=" + metrics, "--health-addr=$FREE", "--events-addr="}
	if program == "notification-controller" {
		all[2] += "$FREE"
	}
	if ofShard != "" {
		all = append(all, "--watch-label-selector="+shard+"="+ofShard)
	}
	return all
}

// filled are flags with a folder and free addresses filled in.
func filled(flags []string, dir string) ([]string, error) {
	var all []string
	for _, flag := range flags {
		free, err := freeAddress()
		if err != nil {
			return nil, err
		}
		all = append(all, strings.NewReplacer("$DIR", dir, "$FREE", free).Replace(flag))
	}
	return all, nil
}
