package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// stage makes the changes of a plan in the index, and then in the worktree. Both
// are prepared at the same time.
func (a *app) stage(ctx context.Context, p *project, plan *fluxsum.Plan) error {
	if len(plan.Changes) == 0 {
		return nil
	}
	staging, err := p.index.Begin(ctx, plan.Changes)
	if err != nil {
		return stageError(err)
	}
	staged := make(chan error, 1)
	go func() { staged <- staging.Finish(ctx) }()
	follow := a.prepare(ctx, p.worktree, plan)
	defer follow.Discard()
	if err := <-staged; err != nil {
		return stageError(err)
	}
	follow.publish()
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
	f := a.prepare(ctx, w, plan)
	defer f.Discard()
	f.publish()
}

// following is changes of the worktree that follow those of the index.
type following struct {
	app *app
	*repo.Writing
	left []fluxsum.Result
	err  error
}

// prepare prepares what follow does.
func (a *app) prepare(ctx context.Context, w *repo.Worktree, plan *fluxsum.Plan) *following {
	f := &following{app: a, Writing: &repo.Writing{}}
	if w == nil {
		return f
	}
	var changes []fluxsum.Change
	for _, c := range plan.Changes {
		text, err := regular(w, c.File)
		if err != nil {
			continue // deleted, or put aside by a sparse checkout
		}
		after, left := plan.Transfer(ctx, c.File, text)
		f.left = append(f.left, left...)
		if after != nil {
			changes = append(changes, fluxsum.Change{File: c.File, Before: text, After: after})
		}
	}
	f.Writing, f.err = w.Prepare(changes)
	return f
}

// publish puts the changes in place, and tells what was left.
func (f *following) publish() {
	f.app.leftAlone(f.left)
	if f.err == nil {
		f.err = f.Publish()
	}
	if f.err != nil {
		f.app.complain(writeError(f.err))
		f.app.hint("that file still shows the old checksum; git has the new one")
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
		p.Message = fmt.Sprintf("the worktree shows another checksum of %s than was there; it is left as it is", r.Rule)
		if len(r.Problems) > 0 {
			p.Message = fmt.Sprintf("the checksum of %s is not written to the worktree: %s", r.Rule, r.Problems[0].Message)
		}
		a.warn(p)
	}
}
