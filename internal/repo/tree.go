package repo

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Tree is what Git has stored, the index or a commit, as an fs.FS: a folder of
// it with all that is below. Nothing is read before it is asked for.
type Tree struct {
	ctx     context.Context
	prefix  string      // of the folder, from the top of the worktree
	mu      *sync.Mutex // of the nodes, which become known bit by bit
	root    *node       // of the top
	objects objects
	look    func(dir *node, dirPath, name string) error // makes an entry of dir known
	absent  func(name string) (message, hint string)
	modules *modules
	folders sharedFolders // nil: each tree has its own
}

// objects reads the objects of a repository; git.Batch does.
type objects interface {
	Object(id string) (kind string, text io.ReadCloser, err error)
	Close() error
}

// node is a file or folder of a tree.
type node struct {
	mode     uint32
	id       string
	entry    *git.Entry // of the index
	children map[string]*node
	loaded   bool    // children are all there are
	objects  objects // that hold it; nil: those of the tree
}

func newFolder() *node { return &node{mode: git.ModeTree, children: map[string]*node{}} }

// Close lets go of the repository.
func (t *Tree) Close() error {
	t.modules.close()
	return t.objects.Close()
}

// Enter makes another folder, from the top, the one that the tree shows.
func (t *Tree) Enter(prefix string) { t.prefix = prefix }

// Prefix returns the folder that the tree shows, from the top.
func (t *Tree) Prefix() string { return t.prefix }

// Absent says why a file is not there.
func (t *Tree) Absent(name string) (message, hint string) { return t.absent(path.Join(t.prefix, name)) }

// maxLinks is how many links a path may go through, as in Linux.
const maxLinks = 40

// find returns the node of a path below the folder; follow says whether a
// symlink at its end is followed.
func (t *Tree) find(op, name string, follow bool) (*node, error) {
	if err := checkName(op, name); err != nil {
		return nil, err
	}
	n, _, err := t.walk(name, follow)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return n, nil
}

// way is how a path was walked.
type way struct {
	parts []string // from the top
	at    int
	steps []step
	links int
}

// step is a node on a way.
type step struct {
	path string
	node *node
}

// walk goes along a path, through symlinks that stay below the folder of the
// tree and into submodules; the way tells where it led, and the steps that are
// symlinks, submodules or the end.
func (t *Tree) walk(name string, follow bool) (*node, *way, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := &way{parts: split(path.Join(t.prefix, name))}
	n := t.root
	for w.at < len(w.parts) {
		child, err := t.child(n, w.dir(), w.parts[w.at])
		if err == nil {
			n, err = t.forward(w, child, follow)
		}
		if err != nil {
			return nil, w, err
		}
	}
	return n, w, nil
}

// forward goes one step of a way, to a child of where it is.
func (t *Tree) forward(w *way, child *node, follow bool) (*node, error) {
	last := w.at == len(w.parts)-1
	here := step{path.Join(w.dir(), w.parts[w.at]), child}
	switch {
	case child.mode == git.ModeSymlink && (!last || follow):
		w.steps = append(w.steps, here)
		return t.root, t.followed(w, child)
	case child.mode == git.ModeSubmodule && !last:
		w.steps = append(w.steps, here)
		w.at++
		return t.module(child, here.path)
	case child.mode != git.ModeTree && last:
		w.steps = append(w.steps, here)
	}
	w.at++
	return child, nil
}

// dir is the folder that a way has come to.
func (w *way) dir() string { return strings.Join(w.parts[:w.at], "/") }

func split(name string) []string {
	if name == "." {
		return nil
	}
	return strings.Split(name, "/")
}

// followed sets the way anew, to where a symlink on it leads.
func (t *Tree) followed(w *way, link *node) error {
	if w.links++; w.links > maxLinks {
		return fluxsum.ErrLinkLoop
	}
	text, err := t.content(link)
	if err != nil {
		return err
	}
	to := path.Join(append([]string{w.dir(), string(text)}, w.parts[w.at+1:]...)...)
	if path.IsAbs(string(text)) || !inside(to, t.prefix) {
		return fluxsum.ErrOutsideRoot
	}
	w.parts, w.at = split(to), 0
	return nil
}

