package repo

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// OwnIndex is an index beside that of the user, to make a commit with.
type OwnIndex struct {
	*Index
	dir    string
	commit string // that it was made of
}

// IndexOf returns an index with the files of a commit, an id; it shows the folder
// prefix. It must be removed.
func (r *Repository) IndexOf(ctx context.Context, commit, prefix string) (*OwnIndex, error) {
	dir, err := scratchDir(r.Dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "index")
	index, err := r.OpenIndex(ctx, prefix, "GIT_INDEX_FILE="+name)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	own := &OwnIndex{index, dir, commit}
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

// ErrOtherCommit says that git has committed something else than was asked for.
var ErrOtherCommit = errors.New("git made another commit than was asked for")

// Commit commits the index, as the user would: with his identity, his signing
// and his hooks (but ours, which has nothing to do here). What git says goes to
// out. A commit that is not on top of the one that the index was made of, or does
// not hold just the index, is taken back.
func (o *OwnIndex) Commit(ctx context.Context, out io.Writer, message string) (id string, err error) {
	tree, err := o.git.Line(ctx, "write-tree")
	if err != nil {
		return "", err
	}
	g := o.git
	g.Env = append(g.Env[:len(g.Env):len(g.Env)], "FLUXSUM_SKIP=quiet")
	if err := g.AsUser(ctx, out, "commit", "--quiet", "--message", message); err != nil {
		return "", err
	}
	made, err := o.git.Line(ctx, "rev-parse", "HEAD", "HEAD^", "HEAD^{tree}")
	ids := strings.Fields(made)
	switch {
	case err != nil:
		return "", err
	case ids[1] == o.commit && ids[2] == tree:
		return ids[0], nil
	}
	_, err = o.git.Run(ctx, nil, "update-ref", "-m", "fluxsum: take back", "HEAD", ids[1], ids[0])
	return "", errors.Join(ErrOtherCommit, err)
}

// Remove removes the index.
func (o *OwnIndex) Remove() {
	o.Close()
	os.RemoveAll(o.dir)
}
