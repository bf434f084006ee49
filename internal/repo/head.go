package repo

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/fluxsum/fluxsum/internal/git"
)

// Head lists what HEAD holds below some paths of the top, so that the index can
// be compared with it. A HEAD without a commit holds nothing.
func (h *History) Head(paths []string) (map[string]git.Entry, error) {
	c, err := h.Resolve("HEAD")
	var unknown *RevisionError
	if errors.As(err, &unknown) {
		return nil, nil // then all that is staged is new
	}
	if err != nil {
		return nil, err
	}
	return h.Entries(c, paths)
}

// Entries lists what a commit holds at and below some paths of the top.
func (h *History) Entries(c Commit, paths []string) (map[string]git.Entry, error) {
	t := h.Tree(c, ".")
	all := map[string]git.Entry{}
	for _, p := range paths {
		n, at, err := t.plain(p)
		if err == nil {
			err = t.collect(n, at, all)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// plain goes along a path as far as it leads through folders, and returns the
// node there: nil when there is none.
func (t *Tree) plain(p string) (n *node, at string, err error) {
	n, at = t.root, "."
	for _, part := range split(p) {
		if n, err = t.child(n, at, part); errors.Is(err, fs.ErrNotExist) {
			return nil, "", nil
		}
		if err != nil {
			return nil, "", err
		}
		if at = path.Join(at, part); n.mode != git.ModeTree {
			break // of a symlink or submodule, this is all that HEAD holds
		}
	}
	return n, at, nil
}

// collect gathers the files at and below a node.
func (t *Tree) collect(n *node, at string, all map[string]git.Entry) error {
	if n == nil {
		return nil
	}
	if n.mode != git.ModeTree {
		all[at] = git.Entry{Mode: n.mode, ID: n.id, Path: at}
		return nil
	}
	if !n.loaded {
		if err := t.load(n); err != nil {
			return err
		}
	}
	for name, child := range n.children {
		if err := t.collect(child, path.Join(at, name), all); err != nil {
			return err
		}
	}
	return nil
}

// Differing returns the paths, from the top, that the index holds in another
// way than head, among those that were asked for.
func (i *Index) Differing(head map[string]git.Entry) []string {
	i.settled()
	var names []string
	staged := make(map[string]bool, len(i.entries))
	for _, e := range i.entries {
		staged[e.Path] = true
		if h, ok := head[e.Path]; !ok || h.ID != e.ID || h.Mode != e.Mode || e.Stage != 0 {
			names = append(names, e.Path)
		}
	}
	for name := range head {
		if !staged[name] && i.covered(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Listed returns the paths, from the top, that the index was asked for.
func (i *Index) Listed() []string { return slices.Sorted(maps.Keys(i.listed)) }

func (i *Index) settled() {
	i.mu.Lock()
	defer i.mu.Unlock()
	_ = i.settle() // what goes wrong here is told when the file is read
}

// Entries returns what was found so far, by path.
func (i *Index) Entries() []git.Entry {
	i.settled()
	all := slices.Clone(i.entries)
	slices.SortStableFunc(all, func(a, b git.Entry) int {
		switch {
		case a.Path < b.Path:
			return -1
		case a.Path > b.Path:
			return 1
		}
		return a.Stage - b.Stage
	})
	return all
}

// Way returns the paths, from the top, on which a file of the tree depends: it,
// and the symlinks and submodules on the way to it.
func (t *Tree) Way(name string) []string {
	_, w, err := t.walk(name, true)
	var paths []string
	if err != nil && w.at < len(w.parts) {
		paths = append(paths, path.Join(w.parts[:w.at+1]...)) // what is not there
	}
	for _, s := range w.steps {
		paths = append(paths, s.path)
		if s.node.mode == git.ModeSubmodule {
			break // what follows is not in this repository
		}
	}
	return paths
}

// Behind returns the folder, from the top, that a folder of the tree is, with
// the symlinks on its way followed.
func (t *Tree) Behind(name string) string {
	_, w, err := t.walk(name, true)
	if err != nil {
		return t.FromTop(name)
	}
	return path.Join(".", w.dir())
}

// FromTop is the path of a file of the tree, from the top.
func (t *Tree) FromTop(name string) string { return path.Join(t.prefix, name) }

// BlobID returns the id that Git gives to a text, in a repository that has ids
// like this one (gitformat-hash: SHA-1 has 40 digits, SHA-256 64).
func BlobID(text []byte, like string) string {
	head := fmt.Appendf(nil, "blob %d\x00", len(text))
	if len(like) == hex.EncodedLen(sha256.Size) {
		sum := sha256.Sum256(append(head, text...))
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(append(head, text...))
	return hex.EncodeToString(sum[:])
}