// inside says whether a path lies in a folder.
func inside(name, dir string) bool {
	if dir == "." {
		return name != ".." && !strings.HasPrefix(name, "../")
	}
	return name == dir || strings.HasPrefix(name, dir+"/")
}

// child returns an entry of a folder.
func (t *Tree) child(dir *node, dirPath, name string) (*node, error) {
	if dir.mode != git.ModeTree {
		return nil, fs.ErrNotExist // a file stands where a folder is asked for
	}
	if dir.children[name] == nil && !dir.loaded {
		if err := t.lookIn(dir, dirPath, name); err != nil {
			return nil, err
		}
	}
	if n := dir.children[name]; n != nil {
		return n, nil
	}
	return nil, fs.ErrNotExist
}

// lookIn makes the entries of a folder known, at least the one with this name;
// all of them when it is empty.
func (t *Tree) lookIn(dir *node, dirPath, name string) error {
	if dir.id == "" {
		return t.look(dir, dirPath, name)
	}
	return t.load(dir)
}

// load reads the tree object of a folder.
func (t *Tree) load(dir *node) error {
	text, err := t.object(dir, "tree")
	if err != nil {
		return err
	}
	dir.children, err = parseTree(text, len(dir.id)/2)
	for name, n := range dir.children {
		n.objects = dir.objects
		if n.mode == git.ModeTree && t.folders != nil && n.objects == nil {
			dir.children[name] = t.folders.shared(n)
		}
	}
	dir.loaded = true
	return err
}

// sharedFolders are the folders that commits have in common, by their ids.
type sharedFolders map[string]*node

// shared returns the one node of a folder.
func (s sharedFolders) shared(n *node) *node {
	if known := s[n.id]; known != nil {
		return known
	}
	s[n.id] = n
	return n
}

// module returns the folder of a submodule, at the commit that stands in the
// tree.
func (t *Tree) module(gitlink *node, at string) (*node, error) {
	if gitlink.children != nil {
		return gitlink.children["."], nil
	}
	in, err := t.modules.open(t.ctx, at)
	if err != nil {
		return nil, err
	}
	top := &node{mode: git.ModeTree, objects: in}
	text, err := t.object(&node{id: gitlink.id, objects: in}, "commit")
	if err != nil {
		return nil, &fluxsum.FileError{Message: "is in the submodule " + at + ", whose commit " + short(gitlink.id) + " is not here", Hint: "run `git submodule update --init " + at + "`"}
	}
	c, err := parseCommit(gitlink.id, text)
	if err != nil {
		return nil, err
	}
	top.id = c.Tree
	gitlink.children = map[string]*node{".": top}
	return top, nil
}

// object reads an object whole.
func (t *Tree) object(n *node, want string) ([]byte, error) {
	kind, text, err := t.holder(n).Object(n.id)
	if err != nil {
		return nil, unreadable(n.id, err)
	}
	defer text.Close()
	if kind != want {
		return nil, &fluxsum.FileError{Message: "is a " + kind + " in Git, expected a " + want}
	}
	return io.ReadAll(text)
}

// holder is what reads the object of a node.
func (t *Tree) holder(n *node) objects {
	if n.objects != nil {
		return n.objects
	}
	return t.objects
}

func (t *Tree) content(n *node) ([]byte, error) { return t.object(n, "blob") }

// unreadable says in plain words why an object cannot be read.
func unreadable(id string, err error) error {
	message := "cannot be read from Git: object " + short(id) + ": " + err.Error()
	hint := "in a partial clone the remote must be reachable; git fsck tells what is missing"
	var notFetched *git.NotFetchedError
	if errors.As(err, &notFetched) {
		hint = "where you trust it, fetch by hand: git cat-file -e " + id
	}
	if notFetched != nil || errors.Is(err, git.ErrMissing) {
		message = "cannot be read from Git: object " + short(id) + " " + err.Error()
	}
	return &fluxsum.FileError{Message: message, Hint: hint}
}

// short is a commit as git shows it.
func short(id string) string { return id[:min(len(id), 8)] }
