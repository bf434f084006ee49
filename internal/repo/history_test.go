package repo

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// counting counts how often each object is read.
type counting struct {
	objects
	reads map[string]int
}

func (c *counting) Object(id string) (string, io.ReadCloser, error) {
	c.reads[id]++
	return c.objects.Object(id)
}

// script runs shell commands in a new repository.
func script(t *testing.T, text string) *Repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	cmd := exec.Command("sh", "-e", "-c", "git init -q\n"+text)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@t", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@t")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	r, err := Discover(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const rangeConfig = "version: 1\nrules:\n- {name: a, files: values, annotation: a, targets: target.yaml}\n- {name: b, files: ['v*'], annotation: b, targets: target.yaml}\n"

// TestRangeReadsEachObjectOnce: a verification of many commits reads each
// distinct tree and blob once.
func TestRangeReadsEachObjectOnce(t *testing.T) {
	r := script(t, "cat >.fluxsum.yaml <<'X'\n"+rangeConfig+"X\n"+
		"printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  annotations: {a: \"00000000\", b: \"00000000\"}\\n' >target.yaml\n"+
		"for i in 1 2 3 4 5 6 7 8 9; do echo $((i / 3)) >values; echo $i >other; git add -A; git commit -q -m $i; done")
	h, err := r.OpenHistory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	count := &counting{h.store, map[string]int{}}
	h.cache = newObjectCache(count)
	from, err1 := h.Resolve("HEAD~8")
	to, err2 := h.Resolve("HEAD")
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	commits, err := h.Between(from, to)
	if err != nil || len(commits) != 8 {
		t.Fatal(len(commits), err)
	}
	builder := fluxsum.Builder{Sums: &fluxsum.Sums{}}
	for _, c := range commits {
		tree := h.Tree(c, ".")
		config, err := fluxsum.LoadConfig(t.Context(), tree, fluxsum.ConfigName, fluxsum.ConfigName)
		if err != nil {
			t.Fatal(err)
		}
		if plan, err := builder.Build(t.Context(), config, tree); err != nil || len(plan.Results) != 2 || len(plan.Problems()) > 0 {
			t.Fatal(plan, err)
		}
	}
	for id, n := range count.reads {
		if n > 1 {
			t.Errorf("object %s was read %d times", id, n)
		}
	}
	const trees, config, target, values = 8, 1, 1, 4
	if got := len(count.reads); got != trees+config+target+values {
		t.Errorf("%d objects were read", got)
	}
}

func TestBetweenIsWhatGitSays(t *testing.T) {
	r := script(t, `commit() { echo "$1" >"$1"; git add "$1"; git commit -q -m "$1"; }
commit a; commit b; git checkout -q -b side; commit c; commit d; git checkout -q -; commit e
git merge -q -m f side; commit g; git checkout -q side; commit h; git checkout -q -; git merge -q -m i side
git checkout -q --orphan alone; commit j; git checkout -q -; git merge -q --allow-unrelated-histories -m k alone`)
	h, err := r.OpenHistory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, ends := range [][2]string{{"HEAD~4", "HEAD"}, {"HEAD^", "HEAD"}, {"side~2", "HEAD"}, {"HEAD~2", "side"}, {"HEAD", "side"}, {"HEAD^", "HEAD^"}, {"side", "HEAD~1"}} {
		a, err1 := h.Resolve(ends[0])
		b, err2 := h.Resolve(ends[1])
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		got, err := h.Between(a, b)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, c := range got {
			for _, p := range c.Parents {
				if contains(got, p) && !seen[p] {
					t.Errorf("%s..%s: %s stands before its parent", ends[0], ends[1], c.Subject)
				}
			}
			seen[c.ID] = true
		}
		want, err := r.Git().Line(t.Context(), "rev-list", "--count", ends[0]+".."+ends[1])
		if err != nil || want != fmt.Sprint(len(got)) {
			t.Errorf("%s..%s: %d commits, git says %s (%v)", ends[0], ends[1], len(got), want, err)
		}
	}
}

func contains(all []Commit, id string) bool {
	for _, c := range all {
		if c.ID == id {
			return true
		}
	}
	return false
}

// TestRevisionsAreThoseOfGit: what is read without git is read as git does.
func TestRevisionsAreThoseOfGit(t *testing.T) {
	r := script(t, `commit() { echo "$1" >"$1"; git add "$1"; git commit -q -m "$1"; }
commit a; commit b; git tag light; git tag -a -m x noted; git checkout -q -b side/way; commit c; git checkout -q -; commit d; git merge -q -m e side/way
git update-ref refs/remotes/origin/main HEAD~1; git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main; git tag both HEAD~2; git branch both; git pack-refs`)
	h, err := r.OpenHistory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	head, err := h.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	for _, rev := range strings.Fields("HEAD @ HEAD~1 HEAD~2 HEAD^ HEAD^2 HEAD^2~1 HEAD^0 HEAD~0 @~1^ light noted noted~1 noted^{commit} side/way heads/side/way refs/tags/light origin/main origin both " + head.ID + " " + head.ID[:7] + " " + head.ID[:5] + "^") {
		want, err := r.Git().Line(t.Context(), "rev-parse", rev+"^{commit}")
		if err != nil {
			t.Fatal(rev, err)
		}
		if got, err := h.revision(rev); err != nil || got.ID != want {
			t.Errorf("%s: %s, git says %s (%v)", rev, got.ID, want, err)
		}
	}
	for _, rev := range []string{"", "nowhere", "HEAD^9", "HEAD~99", "HEAD^^^^^^^^", "HEAD~x", "HEAD^{tree}", "HEAD:a", "ab", head.ID[:3], strings.Repeat("0", 40), "../HEAD", "-HEAD", "HEAD~99999999999999999999"} {
		if got, err := h.revision(rev); err == nil {
			t.Errorf("%q: %s", rev, got.ID)
		}
	}
}

func TestDiscoverKnowsEveryLayout(t *testing.T) {
	r := script(t, "echo a >a; git add a; git commit -q -m a; git worktree add -q ../linked; git init -q ../separate --separate-git-dir ../elsewhere; git clone -q --bare . ../bare.git; mkdir -p deep/folder")
	above := filepath.Dir(r.Top)
	for dir, want := range map[string]*Repository{
		r.Top + "/deep/folder": {Top: r.Top, Dir: r.Top + "/.git", CommonDir: r.Top + "/.git"},
		above + "/linked":      {Top: above + "/linked", Dir: r.Top + "/.git/worktrees/linked", CommonDir: r.Top + "/.git"},
		above + "/separate":    {Top: above + "/separate", Dir: above + "/elsewhere", CommonDir: above + "/elsewhere"},
		above + "/bare.git":    {Dir: above + "/bare.git", CommonDir: above + "/bare.git"},
	} {
		got, err := Discover(t.Context(), dir)
		if err != nil || got.Top != want.Top || got.Dir != want.Dir || got.CommonDir != want.CommonDir {
			t.Errorf("%s: %v %+v", dir, err, got)
		}
	}
	if _, err := Discover(t.Context(), above); err != ErrNoRepository {
		t.Errorf("above: %v", err)
	}
}
