package repo

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A sparse checkout leaves files out of the worktree that are in the index
// (skip-worktree): they are sources like any other, with the bytes of the index.

// Stat follows symlinks.
func (c *Checkout) Stat(name string) (fs.FileInfo, error) {
	info, err := c.Worktree.Stat(name)
	if errors.Is(err, fs.ErrNotExist) && c.leftOut(name) {
		return c.index.Stat(name)
	}
	return info, err
}

// Lstat does not follow a symlink at the end of name.
func (c *Checkout) Lstat(name string) (fs.FileInfo, error) {
	info, err := c.Worktree.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) && c.leftOut(name) {
		return c.index.Lstat(name)
	}
	return info, err
}

// leftOut says whether a sparse checkout has left out a file, or one below a
// folder: what else is missing there was deleted.
func (c *Checkout) leftOut(name string) bool {
	c.wait()
	n, _, err := c.index.walk(name, false)
	c.index.mu.Lock()
	defer c.index.mu.Unlock()
	return c.listErr == nil && err == nil && n.leftOut()
}

// leftOut says whether a node, or one below it, is not to be in the worktree.
func (n *node) leftOut() bool {
	if n.entry != nil {
		return n.entry.SkipWorktree
	}
	for _, child := range n.children {
		if child.leftOut() {
			return true
		}
	}
	return false
}

// ReadDir returns the entries of a folder by name.
func (c *Checkout) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := c.Worktree.ReadDir(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return entries, err
	}
	c.wait()
	stored, indexErr := c.index.ReadDir(name)
	if indexErr != nil {
		return entries, err
	}
	there := map[string]bool{}
	for _, e := range entries {
		there[e.Name()] = true
	}
	for _, e := range stored {
		if !there[e.Name()] && c.leftOut(path.Join(name, e.Name())) {
			entries, err = append(entries, e), nil
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}
