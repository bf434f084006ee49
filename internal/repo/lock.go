package repo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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

// TryLock keeps other fluxsums from writing in the folder until it is closed or
// unlocked: what this one has read stays true until it has written. It does not wait;
// ok says whether no other one writes. Git's own folder is locked, or outside of Git the
// config, so that nothing is left of a run that is killed. Where a file system, or
// Windows, cannot lock these, the comparison before each write stands alone.
func (w *Worktree) TryLock(config string) (ok bool) {
	if w.lock != nil {
		return true
	}
	lock := w.newLock(config)
	locked, err := lock.TryLock()
	if locked {
		w.lock = lock
	}
	return locked || err != nil
}

// Lock waits for other fluxsums, for a minute at most.
func (w *Worktree) Lock(ctx context.Context, config string) error {
	if w.TryLock(config) {
		return nil
	}
	lock := w.newLock(config)
	locked, err := waitFor(ctx, lock)
	if locked {
		w.lock = lock
	}
	return err
}

func (w *Worktree) newLock(config string) *flock.Flock {
	name := w.lockDir
	if name == "" {
		name = filepath.Join(w.root.Name(), config)
	}
	return flock.New(name, flock.SetFlag(os.O_RDONLY))
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
