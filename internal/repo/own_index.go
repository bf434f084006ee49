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
	index.git.Settings = []string{"core.splitIndex=false"}
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

// Errors of Commit.
var (
	// ErrOtherCommit: what git made was not what was asked for, and is taken back.
	ErrOtherCommit = errors.New("git made another commit than was asked for")
	// ErrNotTakenBack: it could not be taken back.
	ErrNotTakenBack = errors.New("git made another commit than was asked for, and it could not be taken back")
)

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
	gitErr := g.AsUser(ctx, out, "commit", "--quiet", "--message", message)
	// Git may have committed also when it, or a hook behind the commit, failed.
	made, err := o.made(context.WithoutCancel(ctx))
	if err != nil {
		return "", errors.Join(gitErr, err)
	}
	for _, c := range made {
		if c.parent == o.commit && c.tree == tree {
			return c.id, nil
		}
	}
	if gitErr != nil && len(made) == 0 {
		return "", gitErr
	}
	return "", o.takeBack(context.WithoutCancel(ctx), made)
}

// ownCommit is a commit that was made since.
type ownCommit struct{ id, parent, tree string }

// made lists the commits that HEAD has and the index was not made of.
func (o *OwnIndex) made(ctx context.Context) ([]ownCommit, error) {
	out, err := o.git.Line(ctx, "rev-list", "--format=%H %P %T", o.commit+"..HEAD")
	var all []ownCommit
	for line := range strings.SplitSeq(out, "\n") {
		if words := strings.Fields(line); len(words) == 3 {
			all = append(all, ownCommit{words[0], words[1], words[2]})
		}
	}
	return all, err
}

// takeBack takes the last commit back: it is git's answer to our question,
// unless others have gone on from it.
func (o *OwnIndex) takeBack(ctx context.Context, made []ownCommit) error {
	if len(made) == 0 {
		return ErrOtherCommit
	}
	last := made[0]
	if _, err := o.git.Run(ctx, nil, "update-ref", "-m", "fluxsum: take back", "HEAD", last.parent, last.id); err != nil {
		return ErrNotTakenBack
	}
	return ErrOtherCommit
}

// Remove removes the index.
func (o *OwnIndex) Remove() {
	o.Close()
	os.RemoveAll(o.dir)
}
