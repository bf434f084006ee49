package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/fluxsum/fluxsum/internal/git"
)

// History reads the commits of a repository. Trees and small files that commits
// share are read once.
type History struct {
	ctx     context.Context
	repo    *Repository
	store   *store
	cache   *objectCache
	shallow map[string]bool // commits whose parents are not here
	mu      sync.Mutex      // of the nodes of all trees
	folders sharedFolders
	modules *modules
}

// OpenHistory opens the objects of the repository. It must be closed.
func (r *Repository) OpenHistory(ctx context.Context) (*History, error) {
	store, err := r.openStore(ctx)
	if err != nil {
		return nil, err
	}
	h := &History{ctx: ctx, repo: r, store: store, cache: newObjectCache(store), shallow: map[string]bool{}, folders: sharedFolders{}, modules: newModules(r)}
	if text, err := os.ReadFile(filepath.Join(r.CommonDir, "shallow")); err == nil {
		for id := range strings.FieldsSeq(string(text)) {
			h.shallow[id] = true
		}
	}
	return h, nil
}

// Close lets go of the repository.
func (h *History) Close() error {
	h.modules.close()
	return h.store.Close()
}

// RevisionError is a revision that names no commit that is here.
type RevisionError struct {
	Revision string
	Shallow  bool // history is missing
}

// Error says what is wrong.
func (e *RevisionError) Error() string { return fmt.Sprintf("%q names no commit here", e.Revision) }

// Resolve returns the commit that a revision stands for: as git reads it, where
// there is one.
func (h *History) Resolve(rev string) (Commit, error) {
	unknown := &RevisionError{rev, len(h.shallow) > 0}
	if rev == "" || rev[0] == '-' {
		return Commit{}, unknown
	}
	if rev != "HEAD" || h.store.goGit == nil {
		id, err := h.repo.Git().Line(h.ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
		if err == nil && strings.HasPrefix(id, "^") {
			return Commit{}, unknown
		}
		if err == nil {
			return h.Commit(id)
		}
		if !errors.Is(err, git.ErrNoBinary) {
			return Commit{}, unknown
		}
	}
	c, err := h.revision(rev)
	if errors.Is(err, errRevision) {
		err = unknown
	}
	return c, err
}

// Commit reads a commit by its id, which may be that of a tag.
func (h *History) Commit(id string) (Commit, error) {
	for range maxLinks {
		kind, text, err := h.read(id)
		switch {
		case err != nil:
			return Commit{}, fmt.Errorf("commit %s %w", short(id), err)
		case kind == "commit":
			return parseCommit(id, text)
		case kind != "tag":
			return Commit{}, &RevisionError{id, false}
		}
		head, _, _ := bytes.Cut(text, []byte("\n"))
		id = strings.TrimPrefix(string(head), "object ")
	}
	return Commit{}, errObject
}

func (h *History) read(id string) (kind string, text []byte, err error) {
	kind, r, err := h.store.Object(id)
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	text, err = io.ReadAll(r)
	return kind, text, err
}

// IsShallow says whether commits are missing.
func (h *History) IsShallow() bool { return len(h.shallow) > 0 }

// ModuleOf returns the path of the submodule on the way to a file of a commit; "" for
// none. Paths are from the top.
func (h *History) ModuleOf(c Commit, path string) string {
	n, at, err := h.Tree(c, ".").plain(path)
	if err != nil || n == nil || n.mode != git.ModeSubmodule {
		return ""
	}
	return at
}

// Blob opens a content.
func (h *History) Blob(id string) (io.ReadCloser, error) {
	_, text, err := h.store.Object(id)
	if err != nil {
		return nil, unreadable(id, err)
	}
	return text, nil
}

// Tree shows the folder prefix of a commit. Closing the History closes it.
func (h *History) Tree(c Commit, prefix string) *Tree {
	h.mu.Lock()
	defer h.mu.Unlock()
	root := h.folders.shared(&node{mode: git.ModeTree, id: c.Tree})
	absent := func(string) (string, string) { return "is not in commit " + short(c.ID), "" }
	return &Tree{ctx: h.ctx, mu: &h.mu, prefix: prefix, root: root, objects: h.cache, absent: absent, modules: h.modules, folders: h.folders}
}

// MissingHistory says that a shallow clone lacks what would be needed.
type MissingHistory struct{ Commit string }

// Error says where history ends.
func (e *MissingHistory) Error() string {
	return "history ends at commit " + short(e.Commit) + ": this clone is shallow"
}

// ErrUnrelated says that the two ends of a range have no commit in common.
var ErrUnrelated = errors.New("have no commit in common")

// Between returns the commits of from..to, parents before children: those that
// to leads back to and from does not.
func (h *History) Between(from, to Commit) ([]Commit, error) {
	known, err := h.ancestors(from)
	if err != nil {
		return nil, err
	}
	r := &ranger{history: h, known: known, seen: map[string]bool{}}
	if err := r.walk(to); err != nil {
		return nil, err
	}
	if !r.met {
		return nil, ErrUnrelated
	}
	return r.commits, nil
}

// ancestors returns the ids of a commit and of all that it leads back to, as
// far as they are here.
func (h *History) ancestors(c Commit) (map[string]bool, error) {
	all := map[string]bool{c.ID: true}
	for todo := []Commit{c}; len(todo) > 0; {
		c, todo = todo[len(todo)-1], todo[:len(todo)-1]
		for _, id := range h.parents(c) {
			if all[id] {
				continue
			}
			all[id] = true
			parent, err := h.Commit(id)
			if err != nil {
				return nil, err
			}
			todo = append(todo, parent)
		}
	}
	return all, h.ctx.Err()
}

// parents returns those of a commit that are here.
func (h *History) parents(c Commit) []string {
	if h.shallow[c.ID] {
		return nil
	}
	return c.Parents
}

// ranger collects the commits of a range.
type ranger struct {
	history *History
	known   map[string]bool // what the range leaves out
	seen    map[string]bool
	met     bool // the range begins where something known ends
	commits []Commit
}

// visit is a commit with the parents that are still to be visited.
type visit struct {
	commit  Commit
	parents []string
}

// walk goes back from a commit, first parents first, and collects each commit
// after its parents.
func (r *ranger) walk(to Commit) error {
	if r.met = r.known[to.ID]; r.met {
		return nil
	}
	for open := []visit{{to, to.Parents}}; len(open) > 0; {
		last := &open[len(open)-1]
		if len(last.parents) == 0 {
			r.commits = append(r.commits, last.commit)
			open = open[:len(open)-1]
			continue
		}
		id := last.parents[0]
		last.parents = last.parents[1:]
		r.met = r.met || r.known[id]
		if r.known[id] || r.seen[id] {
			continue
		}
		if r.history.shallow[last.commit.ID] {
			return &MissingHistory{last.commit.ID}
		}
		r.seen[id] = true
		parent, err := r.history.Commit(id)
		if err != nil {
			return err
		}
		open = append(open, visit{parent, parent.Parents})
	}
	return r.history.ctx.Err()
}

// HasFile says whether the tree holds a file.
func (t *Tree) HasFile(name string) (bool, error) {
	info, err := t.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && !info.IsDir(), err
}
