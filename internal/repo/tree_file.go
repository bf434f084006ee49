package repo

import (
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Open opens a file; its bytes are read with the first Read.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.find("open", name, true)
	if err != nil {
		return nil, err
	}
	if err := n.usable(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &blob{tree: t, info: info{path.Base(name), n}}, nil
}

// usable refuses what no commit would hold.
func (n *node) usable() error {
	if n.entry != nil && n.entry.Stage != 0 {
		return &fluxsum.FileError{Message: "has an unresolved merge conflict in the index", Hint: "resolve it, then git add the file"}
	}
	return nil
}

// Stat follows symlinks.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return t.info("stat", name, true) }

// Lstat does not follow a symlink at the end of name.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) { return t.info("lstat", name, false) }

func (t *Tree) info(op, name string, follow bool) (fs.FileInfo, error) {
	n, err := t.find(op, name, follow)
	if err != nil {
		return nil, err
	}
	return info{path.Base(name), n}, nil
}

// ReadLink returns what a symlink holds.
func (t *Tree) ReadLink(name string) (string, error) {
	n, err := t.find("readlink", name, false)
	if err != nil {
		return "", err
	}
	if n.mode != git.ModeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	text, err := t.content(n)
	return string(text), err
}

// ReadDir returns the entries of a folder by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := checkName("readdir", name); err != nil {
		return nil, err
	}
	n, w, err := t.walk(name, true)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil && n.mode == git.ModeSubmodule {
		n, err = t.module(n, w.steps[len(w.steps)-1].path)
	}
	if err == nil && !n.loaded {
		err = t.lookIn(n, path.Join(t.prefix, name), "")
	}
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	entries := make([]fs.DirEntry, 0, len(n.children))
	for _, child := range slices.Sorted(maps.Keys(n.children)) {
		entries = append(entries, fs.FileInfoToDirEntry(info{child, n.children[child]}))
	}
	return entries, nil
}

// blob is a file of a tree, open for reading.
type blob struct {
	tree *Tree
	info info
	text io.ReadCloser
}

// info is what Git knows of a file.
type info struct {
	name string
	node *node
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return 0 } // unknown before the file is read
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.Mode().IsDir() }

// Sys identifies the content of a file.
func (i info) Sys() any {
	if i.node.id == "" || i.IsDir() {
		return nil
	}
	return fluxsum.Blob(i.node.id)
}

func (i info) Mode() fs.FileMode {
	switch i.node.mode {
	case git.ModeTree, git.ModeSubmodule:
		return fs.ModeDir | 0o755
	case git.ModeSymlink:
		return fs.ModeSymlink | 0o777
	case git.ModeExec:
		return 0o755
	}
	return 0o644
}

func (b *blob) Stat() (fs.FileInfo, error) { return b.info, nil }

func (b *blob) Read(p []byte) (int, error) {
	if b.text == nil {
		_, text, err := b.tree.holder(b.info.node).Object(b.info.node.id)
		if err != nil {
			return 0, unreadable(b.info.node.id, err)
		}
		b.text = text
	}
	return b.text.Read(p)
}

func (b *blob) Close() error {
	if b.text == nil {
		return nil
	}
	return b.text.Close()
}
