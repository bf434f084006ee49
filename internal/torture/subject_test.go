package torture_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// subject is a repository with fluxsum's hooks, in which checksums are to be set.
type subject struct {
	t   *testing.T
	dir string
}

// subjectFiles are three rules that write two files, one of them twice.
var subjectFiles = map[string]string{
	".fluxsum.yaml": `version: 1
rules:
  - {annotation: sum-a, files: values/a.yaml, targets: apps/one.yaml}
  - {annotation: sum-b, files: values/b.yaml, targets: apps/two.yaml}
  - {annotation: sum-all, files: values/*.yaml, targets: apps/one.yaml, algorithm: sha256}
`,
	"values/a.yaml":  "a: 1\n",
	"values/b.yaml":  "b: 1\n",
	"apps/one.yaml":  "kind: HelmRelease\nmetadata:\n  name: one\n  annotations:\n    sum-a: none\n    sum-all: none\nspec: {}\n",
	"apps/two.yaml":  "kind: HelmRelease\nmetadata:\n  name: two\n  annotations:\n    sum-b: none\n",
	"apps/other.txt": "nothing of ours\n",
}

// newSubject makes the repository: all is committed and true, then sources are
// edited, and do does the rest.
func newSubject(t *testing.T, do func(*subject)) *subject {
	t.Helper()
	s := &subject{t, t.TempDir()}
	for name, text := range subjectFiles {
		s.write(name, text)
	}
	s.git("init", "-q", "-b", "main")
	s.git("config", "gc.auto", "0")
	s.git("config", "maintenance.auto", "false")
	s.run("fluxsum", "update")
	s.git("add", "-A")
	s.git("commit", "-qm", "first")
	s.run("fluxsum", "hooks", "install")
	s.write("values/a.yaml", "a: 2\n")
	s.write("values/b.yaml", "b: 2\n")
	do(s)
	return s
}

// clone is a copy of the folder, with what is not committed.
func (s *subject) clone() *subject {
	s.t.Helper()
	dir, err := os.MkdirTemp(scratch, "subject-*")
	if err != nil {
		s.t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", s.dir+"/.", dir).CombinedOutput(); err != nil {
		s.t.Fatal(err, string(out))
	}
	return &subject{s.t, dir}
}

func (s *subject) remove() { os.RemoveAll(s.dir) }

func (s *subject) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

func (s *subject) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *subject) read(name string) string {
	text, err := os.ReadFile(s.path(name))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(text)
}

// try runs a command, and returns what it printed and its status.
func (s *subject) try(args ...string) (string, int) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (s *subject) run(args ...string) string {
	s.t.Helper()
	out, status := s.try(args...)
	if status != 0 {
		s.t.Fatalf("%v: status %d\n%s", args, status, out)
	}
	return out
}

func (s *subject) git(args ...string) string {
	s.t.Helper()
	return s.run(append([]string{"git"}, args...)...)
}

// state is all that a run may change.
type state struct {
	worktree, index map[string]string
	head            string // the tree of HEAD
}

func (s *subject) state() state {
	s.t.Helper()
	st := state{worktree: map[string]string{}, index: map[string]string{}}
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(s.dir, path)
		switch {
		case err != nil:
			return err
		case name == ".git" && d.IsDir():
			return fs.SkipDir
		case name != ".git" && !d.IsDir():
			st.worktree[filepath.ToSlash(name)] = s.read(name)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(s.git("ls-files", "-s")), "\n") {
		entry, name, _ := strings.Cut(line, "\t")
		st.index[name] = entry
	}
	st.head = strings.TrimSpace(s.git("rev-parse", "HEAD^{tree}"))
	return st
}

// between says what of a state is neither that of before nor that of after.
func (st state) between(before, after state) error {
	for what, maps := range map[string][3]map[string]string{
		"worktree": {st.worktree, before.worktree, after.worktree},
		"index":    {st.index, before.index, after.index},
	} {
		for _, name := range names(maps[0], maps[1], maps[2]) {
			if now := maps[0][name]; now != maps[1][name] && now != maps[2][name] {
				return fmt.Errorf("%s of %s is neither the old nor the new one: %q", what, name, now)
			}
		}
	}
	if st.head != before.head && st.head != after.head {
		return fmt.Errorf("HEAD holds tree %s, neither the old nor the new one", st.head)
	}
	return nil
}

func names(all ...map[string]string) []string {
	union := map[string]string{}
	for _, m := range all {
		maps.Copy(union, m)
	}
	return slices.Sorted(maps.Keys(union))
}

// sound says what is broken in the repository.
func (s *subject) sound() error {
	if out, status := s.try("git", "fsck", "--strict", "--no-dangling"); status != 0 {
		return fmt.Errorf("git fsck: %s", out)
	}
	out, status := s.try("git", "status", "--porcelain", "--untracked-files=all", "--ignored")
	if status != 0 {
		return fmt.Errorf("git status: %s", out)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if strings.HasPrefix(line, "??") || strings.HasPrefix(line, "!!") {
			return fmt.Errorf("left behind: %s", line)
		}
	}
	return nil
}

// locks returns the locks that are left in Git's folder.
func (s *subject) locks() []string {
	var found []string
	for _, pattern := range []string{"*.lock", "refs/heads/*.lock"} {
		names, _ := filepath.Glob(filepath.Join(s.dir, ".git", filepath.FromSlash(pattern)))
		found = append(found, names...)
	}
	return found
}
