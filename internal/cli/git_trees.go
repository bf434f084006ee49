package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// gitTree is a tree that Git has stored.
type gitTree interface {
	fs.FS
	HasFile(name string) (bool, error)
	Enter(prefix string)
}

// enter finds the config in a tree of the repository, and makes its folder the
// root; ok is false when there is none.
func (a *app) enter(r *repo.Repository, tree gitTree) (name, shown string, ok bool, err error) {
	candidates, err := a.configNames(r)
	if err != nil {
		return "", "", false, err
	}
	for _, c := range candidates {
		has, err := tree.HasFile(c)
		if err != nil {
			return "", "", false, unreadableError(err)
		}
		if has {
			tree.Enter(path.Dir(c))
			shown = fluxsum.ConfigName
			if a.settings.config != "" {
				shown = filepath.ToSlash(a.settings.config)
			}
			return path.Base(c), shown, true, nil
		}
	}
	return "", "", false, nil
}

// unreadableError is that of a config which Git should hold.
func unreadableError(err error) error {
	var known *fluxsum.FileError
	var pathError *fs.PathError
	switch {
	case !errors.As(err, &pathError):
	case errors.As(err, &known):
		return fluxsum.Problems{{File: pathError.Path, Message: known.Message, Hint: known.Hint}}
	case errors.Is(err, fluxsum.ErrOutsideRoot), errors.Is(err, fluxsum.ErrLinkLoop):
		return fluxsum.Problems{{File: pathError.Path, Message: pathError.Err.Error()}}
	}
	return err
}

// noConfig says that a tree holds no config.
func (a *app) noConfig(tree, hint string) error {
	if a.settings.config != "" {
		p := &fluxsum.Problem{File: filepath.ToSlash(a.settings.config), Message: "is not in " + tree, Hint: "-c takes a config file"}
		if os.Getenv("FLUXSUM_CONFIG") == a.settings.config {
			p.Hint = hint
		}
		return fluxsum.Problems{p}
	}
	return &userError{"no " + fluxsum.ConfigName + " in " + tree + ", here or in a folder above", hint}
}

