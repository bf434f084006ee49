package repo

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"

	"github.com/fluxsum/fluxsum/internal/git"
)

// Head lists what HEAD holds below some paths of the top, so that the index can
// be compared with it. A HEAD without a commit holds nothing.
func (r *Repository) Head(ctx context.Context, paths []string) map[string]git.Entry {
	if len(paths) > git.MaxSpecs || slices.Contains(paths, ".") {
		paths = nil
	}
	entries, err := r.Git().Tree(ctx, "HEAD", paths)
	if err != nil {
		return nil // then all that is staged is new
	}
	head := make(map[string]git.Entry, len(entries))
	for _, e := range entries {
		head[e.Path] = e
	}
	return head
}

// Differing returns the paths, from the top, that the index holds in another
// way than head, among those that were asked for.
func (i *Index) Differing(head map[string]git.Entry) []string {
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

// Entries returns what was found so far, by path.
func (i *Index) Entries() []git.Entry {
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
	_, steps, _ := t.walk(name, true)
	var paths []string
	for _, s := range steps {
		paths = append(paths, s.path)
		if s.node.mode == git.ModeSubmodule {
			break // what follows is not in this repository
		}
	}
	return paths
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
