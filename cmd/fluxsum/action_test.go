package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// action runs action.yml in the current folder, whose origin is $WORK/origin.git, and
// checks the exit status: action STATUS EVENT.json [INPUT=VALUE]...
// The log is the standard output; the outputs stand in $WORK/outputs, the summary of
// the job in $WORK/summary.md.
func action(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: action STATUS EVENT.json [INPUT=VALUE]...")
	}
	job := scriptJob(ts, args[1])
	outputs, status, err := job.runAction(inputs(args[2:]))
	ts.Check(err)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		fmt.Fprintf(&text, "%s=%s\n", name, outputs[name])
	}
	work := ts.Getenv("WORK")
	ts.Check(os.WriteFile(filepath.Join(work, "outputs"), []byte(text.String()), 0o644))
	summary, _ := os.ReadFile(job.summary())
	ts.Check(os.WriteFile(filepath.Join(work, "summary.md"), summary, 0o644))
	wantStatus(ts, args[0], status)
}

// server puts the repository of the current folder onto a server, $WORK/origin.git,
// with a branch as pull request 1: server BRANCH.
func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: server BRANCH")
	}
	ts.Check(newOrigin(ts.MkAbs("."), filepath.Join(ts.Getenv("WORK"), "origin.git"), args[0]))
}

// newOrigin makes a bare repository of another, with a branch as pull request 1.
func newOrigin(dir, origin, branch string) error {
	if err := os.Mkdir(origin, 0o755); err != nil {
		return err
	}
	script := `git clone -q --mirror "$1" .
git update-ref refs/pull/1/head "$2"
merge=$(git -c user.name=GitHub -c user.email=noreply@github.com commit-tree -p main -p "$2" -m "Merge $2" "$2^{tree}")
git update-ref refs/pull/1/merge "$merge"`
	cmd := exec.Command("sh", "-e", "-c", script, "sh", dir, branch)
	cmd.Dir = origin
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// checkout is actions/checkout into a new folder: checkout FOLDER EVENT.json [INPUT=VALUE]...
func checkout(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: checkout FOLDER EVENT.json [INPUT=VALUE]...")
	}
	job := scriptJob(ts, args[1])
	job.workspace = ts.MkAbs(args[0])
	ts.Check(os.Mkdir(job.workspace, 0o755))
	ts.Check(job.checkout(inputs(args[2:])))
}

// inputs are those of arguments INPUT=VALUE.
func inputs(args []string) map[string]string {
	with := map[string]string{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		with[name] = value
	}
	return with
}

// scriptJob is a job in the current folder of a script.
func scriptJob(ts *testscript.TestScript, event string) *gitHubJob {
	name := strings.TrimSuffix(filepath.Base(event), ".json")
	name, _, _ = strings.Cut(name, "-") // push-forced.json is a push, too
	job, err := newGitHubJob(name, []byte(ts.ReadFile(event)), filepath.Join(ts.Getenv("WORK"), "origin.git"))
	ts.Check(err)
	ts.Check(ts.Exec("env"))
	job.env = strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	job.path, job.workspace, job.program = ts.Getenv("PATH"), ts.MkAbs("."), "fluxsum"
	if url := ts.Getenv("SERVER"); url != "" {
		job.github["server_url"] = url
	}
	job.temp, err = os.MkdirTemp(ts.Getenv("WORK"), "runner temp")
	ts.Check(err)
	job.log = ts.Stdout()
	return job
}

// TestActionIsWhole holds what no script would notice: that each input and script of
// the action is used, and that GitHub finds all that it asks for.
func TestActionIsWhole(t *testing.T) {
	action, err := readAction()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, input := range action.Inputs {
		if input.Description == "" || !strings.Contains(string(text), "inputs."+name) || !strings.Contains(string(docs), "| `"+name+"` |") {
			t.Errorf("the input %s is not told or not used", name)
		}
	}
	for name, output := range action.Outputs {
		if output.Description == "" || !strings.Contains(string(docs), "| `"+name+"` |") {
			t.Errorf("the output %s is not told", name)
		}
	}
	var scripts []string
	for _, step := range action.Runs.Steps {
		if (step.Shell == "") != (step.Run == "") {
			t.Errorf("%s: each run needs its shell", step.Name)
		}
		scripts = append(scripts, step.Run)
	}
	names, err := filepath.Glob("../../.github/action/*.sh")
	if err != nil || len(names) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, name := range names {
		if _, err := os.ReadFile(name); err != nil { // so that go test, too, knows what it depends on
			t.Fatal(err)
		}
		if base := filepath.Base(name); base != "lib.sh" && !slices.Contains(scripts, `sh "$GITHUB_ACTION_PATH/.github/action/`+base+`"`) {
			t.Errorf("no step runs %s as it stands", base)
		}
	}
}

// noShell skips what needs the shell of a runner.
func noShell(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a Unix system: its sh, and its file:// remotes")
	}
}

