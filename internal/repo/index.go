package repo

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Index is a Tree of what is staged. Git lists the entries; each path is asked
// for once.
type Index struct {
	*Tree
	repo    *Repository
	git     git.Git
	store   *store
	listed  map[string]bool // paths that git was asked for, with all below
	pending []git.Entry     // listed, but not in the tree yet
	entries []git.Entry     // in the tree
	file    *git.IndexFile  // nil when only git can read it
	feed    chan *git.Feed  // started ahead of a change
	copyDir string          // holds the copy that feed works on, if any
}

// OpenIndex shows the folder prefix of the index that git would use in env,
// which is added to the environment: GIT_INDEX_FILE names another than usual.
func (r *Repository) OpenIndex(ctx context.Context, prefix string, env ...string) (*Index, error) {
	if r.Top == "" {
		return nil, ErrBare
	}
	g := r.Git()
	g.Env = slices.Concat(g.Env, env)
	store, err := r.openStore(ctx)
	if err != nil {
		return nil, err
	}
	i := &Index{repo: r, git: g, store: store, listed: map[string]bool{}}
	i.Tree = &Tree{ctx: ctx, mu: new(sync.Mutex), prefix: prefix, root: newFolder(), objects: store, look: i.look, absent: i.absent, modules: newModules(r)}
	return i, nil
}

// Need makes some paths known, relative to the folder, in one go.
func (i *Index) Need(names []string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	paths := make([]string, 0, len(names))
	for _, name := range names {
		if p := path.Join(i.prefix, name); !i.covered(p) {
			paths = append(paths, p)
		}
	}
	if len(paths) > git.MaxSpecs || slices.Contains(paths, ".") {
		paths = []string{i.prefix}
	}
	if len(paths) == 0 {
		return nil
	}
	return i.list(paths)
}

// covered says whether a path, from the top, has been asked for.
func (i *Index) covered(p string) bool {
	for ; ; p = path.Dir(p) {
		if i.listed[p] || p == "." {
			return i.listed[p]
		}
	}
}

func (i *Index) list(paths []string) error {
	entries, err := i.read(paths)
	if err != nil {
		return err
	}
	for _, p := range paths {
		i.listed[p] = true
	}
	i.pending = append(i.pending, entries...)
	return nil
}

// settle puts the entries that were listed into the tree. Many runs over many
// files never need the tree.
func (i *Index) settle() error {
	pending := i.pending
	i.pending = nil
	for _, e := range pending {
		if err := i.add(e); err != nil {
			return err
		}
	}
	return nil
}

// listing returns the entries of plain files among those that were listed, by
// path from the top: what is not there has to be looked for in the tree.
func (i *Index) listing() map[string]*git.Entry {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make(map[string]*git.Entry, len(i.pending))
	for n := range i.pending {
		if e := &i.pending[n]; i.file != nil && !e.IntentToAdd && e.Stage == 0 && (e.Mode == git.ModeFile || e.Mode == git.ModeExec) {
			all[e.Path] = e
		}
	}
	return all
}

// read lists the entries at and below some paths: from the file of the index,
// when it is of a common kind, else by git.
func (i *Index) read(paths []string) ([]git.Entry, error) {
	if i.openFile() {
		if entries, err := i.file.Entries(paths); err == nil {
			return entries, nil
		}
		i.file = nil
	}
	if slices.Contains(paths, ".") {
		paths = nil
	}
	return i.git.Index(i.ctx, paths)
}

// openFile says whether the file of the index can be read without git.
func (i *Index) openFile() bool {
	if i.file == nil && i.store.goGit != nil {
		i.file, _ = git.OpenIndexFile(i.File())
	}
	return i.file != nil
}

// readAnew lists the entries of some paths as they are now.
func (i *Index) readAnew(ctx context.Context, paths []string) ([]git.Entry, error) {
	if i.store.goGit != nil {
		if file, err := git.OpenIndexFile(i.File()); err == nil {
			if entries, err := file.Entries(paths); err == nil {
				return entries, nil
			}
		}
	}
	if len(paths) > git.MaxSpecs {
		paths = nil
	}
	return i.git.Index(ctx, paths)
}

