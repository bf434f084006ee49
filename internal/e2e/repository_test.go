package e2e_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files are those of a repository: path -> text. $NS, $HELM and $URL stand for the
// namespace, the shard of helm-controller and the server of the tests.
type files map[string]string

// with is both; of two texts that of more.
func (f files) with(more files) files {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

// repository is a Git repository on disk that has the hooks of fluxsum.
type repository struct {
	t    *testing.T
	dir  string
	fill *strings.Replacer
}

func newRepository(t *testing.T, fill *strings.Replacer) *repository {
	t.Helper()
	r := &repository{t, t.TempDir(), fill}
	r.must("git", "init", "-q", "-b", "main")
	r.must("fluxsum", "hooks", "install")
	return r
}

// ran is what came of a command.
type ran struct {
	status         int
	stdout, stderr string
}

// run runs a program in the repository.
func (r *repository) run(program string, args ...string) ran {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = r.dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// must runs a program that succeeds, and returns what it prints.
func (r *repository) must(program string, args ...string) string {
	r.t.Helper()
	out := r.run(program, args...)
	if out.status != 0 {
		r.t.Fatalf("%s %q: exit status %d\n%s%s", program, args, out.status, out.stdout, out.stderr)
	}
	return out.stdout
}

// write writes files; those without a text are not there.
func (r *repository) write(all files) {
	r.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		path := filepath.Join(r.dir, filepath.FromSlash(name))
		if all[name] == "" {
			os.Remove(path)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(r.fill.Replace(all[name])), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
}

// has says whether a file is there.
func (r *repository) has(name string) bool {
	_, err := os.Stat(filepath.Join(r.dir, filepath.FromSlash(name)))
	return err == nil
}

// commit commits all files, with the hook, unless a flag says otherwise.
func (r *repository) commit(flags ...string) {
	r.t.Helper()
	r.must("git", "add", "-A")
	r.must("git", append([]string{"commit", "-q", "-m", "change"}, flags...)...)
}

// revision is that of HEAD as source-controller writes it.
func (r *repository) revision() string {
	return "main@sha1:" + strings.TrimSpace(r.must("git", "rev-parse", "HEAD"))
}

// archive is what source-controller makes of HEAD.
func (r *repository) archive() []byte {
	return []byte(r.must("git", "archive", "--format=tar.gz", "HEAD"))
}