// configNames are the paths, from the top, at which the config may stand: that
// of -c, else in this folder and in those above.
func (a *app) configNames(r *repo.Repository) ([]string, error) {
	if r.Top == "" { // a bare repository: paths begin at its top
		if a.settings.config != "" {
			return []string{path.Clean(filepath.ToSlash(a.settings.config))}, nil
		}
		return []string{fluxsum.ConfigName}, nil
	}
	if a.settings.config != "" {
		dir, name := filepath.Split(a.settings.config)
		folder, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		prefix, ok := r.Prefix(folder)
		if !ok {
			return nil, fluxsum.Problems{{File: filepath.ToSlash(a.settings.config), Message: "is not in the repository at " + r.Top, Hint: "-c takes a config file of this repository"}}
		}
		return []string{path.Join(prefix, name)}, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	prefix, _ := r.Prefix(here)
	var all []string
	for dir := path.Join(".", prefix); ; dir = path.Dir(dir) {
		all = append(all, path.Join(dir, fluxsum.ConfigName))
		if dir == "." {
			return all, nil
		}
	}
}

// discover finds the repository that this folder is in.
func discover(ctx context.Context) (*repo.Repository, error) {
	r, err := repo.Discover(ctx, ".")
	if errors.Is(err, repo.ErrNoRepository) {
		return nil, &userError{"this folder is in no Git repository", "run this in a clone, or name one with -C DIR"}
	}
	return r, err
}

// remembering is a builder for trees of Git, in which one blob may have many names.
func remembering() fluxsum.Builder { return fluxsum.Builder{Sums: &fluxsum.Sums{}} }

// openIndexToWrite reads what is staged once nobody else writes: what is read stays true.
func (a *app) openIndexToWrite(ctx context.Context, w where) (*project, error) {
	before, err := a.openIndex(ctx, w)
	if err != nil {
		return nil, err
	}
	defer before.close()
	if err := a.lock(ctx, before); err != nil {
		return nil, err
	}
	p, err := a.openIndex(ctx, w)
	if err == nil && p.worktree != nil {
		p.worktree.Close()
		p.worktree, before.worktree = before.worktree, nil
	}
	return p, err
}

// openIndex reads what is staged.
func (a *app) openIndex(ctx context.Context, w where) (*project, error) {
	r, err := discover(ctx)
	if err != nil {
		return nil, err
	}
	index, err := r.OpenIndex(ctx, ".")
	if err != nil {
		return nil, bareError(err)
	}
	p, err := a.indexed(ctx, r, index, w)
	if err == nil && p == nil {
		err = a.noConfig("the index", "stage it with git add")
	}
	return p, err
}

func bareError(err error) error {
	if errors.Is(err, repo.ErrBare) {
		return &userError{"this " + repo.ErrBare.Error(), "run this in a clone; --rev REV works here"}
	}
	return err
}

// indexed makes a project of an index; nil when that holds no config. Closing
// the project closes the index; where there is none, the index is closed too.
func (a *app) indexed(ctx context.Context, r *repo.Repository, index *repo.Index, w where) (*project, error) {
	name, shown, ok, err := a.enterIndex(r, index)
	if err != nil || !ok {
		index.Close()
		return nil, err
	}
	root := filepath.Join(r.Top, filepath.FromSlash(index.Prefix()))
	worktree, err := repo.OpenWorktree(root)
	if err != nil {
		worktree = nil // the folder is only in the index
	} else {
		worktree.UseGitDir(r)
	}
	p := &project{root: root, tree: index, name: "index", configName: name, configShown: shown, index: index, worktree: worktree, builder: remembering()}
	p.close = func() {
		index.Close()
		if p.worktree != nil {
			p.worktree.Close()
		}
	}
	if p, err = p.load(ctx, name, shown, w); err != nil {
		return nil, err
	}
	if err = index.Need(p.config.Paths()); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (a *app) enterIndex(r *repo.Repository, index *repo.Index) (name, shown string, ok bool, err error) {
	candidates, err := a.configNames(r)
	if err == nil {
		err = index.Need(candidates)
	}
	if err != nil {
		return "", "", false, err
	}
	return a.enter(r, index)
}

// openCommit reads a commit.
func (a *app) openCommit(ctx context.Context, w where) (*project, error) {
	r, err := discover(ctx)
	if err != nil {
		return nil, err
	}
	h, err := r.OpenHistory(ctx)
	if err != nil {
		return nil, err
	}
	c, err := h.Resolve(w.rev)
	if err == nil {
		var p *project
		if p, err = a.committed(ctx, r, h, c, w); err == nil && p != nil {
			p.close = func() { h.Close() }
			return p, nil
		}
		if err == nil {
			err = a.noConfig("commit "+c.ID[:8], "name one with -c FILE, or a later commit")
		}
	}
	h.Close()
	return nil, historyError(err)
}

// committed makes a project of a commit; nil when that holds no config.
func (a *app) committed(ctx context.Context, r *repo.Repository, h *repo.History, c repo.Commit, w where) (*project, error) {
	tree := h.Tree(c, ".")
	name, shown, ok, err := a.enter(r, tree)
	if err != nil || !ok {
		return nil, err
	}
	p := &project{root: filepath.Join(r.Top, filepath.FromSlash(tree.Prefix())), tree: tree, name: c.ID, builder: remembering(), close: func() {}}
	return p.load(ctx, name, shown, w)
}

// historyError says what to do about commits that are not here.
func historyError(err error) error {
	const deepen = "run `git fetch --unshallow`; in GitHub Actions set fetch-depth: 0"
	var unknown *repo.RevisionError
	var missing *repo.MissingHistory
	switch {
	case errors.As(err, &missing):
		return &userError{missing.Error(), deepen}
	case errors.As(err, &unknown) && unknown.Shallow:
		return &userError{unknown.Error() + ": this clone is shallow", deepen}
	case errors.As(err, &unknown) && strings.Contains(unknown.Revision, "/"):
		return &userError{unknown.Error(), "a branch of a remote must be fetched first; git branch -a shows those that are here"}
	case errors.As(err, &unknown):
		return &userError{unknown.Error(), "git log shows commits, git branch -a the branches"}
	}
	return err
}
