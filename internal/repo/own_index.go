package repo

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// OwnIndex is an index beside that of the user, to make a commit with.
type OwnIndex struct {
	*Index
	dir string
}

// IndexOf returns an index with the files of a commit; it shows the folder
// prefix. It must be removed.
func (r *Repository) IndexOf(ctx context.Context, commit, prefix string) (*OwnIndex, error) {
	dir, err := os.MkdirTemp(r.Dir, "fluxsum-")
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "index")
	index, err := r.OpenIndex(ctx, prefix, "GIT_INDEX_FILE="+name)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	own := &OwnIndex{index, dir}
	// What is known of the files on disk is taken along: reading all of them
	// again takes long in a large repository.
	if err = copyIndex(filepath.Join(r.Dir, "index"), name); err == nil {
		_, err = own.git.Run(ctx, nil, "read-tree", "--reset", commit)
	}
	if err != nil {
		own.Remove()
		return nil, err
	}
	return own, nil
}

// copyIndex copies an index, if there is one, with its time: a file that is not
// older than the index may have changed unseen, and git reads it again
// (git's Documentation/technical/racy-git).
func copyIndex(from, to string) error {
	info, err := os.Stat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// Commit commits the index, as the user would: with his identity, his signing
// and his hooks. What git says goes to out.
func (o *OwnIndex) Commit(ctx context.Context, out io.Writer, message string) error {
	return o.git.AsUser(ctx, out, "commit", "--quiet", "--message", message)
}

// Remove removes the index.
func (o *OwnIndex) Remove() {
	o.Close()
	os.RemoveAll(o.dir)
}
