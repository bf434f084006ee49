package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// stage makes the changes of a plan in the worktree and in the index: both, or
// neither. Git starts, and the blobs are written, while the worktree is prepared.
func (a *app) stage(ctx context.Context, p *project, plan *fluxsum.Plan) error {
	if len(plan.Changes) == 0 {
		return nil
	}
	// First the lock of the worktree, then that of the index: else two runs would wait
	// for each other.
	if err := a.lock(ctx, p); err != nil {
		return err
	}
	staging, err := p.index.Begin(ctx, plan.Changes)
	if err != nil {
		return stageError(err)
	}
	follow, err := a.follow(ctx, p.worktree, plan)
	defer follow.Discard()
	if err != nil {
		staging.GiveUp()
		return err
	}
	if err := staging.Finish(ctx); err != nil {
		follow.takeBack()
		return stageError(err)
	}
	follow.tell()
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

// following is changes of the worktree that follow those of the index.
type following struct {
	app *app
	*repo.Writing
	left []fluxsum.Result
	own  *repo.Worktree // opened for this alone
}

// Discard removes what is not needed any more.
func (f *following) Discard() {
	f.Writing.Discard()
	if f.own != nil {
		f.own.Close()
	}
}

// follow brings the changes of a plan into the worktree: each checksum there that is
// still the old one. What else stands there is left alone.
func (a *app) follow(ctx context.Context, w *repo.Worktree, plan *fluxsum.Plan) (*following, error) {
	f := &following{app: a, Writing: &repo.Writing{}}
	if w == nil {
		return f, nil
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
	var err error
	if f.Writing, err = w.Prepare(changes); err == nil {
		err = f.Publish()
	}
	return f, writeError(err)
}

// takeBack puts the worktree back.
func (f *following) takeBack() {
	if err := f.TakeBack(); err != nil {
		f.app.complain(writeError(err))
	}
}

// tell tells what was left alone in the worktree.
func (f *following) tell() {
	f.app.leftAlone(f.left)
	f.app.warnLinked(f.Writing)
}

// lock keeps other fluxsums from writing in the worktree of a project. While it waits,
// nobody waits for an index that it holds.
func (a *app) lock(ctx context.Context, p *project) error {
	if p.worktree == nil || p.worktree.TryLock(p.configName) {
		return nil
	}
	if p.index != nil {
		p.index.LetGo()
	}
	notice := time.AfterFunc(time.Second, func() { fmt.Fprintln(a.stderr, "fluxsum: waiting for another fluxsum that writes here") })
	defer notice.Stop()
	err := p.worktree.Lock(ctx, p.configName)
	if errors.Is(err, repo.ErrBusy) {
		err = &userError{err.Error() + ", and has not ended in a minute", "wait for it or end it, then try again"}
	}
	return err
}

// warnLinked tells which files had hard links.
func (a *app) warnLinked(w *repo.Writing) {
	for _, name := range w.Linked() {
		a.warn(&fluxsum.Problem{File: name, Message: "had another name, a hard link, which keeps the old content", Hint: "a file that Git checks out stands alone; use a symlink"})
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
