package repo

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Write makes all changes or none. Each file is written beside its place and
// renamed over it, with its mode and owner, so that it is the old one or the
// new one at any time. A file that is no longer what the change was made for
// is not replaced. When one cannot be written, those before it are put back;
// the error says so when that fails too.
func (w *Worktree) Write(changes []fluxsum.Change) error {
	writing, err := w.Prepare(changes)
	defer writing.Discard()
	if err != nil {
		return err
	}
	return writing.Publish()
}

// Writing is changes that are written beside their places, and still to be
// published.
type Writing struct {
	worktree *Worktree
	changes  []fluxsum.Change
	temps    []string

	published bool
}

// Prepare writes the new files beside the old ones. They must be published, or
// discarded.
func (w *Worktree) Prepare(changes []fluxsum.Change) (*Writing, error) {
	writing := &Writing{worktree: w, changes: changes}
	for _, c := range changes {
		temp, err := w.stage(c)
		if temp != "" {
			writing.temps = append(writing.temps, temp)
		}
		if err != nil {
			return writing, &fs.PathError{Op: "write", Path: c.File, Err: reason(err)}
		}
	}
	return writing, nil
}

// Publish puts the new files in the places of the old ones: all or none.
func (p *Writing) Publish() error {
	for i, c := range p.changes {
		if err := p.worktree.publish(p.temps[i], c); err != nil {
			return errors.Join(&fs.PathError{Op: "write", Path: c.File, Err: reason(err)}, p.worktree.restore(p.changes[:i]))
		}
	}
	p.published = true
	return nil
}

// TakeBack puts the old files back, as far as they have not changed since.
func (p *Writing) TakeBack() error {
	if p.worktree == nil || !p.published {
		return nil
	}
	return p.worktree.restore(p.changes)
}

// Discard removes what has not been published.
func (p *Writing) Discard() {
	for _, temp := range p.temps {
		_ = p.worktree.remove(temp) // those that were renamed are gone
	}
}

// ErrHalf says that some files are changed and could not be put back.
var ErrHalf = errors.New("some files are changed and could not be put back")

// restore puts the old files back.
func (w *Worktree) restore(changes []fluxsum.Change) error {
	var failed []string
	for _, c := range changes {
		back := fluxsum.Change{File: c.File, Before: c.After, After: c.Before}
		temp, err := w.stage(back)
		if err == nil {
			err = w.publish(temp, back)
		}
		if err != nil {
			failed = append(failed, c.File)
			_ = w.remove(temp)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%w: %s", ErrHalf, strings.Join(failed, ", "))
	}
	return nil
}

// reason takes the path of a temporary file out of an error.
func reason(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}

// The names of files that are on their way.
const (
	tempPrefix = ".fluxsum-"
	tempSuffix = ".tmp"
)

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix)
}

// stage writes the new file beside the old one and returns its name, also with
// an error once the file is there.
func (w *Worktree) stage(c fluxsum.Change) (temp string, err error) {
	// Opening for writing asks whether the user may change this very file.
	old, err := w.root.OpenFile(c.File, os.O_RDWR|nonblock, 0)
	if err != nil {
		return "", explain(err)
	}
	defer old.Close()
	info, err := old.Stat()
	if err != nil {
		return "", err
	}
	temp, f, err := w.create(c.File)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return temp, fill(f, c.After, info)
}

// create makes a temporary file: in Git's own folder, where there is one, since
// what a kill leaves there is never committed, else beside the file. The name of
// the former is absolute.
func (w *Worktree) create(name string) (temp string, f *os.File, err error) {
	if w.gitDir != "" {
		if f, err = os.CreateTemp(w.gitDir, scratchPattern); err == nil {
			return f.Name(), f, nil
		}
	}
	temp = path.Join(path.Dir(name), tempPrefix+rand.Text()+tempSuffix)
	f, err = w.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return temp, f, err
}

func (w *Worktree) remove(temp string) error {
	if filepath.IsAbs(temp) {
		return os.Remove(temp)
	}
	return w.root.Remove(temp)
}

// rename puts a temporary file in the place of a file.
func (w *Worktree) rename(temp string, c fluxsum.Change) error {
	if !filepath.IsAbs(temp) {
		return w.root.Rename(temp, c.File)
	}
	folder, err := w.root.Open(path.Dir(c.File))
	if err != nil {
		return err
	}
	defer folder.Close()
	err = renameInto(temp, folder, path.Base(c.File))
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	w.gitDir = "" // on another file system
	beside, err := w.stage(c)
	if err == nil {
		err = w.root.Rename(beside, c.File)
	}
	if err != nil && beside != "" {
		_ = w.root.Remove(beside)
	}
	return err
}

// fill writes a new file that will replace the one that info describes.
func fill(f *os.File, text []byte, info fs.FileInfo) error {
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := keepOwner(f, info); err != nil {
		return err
	}
	// After the owner: a change of owner clears bits of the mode.
	if err := f.Chmod(info.Mode()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// publish renames the new file over the old one, unless that has changed.
func (w *Worktree) publish(temp string, c fluxsum.Change) error {
	now, err := w.root.ReadFile(c.File)
	if err != nil {
		return explain(err)
	}
	if !bytes.Equal(now, c.Before) {
		return errChanged
	}
	return w.rename(temp, c)
}