// named returns the paths, from the top, of all entries of a name.
func (i *Index) named(base string) map[string]bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := map[string]bool{}
	if i.openFile() {
		if paths, err := i.file.Named(base); err == nil {
			for _, p := range paths {
				all[p] = true
			}
			return all
		}
	}
	g := i.git
	g.Env = append(g.Env[:len(g.Env):len(g.Env)], "GIT_LITERAL_PATHSPECS=0")
	out, _ := g.Run(i.ctx, nil, "ls-files", "-z", "--", base, ":(glob)**/"+base)
	for _, p := range git.Names(out) {
		all[p] = true
	}
	return all
}

// The ids of an empty file: that of a file that is only intended to be added.
const (
	emptySHA1   = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
	emptySHA256 = "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
)

// add puts an entry into the tree, unless no commit would hold it.
func (i *Index) add(e git.Entry) error {
	if e.IntentToAdd {
		return nil
	}
	if i.file == nil && (e.ID == emptySHA1 || e.ID == emptySHA256) {
		intended, err := i.git.IntendedToAdd(i.ctx, e.Path)
		if err != nil || intended {
			return err
		}
	}
	dir := i.root
	parts := strings.Split(e.Path, "/")
	for _, part := range parts[:len(parts)-1] {
		next := dir.children[part]
		if next == nil || next.children == nil {
			next = newFolder()
			dir.children[part] = next
		}
		dir = next
	}
	if dir.children[parts[len(parts)-1]] == nil {
		i.entries = append(i.entries, e)
	}
	dir.children[parts[len(parts)-1]] = &node{mode: e.Mode, id: e.ID, entry: &e}
	return nil
}

// look asks git for an entry of a folder, or for the whole folder.
func (i *Index) look(dir *node, dirPath, name string) error {
	p := path.Join(dirPath, name)
	if p == "" {
		p = "."
	}
	var err error
	if !i.covered(p) {
		err = i.list([]string{p})
	}
	if err == nil {
		err = i.settle()
	}
	dir.loaded = name == "" || i.covered(path.Join(".", dirPath))
	return err
}

// Entry returns the entry of a path below the folder, which must not be a
// symlink, a folder or in conflict.
func (i *Index) Entry(name string) (*git.Entry, error) {
	n, err := i.find("lstat", name, false)
	if err != nil {
		return nil, err
	}
	return n.entry, n.usable()
}

// absent says why a file is not in the index: by HEAD, and by what is in the
// worktree.
func (i *Index) absent(name string) (message, hint string) {
	if old, err := i.git.Tree(i.ctx, "HEAD", []string{name}); err == nil && len(old) > 0 {
		if to := i.renamed(name); to != "" {
			return "is renamed to " + to + " in the index", "name the new file in " + fluxsum.ConfigName
		}
		return "is staged for deletion", "take it out of " + fluxsum.ConfigName + ", or bring it back: git checkout HEAD -- " + name + "; where it has a new name, git add the new file"
	}
	if _, err := os.Lstat(filepath.Join(i.repo.Top, filepath.FromSlash(name))); err != nil {
		return "is not in the index", ""
	}
	message = "is not tracked by Git, so no commit holds it"
	if rule := i.git.IgnoredBy(i.ctx, name); rule != "" {
		return message, "it is ignored (" + rule + "): run `git add -f " + name + "`, or take it out of the rule"
	}
	return message, "run `git add " + name + "`"
}

// renamed returns the name that a file of HEAD has in the index now.
func (i *Index) renamed(name string) string {
	out, err := i.git.Run(i.ctx, nil, "diff-index", "--cached", "-z", "-M", "--name-status", "--diff-filter=R", "HEAD")
	names := git.Names(out)
	for n := 0; err == nil && n+2 < len(names); n += 3 {
		if names[n+1] == name {
			return names[n+2]
		}
	}
	return ""
}
