package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// updateCommit commits the checksums that are not true in HEAD. The commit is
// made of HEAD, with an index of its own, so that nothing else can join it.
func (a *app) updateCommit(ctx context.Context, args []string, f *updateFlags) error {
	r, err := discover(ctx)
	if err != nil {
		return err
	}
	if err := canCommit(ctx, r); err != nil {
		return err
	}
	return a.withPlan(ctx, where{rev: "HEAD"}, args, func(p *project, plan *fluxsum.Plan) error {
		return a.carryOut(p, plan, f, func() error {
			if len(plan.Changes) == 0 {
				return nil
			}
			return a.commit(ctx, r, p, plan, f.message)
		})
	})
}

// unfinished are the files that tell of an operation whose commit would be
// another one than ours.
var unfinished = []struct{ file, what string }{
	{"MERGE_HEAD", "a merge"}, {"CHERRY_PICK_HEAD", "a cherry-pick"}, {"REVERT_HEAD", "a revert"}, {"SQUASH_MSG", "a squashed merge"},
}

// canCommit refuses a repository in which a commit of HEAD cannot be made now.
func canCommit(ctx context.Context, r *repo.Repository) error {
	if r.Top == "" {
		return bareError(repo.ErrBare)
	}
	for _, u := range unfinished {
		if fileThere(filepath.Join(r.Dir, u.file)) {
			return &userError{u.what + " is not finished", "commit or abort it first; in that commit the hook, or `fluxsum update --staged`, sets the checksums"}
		}
	}
	if _, err := r.Git().Run(ctx, nil, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		if errors.Is(err, git.ErrNoBinary) {
			return err
		}
		return &userError{"HEAD has no commit yet", "run `fluxsum update --staged`, then make the first commit"}
	}
	if lock := filepath.Join(r.Dir, "index.lock"); fileThere(lock) {
		return stageError(&repo.LockedError{Path: lock})
	}
	return nil
}

func fileThere(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// commit commits the changes of a plan of HEAD, and brings them into the worktree and
// the index, where these still show the old checksums. These come first: whatever
// happens between, another run makes the commit. (And there are hooks that stage files
// anew.)
func (a *app) commit(ctx context.Context, r *repo.Repository, p *project, plan *fluxsum.Plan, message string) error {
	prefix, _ := r.Prefix(p.root)
	own, err := r.IndexOf(ctx, p.name, prefix)
	if err != nil {
		return err
	}
	defer own.Remove()
	if err := own.Stage(ctx, plan.Changes); err != nil {
		return stageError(err)
	}
	ahead, err := a.goAhead(ctx, r, prefix, plan)
	defer ahead.close()
	if err != nil {
		return err
	}
	if message == "" {
		message = commitMessage(plan)
	}
	id, err := own.Commit(ctx, a.stderr, message)
	if err != nil {
		ahead.takeBack(context.WithoutCancel(ctx))
		return commitError(err)
	}
	ahead.index.Refresh(ctx)
	ahead.follow.tell()
	if !a.settings.quiet {
		fmt.Fprintf(a.stderr, "committed %s: %s\n", id[:8], report.Printable(message))
	}
	return nil
}

// ahead is a worktree and an index that hold what a commit will.
type ahead struct {
	app    *app
	repo   *repo.Repository
	prefix string
	index  *repo.Index
	follow *following
	staged []fluxsum.Change
}

// goAhead makes the changes of a plan of HEAD in the worktree and in the index: in both,
// or in neither. It must be closed.
func (a *app) goAhead(ctx context.Context, r *repo.Repository, prefix string, plan *fluxsum.Plan) (h *ahead, err error) {
	h = &ahead{app: a, repo: r, prefix: prefix, follow: &following{Writing: &repo.Writing{}}}
	if h.index, err = r.OpenIndex(ctx, prefix); err != nil {
		return h, err
	}
	if h.follow, err = a.followCommit(ctx, r, prefix, plan); err != nil {
		return h, err
	}
	h.staged = inIndex(ctx, h.index, plan)
	if err := h.index.Stage(ctx, h.staged); err != nil {
		h.follow.takeBack()
		return h, stageError(err)
	}
	return h, nil
}

func (h *ahead) close() {
	h.follow.Discard()
	if h.index != nil {
		h.index.Close()
	}
}

// takeBack puts both back, where nobody has written or staged anything else since.
func (h *ahead) takeBack(ctx context.Context) {
	h.follow.takeBack()
	index, err := h.repo.OpenIndex(ctx, h.prefix)
	if err == nil {
		defer index.Close()
		err = index.Stage(ctx, reversed(index, h.staged))
	}
	if err != nil {
		h.app.complain(stageError(err))
		h.app.hint("the index holds the new checksums: `git restore --staged` puts the old ones back")
	}
}

// reversed is what takes changes back that an index still holds.
func reversed(index *repo.Index, changes []fluxsum.Change) []fluxsum.Change {
	var back []fluxsum.Change
	for _, c := range changes {
		if now, err := fs.ReadFile(index, c.File); err == nil && bytes.Equal(now, c.After) {
			back = append(back, fluxsum.Change{File: c.File, Before: c.After, After: c.Before})
		}
	}
	return back
}

// followCommit brings the changes into the worktree, and lets go of it: hooks of the
// commit may run fluxsum.
func (a *app) followCommit(ctx context.Context, r *repo.Repository, prefix string, plan *fluxsum.Plan) (*following, error) {
	worktree, err := repo.OpenWorktree(filepath.Join(r.Top, filepath.FromSlash(prefix)))
	if err != nil {
		return a.follow(ctx, nil, plan) // nothing is checked out there
	}
	worktree.UseGitDir(r)
	if err := a.lock(ctx, &project{worktree: worktree}); err != nil {
		return &following{app: a, Writing: &repo.Writing{}, own: worktree}, err
	}
	follow, err := a.follow(ctx, worktree, plan)
	worktree.Unlock()
	follow.own = worktree
	return follow, err
}

// inIndex is the changes of a plan of HEAD for an index: each checksum there that is
// still the old one.
func inIndex(ctx context.Context, index *repo.Index, plan *fluxsum.Plan) []fluxsum.Change {
	var changes []fluxsum.Change
	for _, c := range plan.Changes {
		text, err := fs.ReadFile(index, c.File)
		if err != nil {
			continue // staged for deletion, or in conflict
		}
		if after, _ := plan.Transfer(ctx, c.File, text); after != nil {
			changes = append(changes, fluxsum.Change{File: c.File, Before: text, After: after})
		}
	}
	return changes
}

// commitError says why there is no commit.
func commitError(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, repo.ErrNotTakenBack):
		return &userError{err.Error(), "look at it with git log, and at what undoes it with git reflog"}
	case errors.Is(err, repo.ErrOtherCommit):
		return &userError{err.Error() + ", so it was taken back", "a hook changed what was to be committed, or somebody else committed; try again, or commit by hand after `fluxsum update --staged`"}
	}
	return &userError{"git commit failed, so nothing was committed", "what it said stands above"}
}

// commitMessage says which checksums a plan sets right.
func commitMessage(plan *fluxsum.Plan) string {
	var rules []string
	for _, r := range plan.Results {
		if r.State != fluxsum.OK && (len(rules) == 0 || rules[len(rules)-1] != r.Rule) {
			rules = append(rules, r.Rule)
		}
	}
	if len(rules) == 1 {
		return "Update the checksum of " + rules[0]
	}
	return "Update " + report.Count(len(rules), "checksum")
}
