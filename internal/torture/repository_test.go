package torture_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository is a folder with a repository in it, and its linked worktrees beside that.
type repository struct {
	t     *testing.T
	bed   string // holds all of it
	at    string // the worktree in use, below bed
	clock int    // seconds since the beginning: the same commits have the same ids
	calls int
}

// newRepository makes an empty repository with a branch main.
func newRepository(t *testing.T, args ...string) *repository {
	t.Helper()
	r := &repository{t: t, bed: filepath.Join(t.TempDir(), "bed"), at: "main"}
	if err := os.MkdirAll(r.bed, 0o755); err != nil {
		t.Fatal(err)
	}
	r.at = "."
	r.must("git", append(append([]string{"init", "-q", "-b", "main"}, args...), "main")...)
	r.at = "main"
	r.must("git", "config", "gc.auto", "0")
	return r
}

// dir is the worktree in use.
func (r *repository) dir() string { return filepath.Join(r.bed, r.at) }

// path is that of a file in the worktree in use.
func (r *repository) path(name string) string {
	return filepath.Join(r.dir(), filepath.FromSlash(name))
}

// ran is what came of a command.
type ran struct {
	status         int
	stdout, stderr string
}

// run runs a program in the worktree in use.
func (r *repository) run(env []string, stdin, program string, args ...string) ran {
	r.t.Helper()
	r.calls++
	cmd := exec.Command(program, args...)
	date := fmt.Sprintf("%d +0000", 1_700_000_000+r.clock)
	cmd.Dir = r.dir()
	cmd.Env = append(os.Environ(), "GIT_EDITOR=true", "GIT_MERGE_AUTOEDIT=no", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// git runs git, which may fail.
func (r *repository) git(args ...string) ran { r.t.Helper(); return r.run(nil, "", "git", args...) }

// must runs a program that succeeds, and returns what it prints.
func (r *repository) must(program string, args ...string) string {
	r.t.Helper()
	out := r.run(nil, "", program, args...)
	if out.status != 0 {
		r.t.Fatalf("%s %q: exit status %d\n%s%s", program, args, out.status, out.stdout, out.stderr)
	}
	return out.stdout
}

// write writes a file of the worktree, with the mode that it has.
func (r *repository) write(name, text string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// read returns a file of the worktree, or "" when there is none.
func (r *repository) read(name string) string {
	text, err := os.ReadFile(r.path(name))
	if err != nil {
		return ""
	}
	return string(text)
}

// inTwin does something to a copy of everything, at the same path, and takes the copy away.
func (r *repository) inTwin(do func()) {
	r.t.Helper()
	twin, saved := r.bed+".twin", r.bed+".saved"
	if out, err := exec.Command("cp", "-a", r.bed, twin).CombinedOutput(); err != nil {
		r.t.Fatalf("cp: %v\n%s", err, out)
	}
	r.swap(r.bed, saved)
	r.swap(twin, r.bed)
	do()
	if err := os.RemoveAll(r.bed); err != nil {
		r.t.Fatal(err)
	}
	r.swap(saved, r.bed)
}

func (r *repository) swap(from, to string) {
	if err := os.Rename(from, to); err != nil {
		r.t.Fatal(err)
	}
}
