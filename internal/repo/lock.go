package repo

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// How long one fluxsum waits for another that writes in the same folder, and how
// often it asks.
const (
	lockWait = time.Minute
	lockPoll = 5 * time.Millisecond
)

// ErrBusy says that another fluxsum has been writing in this folder all the time.
var ErrBusy = errors.New("another fluxsum writes here")

// Lock keeps other fluxsums from writing in the folder until it is closed or
// unlocked: what this one has read stays true until it has written. The folder
// itself is locked, so that nothing is left of a run that is killed. Where a file
// system, or Windows, cannot lock folders, the comparison before each write stands
// alone.
func (w *Worktree) Lock(ctx context.Context) error {
	if w.lock != nil {
		return nil
	}
	lock := flock.New(w.root.Name(), flock.SetFlag(os.O_RDONLY))
	locked, err := lock.TryLock()
	if !locked && err == nil {
		locked, err = waitFor(ctx, lock)
	}
	if locked {
		w.lock = lock
	} else if ctx.Err() == nil && !errors.Is(err, ErrBusy) {
		return nil
	}
	return err
}

// waitFor waits until another fluxsum has ended.
func waitFor(ctx context.Context, lock *flock.Flock) (bool, error) {
	waiting, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	locked, err := lock.TryLockContext(waiting, lockPoll)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = ErrBusy
	}
	return locked, err
}

// Unlock lets other fluxsums write.
func (w *Worktree) Unlock() {
	if w.lock != nil {
		_ = w.lock.Close()
		w.lock = nil
	}
}
