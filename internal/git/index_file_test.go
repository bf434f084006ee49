package git

import (
	"context"
	"crypto/sha1"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// repository makes a repository by shell commands, one a line.
func repository(t testing.TB, script string) Git {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	cmd := exec.Command("sh", "-e", "-c", "git init -q\n"+script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@t", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@t")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	return Git{Dir: dir}
}

// indexes are repositories with an index of every kind that IndexFile reads.
var indexes = map[string]string{
	"version 2":  "mkdir -p a/b; echo 1 >a/b/c; echo 2 >'a/ d'; printf 3 >e; chmod 755 e; ln -s e f; git add -A",
	"version 3":  "echo 1 >a; echo 2 >b; echo 3 >c; git add a b; git add -N c; git update-index --skip-worktree a; git update-index --assume-unchanged b",
	"version 4":  "for i in 1 2 3; do mkdir -p long/name$i/x; echo $i >long/name$i/x/file; echo $i >long/name$i/y; done; git add -A; git update-index --index-version 4",
	"conflict":   "echo 1 >a; git add a; git commit -q -m 1; git checkout -q -b side; echo 2 >a; git commit -q -a -m 2; git checkout -q -; echo 3 >a; git commit -q -a -m 3; git merge side || true",
	"extensions": "echo 1 >a; git add a; git commit -q -m 1; git update-index --untracked-cache; git status",
	"odd names":  "printf x >\"$(printf 'new\\nline')\"; printf x >\"$(printf 'not\\377utf8')\"; printf x >'qu\"ote'; git add -A",
	"empty":      "echo 1 >a; git add a; git rm -q --cached a",
}

func TestIndexFileReadsAsGit(t *testing.T) {
	for name, script := range indexes {
		t.Run(name, func(t *testing.T) {
			g := repository(t, script)
			f, err := OpenIndexFile(filepath.Join(g.Dir, ".git/index"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Entries([]string{"."})
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				got[i].IntentToAdd = false // git lists them like the others
			}
			want, err := g.Index(t.Context(), nil)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
			}
		})
	}
}

func TestIndexFileTellsWhatIsOnlyIntended(t *testing.T) {
	g := repository(t, indexes["version 3"])
	f, err := OpenIndexFile(filepath.Join(g.Dir, ".git/index"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := f.Entries([]string{"."})
	if err != nil || len(entries) != 3 || entries[0].IntentToAdd || entries[1].IntentToAdd || !entries[2].IntentToAdd {
		t.Errorf("%v %+v", err, entries)
	}
}

func TestIndexFileListsWhatIsAskedFor(t *testing.T) {
	g := repository(t, "mkdir -p a/b ab; echo 1 >a/b/c; echo 2 >a/d; echo 3 >ab/e; git add -A")
	f, err := OpenIndexFile(filepath.Join(g.Dir, ".git/index"))
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]string{"a": "a/b/c a/d", "a/b": "a/b/c", "ab/e": "ab/e", "ab/e/f": "", "a/": "", "b": ""} {
		entries, err := f.Entries([]string{asked})
		var names []string
		for _, e := range entries {
			names = append(names, e.Path)
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: %q, expected %q (%v)", asked, got, want, err)
		}
	}
}

// TestIndexFileLeavesOtherKindsToGit: entries of a split or a sparse index are
// not all in the file.
func TestIndexFileLeavesOtherKindsToGit(t *testing.T) {
	for name, script := range map[string]string{
		"split":  "echo 1 >a; git add a; git update-index --split-index; echo 2 >b; git add b",
		"sparse": "mkdir a b; echo 1 >a/a; echo 2 >b/b; git add -A; git commit -q -m 1; git sparse-checkout init --cone --sparse-index; git sparse-checkout set a",
	} {
		g := repository(t, script)
		f, err := OpenIndexFile(filepath.Join(g.Dir, ".git/index"))
		if err == nil {
			_, err = f.Entries([]string{"."})
		}
		if err == nil {
			t.Errorf("a %s index was read", name)
		}
	}
}

// FuzzIndexFile: whatever the file holds, reading it ends without a panic, and what
// is read is what git reads, where that takes the file.
func FuzzIndexFile(f *testing.F) {
	g := repository(f, "")
	for _, name := range []string{"version 2", "version 3", "version 4", "extensions"} {
		text, err := os.ReadFile(filepath.Join(repository(f, indexes[name]).Dir, ".git/index"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "index")
		if err := os.WriteFile(path, sealed(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := OpenIndexFile(path)
		if err != nil {
			return
		}
		entries, err := file.Entries([]string{"."})
		if err != nil || slices.ContainsFunc(entries, func(e Entry) bool { return !fs.ValidPath(e.Path) }) {
			return // git prints other paths in another way
		}
		git := Git{Dir: g.Dir, Env: []string{"GIT_INDEX_FILE=" + path}}
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Second) // in a broken bitmap git may be for minutes
		defer stop()
		if want, err := git.Index(ctx, nil); err == nil && !slices.Equal(comparable(entries), comparable(want)) {
			t.Fatalf("read %+v\ngit  %+v", entries, want)
		}
	})
}

// sealed is an index with the checksum at its end that git looks for.
func sealed(text []byte) []byte {
	if len(text) < sha1.Size {
		return text
	}
	body := text[:len(text)-sha1.Size]
	sum := sha1.Sum(body)
	return slices.Concat(body, sum[:])
}

// comparable are entries without what git does not print.
func comparable(entries []Entry) []Entry {
	all := slices.Clone(entries)
	for i := range all {
		all[i].IntentToAdd = false
		if all[i].Stage > 0 {
			all[i].SkipWorktree = false // of a conflict git prints that it is one
		}
	}
	return all
}
