package repo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

func worktree(t *testing.T, files map[string]string) (string, *Worktree) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	w, err := OpenWorktree(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return dir, w
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func change(name, before, after string) fluxsum.Change {
	return fluxsum.Change{File: name, Before: []byte(before), After: []byte(after)}
}

// names lists what stands in a folder, so that no temporary file is missed.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWriteKeepsTheMode(t *testing.T) {
	dir, w := worktree(t, map[string]string{"a/run.yaml": "old"})
	if err := os.Chmod(filepath.Join(dir, "a/run.yaml"), 0o751); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]fluxsum.Change{change("a/run.yaml", "old", "new")}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "a/run.yaml"))
	if err != nil || info.Mode().Perm() != 0o751 || read(t, filepath.Join(dir, "a/run.yaml")) != "new" {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if got := names(t, filepath.Join(dir, "a")); len(got) != 1 {
		t.Errorf("left behind: %q", got)
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	dir, w := worktree(t, map[string]string{"a": "1", "b": "changed meanwhile"})
	err := w.Write([]fluxsum.Change{change("a", "1", "2"), change("b", "1", "2")})
	if !errors.Is(err, errChanged) {
		t.Errorf("got %v", err)
	}
	if read(t, filepath.Join(dir, "a")) != "1" || read(t, filepath.Join(dir, "b")) != "changed meanwhile" {
		t.Error("a file was written")
	}
	if got := names(t, dir); len(got) != 2 {
		t.Errorf("left behind: %q", got)
	}
}

func TestWriteStopsAtAMissingFile(t *testing.T) {
	dir, w := worktree(t, map[string]string{"a": "1"})
	err := w.Write([]fluxsum.Change{change("a", "1", "2"), change("gone", "1", "2")})
	if !errors.Is(err, fs.ErrNotExist) || read(t, filepath.Join(dir, "a")) != "1" || len(names(t, dir)) != 1 {
		t.Errorf("%v, %q", err, names(t, dir))
	}
}

func TestOpenStaysInside(t *testing.T) {
	dir, w := worktree(t, map[string]string{"in/a": "inside", "b": "b", ".git/config": "x"})
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"abs": filepath.Join(outside, "secret"), "in/up": "../b", "in/out": "../../secret", "folder": outside} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"abs", "in/out", "folder/secret"} {
		if _, err := w.Open(name); !errors.Is(err, fluxsum.ErrOutsideRoot) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"../secret", "/etc/passwd", ".git/config", "in/../b"} {
		if _, err := w.Open(name); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
	if text, err := fs.ReadFile(w, "in/up"); err != nil || string(text) != "b" {
		t.Errorf("a link that stays inside: %q %v", text, err)
	}
}

func TestReadDirHidesGit(t *testing.T) {
	_, w := worktree(t, map[string]string{".git/config": "x", "a": "1", "c": "2", "b": "3"})
	entries, err := w.ReadDir(".")
	if err != nil || len(entries) != 3 || entries[0].Name() != "a" || entries[2].Name() != "c" {
		t.Errorf("%v %v", entries, err)
	}
}

func TestFindStopsAtTheTopOfTheRepository(t *testing.T) {
	dir, _ := worktree(t, map[string]string{fluxsum.ConfigName: "", "repo/.git/HEAD": "", "repo/apps/a": "", "plain/apps/a": ""})
	if _, err := Find(filepath.Join(dir, "repo/apps")); !errors.Is(err, ErrNoConfig) {
		t.Errorf("looked above the repository: %v", err)
	}
	if got, err := Find(filepath.Join(dir, "plain/apps")); err != nil || got != filepath.Join(dir, fluxsum.ConfigName) {
		t.Errorf("%s %v", got, err)
	}
}
