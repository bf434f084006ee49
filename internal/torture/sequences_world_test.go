package torture_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// file is a regular file, on disk or in Git.
type file struct {
	mode string // as in Git: 100644 or 100755
	text string
}

// tree is files by their paths.
type tree map[string]file

// entry is one of the index.
type entry struct{ flag, mode, id, stage string }

// world is all that there is to see of a repository and its worktrees, as git tells it.
type world struct {
	gitDir       string
	branch, head string
	commit       string // the header and message of HEAD, without its tree
	refs         string
	merging      bool
	tree         tree             // of HEAD
	index        map[string]entry // by path, and the stage behind a tab
	files        tree             // of all worktrees, from the bed
	others       string           // HEAD and index of the other worktrees
}

// look looks at everything, unless nothing was done since.
func (s *sequence) look() *world {
	if s.now == nil {
		s.now = s.lookAnew()
	}
	return s.now
}

func (s *sequence) lookAnew() *world {
	w := &world{refs: s.repo.must("git", "for-each-ref", "--format=%(refname) %(objectname)")}
	about := strings.Split(s.repo.must("git", "rev-parse", "--absolute-git-dir", "HEAD", "--symbolic-full-name", "HEAD"), "\n")
	w.gitDir, w.head, w.branch = about[0], about[1], about[2]
	w.commit = s.header(w.head)
	w.index = s.entries()
	w.tree = s.treeOf(w.head)
	w.files = s.disk()
	w.merging = w.has("MERGE_HEAD")
	for _, other := range s.worktrees {
		if other != s.repo.at {
			w.others += s.elsewhere(other)
		}
	}
	return w
}

// elsewhere is what git says of another worktree.
func (s *sequence) elsewhere(at string) string {
	here := s.repo.at
	defer func() { s.repo.at = here }()
	s.repo.at = at
	return at + s.repo.git("rev-parse", "HEAD").stdout + s.repo.must("git", "ls-files", "-s", "-v", "-z")
}

// has says whether a file of Git's own folder is there.
func (w *world) has(name string) bool { return exists(filepath.Join(w.gitDir, name)) }

// header returns a commit without its tree.
func (s *sequence) header(commit string) string {
	if _, ok := s.headers[commit]; !ok {
		_, s.headers[commit], _ = strings.Cut(s.repo.must("git", "cat-file", "commit", commit), "\n")
	}
	return s.headers[commit]
}

// entries reads the index.
func (s *sequence) entries() map[string]entry {
	index := map[string]entry{}
	for line := range strings.SplitSeq(s.repo.must("git", "ls-files", "-s", "-v", "-z"), "\x00") {
		head, path, ok := strings.Cut(line, "\t")
		if words := strings.Fields(head); ok {
			index[path+"\t"+words[3]] = entry{words[0], words[1], words[2], words[3]}
		}
	}
	return index
}

// treeOf reads the tree of a commit.
func (s *sequence) treeOf(commit string) tree {
	if t, ok := s.trees[commit]; ok {
		return t
	}
	modes, ids := map[string]string{}, map[string]string{}
	for line := range strings.SplitSeq(s.repo.must("git", "ls-tree", "-r", "-z", commit), "\x00") {
		if head, path, ok := strings.Cut(line, "\t"); ok {
			words := strings.Fields(head)
			modes[path], ids[path] = words[0], words[2]
		}
	}
	s.trees[commit] = s.contents(modes, ids)
	return s.trees[commit]
}

// staged is the index as a tree; entries in conflict are not part of it.
func (s *sequence) staged(index map[string]entry) tree {
	modes, ids := map[string]string{}, map[string]string{}
	for key, e := range index {
		if path, ok := strings.CutSuffix(key, "\t0"); ok {
			modes[path], ids[path] = e.mode, e.id
		}
	}
	return s.contents(modes, ids)
}

// contents reads blobs.
func (s *sequence) contents(modes, ids map[string]string) tree {
	s.fetch(slices.Sorted(maps.Values(ids)))
	t := tree{}
	for path, id := range ids {
		t[path] = file{modes[path], s.blobs[id]}
	}
	return t
}

// fetch makes known what blobs hold.
func (s *sequence) fetch(ids []string) {
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { _, ok := s.blobs[id]; return ok })
	if len(ids) == 0 {
		return
	}
	rest := s.repo.run(nil, strings.Join(ids, "\n")+"\n", "git", "cat-file", "--batch").stdout
	for _, id := range ids {
		var size int
		head, body, _ := strings.Cut(rest, "\n")
		if _, err := fmt.Sscanf(head, id+" blob %d", &size); err != nil {
			s.repo.t.Fatalf("git cat-file: %q: %v", head, err)
		}
		s.blobs[id], rest = body[:size], body[size+1:]
	}
}

// disk reads the files of all worktrees.
func (s *sequence) disk() tree {
	files := tree{}
	err := filepath.WalkDir(s.repo.bed, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".git" && d.IsDir():
			return fs.SkipDir
		case d.Name() == ".git" || d.IsDir():
			return nil
		}
		rel, _ := filepath.Rel(s.repo.bed, name)
		text, err := os.ReadFile(name)
		files[filepath.ToSlash(rel)] = file{diskMode(d), string(text)}
		return err
	})
	if err != nil {
		s.repo.t.Fatal(err)
	}
	return files
}

func diskMode(d fs.DirEntry) string {
	if info, err := d.Info(); err == nil && info.Mode()&0o100 != 0 {
		return "100755"
	}
	return "100644"
}

// here is the files of the worktree in use.
func (s *sequence) here(w *world) tree {
	files := tree{}
	for name, f := range w.files {
		if rest, ok := strings.CutPrefix(name, s.repo.at+"/"); ok {
			files[rest] = f
		}
	}
	return files
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// difference says how two worlds differ; "" when they do not.
func difference(a, b *world) string {
	var all []string
	for _, v := range []struct{ what, a, b string }{
		{"branch", a.branch, b.branch}, {"HEAD", a.head, b.head}, {"refs", a.refs, b.refs}, {"other worktrees", a.others, b.others},
		{"merging", fmt.Sprint(a.merging), fmt.Sprint(b.merging)},
	} {
		if v.a != v.b {
			all = append(all, fmt.Sprintf("%s: %q, %q", v.what, v.a, v.b))
		}
	}
	all = append(all, differing("in the commit", a.tree, b.tree)...)
	all = append(all, differing("in the index", a.index, b.index)...)
	return strings.Join(append(all, differing("on disk", a.files, b.files)...), "\n")
}

// differing lists what is not the same in two maps.
func differing[T comparable](where string, a, b map[string]T) (all []string) {
	both := maps.Clone(a)
	maps.Copy(both, b)
	for _, name := range keys(both) {
		x, inA := a[name]
		if y, inB := b[name]; x != y || inA != inB {
			all = append(all, fmt.Sprintf("%s %q: %q (there: %t), %q (there: %t)", where, name, fmt.Sprint(x), inA, fmt.Sprint(y), inB))
		}
	}
	return all
}

// keys are those of a map in order.
func keys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
