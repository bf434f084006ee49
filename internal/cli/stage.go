package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// stage makes the changes of a plan in the index, and then in the worktree.
func (a *app) stage(ctx context.Context, p *project, plan *fluxsum.Plan) error {
	if len(plan.Changes) == 0 {
		return nil
	}
	if err := p.index.Stage(ctx, plan.Changes); err != nil {
		return stageError(err)
	}
	a.follow(ctx, p.worktree, plan)
	return nil
}

// stageError says what to do about an index that could not be written.
func stageError(err error) error {
	var locked *repo.LockedError
	if errors.As(err, &locked) {
		return &userError{err.Error(), "wait for it and try again; if no git runs, remove that file"}
	}
	return err
}

// follow brings the changes of a plan into the worktree: each checksum there
// that is still the old one. What else stands there is told, and left alone.
func (a *app) follow(ctx context.Context, w *repo.Worktree, plan *fluxsum.Plan) {
	if w == nil {
		return
	}
	var changes []fluxsum.Change
	for _, c := range plan.Changes {
		text, err := regular(w, c.File)
		if err != nil {
			continue // deleted, or put aside by a sparse checkout
		}
		after, left := plan.Transfer(ctx, c.File, text)
		a.leftAlone(left)
		if after != nil {
			changes = append(changes, fluxsum.Change{File: c.File, Before: text, After: after})
		}
	}
	if err := w.Write(changes); err != nil {
		a.complain(writeError(err))
		a.hint("the checksums are staged; the files on disk still show the old ones")
	}
}

// regular reads a file that is no symlink.
func regular(w *repo.Worktree, name string) ([]byte, error) {
	if info, err := w.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(w, name)
}

// leftAlone tells of places in the worktree that show something else than the
// index did.
func (a *app) leftAlone(left []fluxsum.Result) {
	for _, r := range left {
		p := &fluxsum.Problem{File: r.Target.File, Line: r.Target.Line, Column: r.Target.Column}
		p.Message = fmt.Sprintf("the worktree shows another checksum of %s than was staged; it is left as it is", r.Rule)
		if len(r.Problems) > 0 {
			p.Message = fmt.Sprintf("the checksum of %s is staged, but not written to the worktree: %s", r.Rule, r.Problems[0].Message)
		}
		a.warn(p)
	}
}