// TestActionBuildsItsOwnVersion: without the input fluxsum the program is that of the
// sources beside action.yml, and the steps that follow have it on PATH.
func TestActionBuildsItsOwnVersion(t *testing.T) {
	onlyOnce(t)
	noShell(t)
	job := newPullRequest(t, true).checkedOut(t)
	var log strings.Builder
	job.log = &log
	outputs, status, err := job.runAction(nil)
	if err != nil || status != 0 || outputs["ok"] != "true" {
		t.Fatalf("status %d, outputs %v, %v\n%s", status, outputs, err, log.String())
	}
	status, err = job.steps([]gitHubStep{{Run: "command -v fluxsum"}}, map[string]any{})
	if built := filepath.Join(job.temp, "fluxsum", "fluxsum"); err != nil || status != 0 || !strings.HasSuffix(log.String(), built+"\n") {
		t.Errorf("status %d, %v, expected %s\n%s", status, err, built, log.String())
	}
}

// pullRequest is one of the example repository on a server, in a folder: its commits
// change a source, with the checksum or without.
type pullRequest struct{ dir, origin string }

func newPullRequest(t *testing.T, inSync bool) pullRequest {
	t.Helper()
	dir := t.TempDir()
	p := pullRequest{dir, filepath.Join(dir, "origin.git")}
	source := filepath.Join(dir, "source")
	if err := os.CopyFS(source, os.DirFS("../../testdata/matrix-gitops")); err != nil {
		t.Fatal(err)
	}
	runSession(t, source, "$ git init -q -b main && git add -A && git commit -q -m 'The example'\n"+
		"$ git checkout -q -b feature && echo '# new' >>apps/production/custom-configs/element-values.yaml && git commit -q -a -m 'A change'\n")
	if inSync {
		runSession(t, source, "$ fluxsum update -q && git commit -q -a --amend --no-edit\n")
	}
	if err := newOrigin(source, p.origin, "feature"); err != nil {
		t.Fatal(err)
	}
	return p
}

// job is one of GitHub, before its first step.
func (p pullRequest) job(t *testing.T, event string, payload []byte) *gitHubJob {
	t.Helper()
	job, err := newGitHubJob(event, payload, p.origin)
	if err != nil {
		t.Fatal(err)
	}
	job.env, job.path, job.log = ownEnvironment(), os.Getenv("PATH"), io.Discard
	for _, name := range []*string{&job.workspace, &job.temp} {
		if *name, err = os.MkdirTemp(p.dir, "runner"); err != nil {
			t.Fatal(err)
		}
	}
	return job
}

// checkedOut is a job for the pull request, with its branch checked out.
func (p pullRequest) checkedOut(t *testing.T) *gitHubJob {
	t.Helper()
	payload, err := os.ReadFile("../../testdata/events/pull_request.json")
	if err != nil {
		t.Fatal(err)
	}
	job := p.job(t, "pull_request", payload)
	if err := job.checkout(map[string]string{"ref": "feature"}); err != nil {
		t.Fatal(err)
	}
	return job
}

// ownEnvironment is that of the tests without what a real CI says in it.
func ownEnvironment() []string {
	return append(slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return regexp.MustCompile(`^(CI|CI_.*|GITHUB_.*|GITLAB_.*|RUNNER_.*|ACTIONS_.*|FLUXSUM_.*|GIT_.*)=`).MatchString(entry)
	}), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
}

// TestActionInAContainer: there the checkout belongs to another user than the one who
// runs the job.
func TestActionInAContainer(t *testing.T) {
	onlyOnce(t)
	noShell(t)
	if os.Getuid() != 0 {
		t.Skip("not root, who alone can give files to somebody else")
	}
	job := newPullRequest(t, false).checkedOut(t)
	for _, name := range []string{"", ".git", ".git/config"} {
		if err := os.Chown(filepath.Join(job.workspace, name), 54321, 54321); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	job.log = &log
	_, status, err := job.runAction(map[string]string{"mode": "fix", "fluxsum": filepath.Join(binDir, "fluxsum")})
	if err != nil || status != 0 {
		t.Errorf("status %d, %v\n%s", status, err, log.String())
	}
}

// TestActionToken: a token that is given is the only one that the server gets, also
// where actions/checkout has left another.
func TestActionToken(t *testing.T) {
	onlyOnce(t)
	noShell(t)
	change := newPullRequest(t, false)
	job := change.checkedOut(t)
	execPath, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	backend := filepath.Join(strings.TrimSpace(string(execPath)), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("git http-backend is not installed")
	}
	git := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + change.dir, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=bot", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"}}
	want := "basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:the right one"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Values("Authorization"); len(got) != 1 || got[0] != want {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		git.ServeHTTP(w, r)
	}))
	defer server.Close()
	job.github["server_url"] = server.URL
	runSession(t, job.workspace, "$ git remote set-url origin "+server.URL+"/origin.git\n"+
		"$ git config http."+server.URL+"/.extraheader 'AUTHORIZATION: basic bm8='\n")
	for _, try := range []struct {
		token string
		want  int
	}{{"", 2}, {"another", 2}, {"the right one", 0}} {
		var log strings.Builder
		job.log = &log
		_, status, err := job.runAction(map[string]string{"mode": "fix", "token": try.token, "fluxsum": filepath.Join(binDir, "fluxsum")})
		if err != nil || status != try.want {
			t.Errorf("token %q: status %d, %v, expected %d\n%s", try.token, status, err, try.want, log.String())
		}
		if try.token != "" && strings.Contains(log.String(), try.token) {
			t.Errorf("the log shows the token %q\n%s", try.token, log.String())
		}
	}
}
