package repo

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// mustAsk says whether git could see another repository here than its files show,
// or refuse it.
func (r *Repository) mustAsk() bool {
	_, elsewhere := r.namesWorktree()
	return r.Top == "" || elsewhere || r.isForeign()
}

// isForeign says whether git would ask safe.directory: where another user owns the
// repository. It does not once GIT_DIR names it, as in the hooks of linked worktrees.
func (r *Repository) isForeign() bool {
	if os.Getenv("GIT_DIR") != "" {
		return false
	}
	return os.Getenv("GIT_TEST_ASSUME_DIFFERENT_OWNER") != "" || isOthers(r.Dir) || r.Top != "" && isOthers(r.Top)
}

// confirmed is what git makes of a repository that was found without it. Where there
// is no git, none of its settings could do harm.
func (r *Repository) confirmed(ctx context.Context, dir string) (*Repository, error) {
	asked, err := ask(ctx, dir)
	var none *unsupported
	_, elsewhere := r.namesWorktree()
	switch {
	case errors.As(err, &none) && !elsewhere:
		return r, nil
	case err != nil:
		return nil, err
	case asked.is(r):
		return r, nil
	}
	if asked.Top == "" && elsewhere {
		return nil, fluxsum.Problems{{Message: "core.worktree of " + r.Dir + " names a worktree that does not hold this folder", Hint: "GIT_DIR and GIT_WORK_TREE name a repository whose worktree lies elsewhere"}}
	}
	if asked.named = []string{"GIT_DIR=" + asked.Dir}; asked.Top != "" {
		asked.named = append(asked.named, "GIT_WORK_TREE="+asked.Top)
	}
	return asked, nil
}

// is says whether two are the same repository.
func (r *Repository) is(other *Repository) bool {
	return Resolved(r.Top) == Resolved(other.Top) && Resolved(r.Dir) == Resolved(other.Dir) && Resolved(r.CommonDir) == Resolved(other.CommonDir)
}

// refusedByGit is the error of a git that does not trust a repository: in its words,
// with its advice.
func refusedByGit(err *git.Error) error {
	hint := ""
	for line := range strings.Lines(err.Stderr) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "git config ") {
			hint = "where you trust it: " + line
		}
	}
	if hint == "" {
		return err
	}
	return fluxsum.Problems{{Message: err.Error(), Hint: hint}}
}
