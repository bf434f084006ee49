package repo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Write makes all changes or none. Each file is written elsewhere and swapped with
// the one in its place, with its mode and owner, so that there is the old one or the
// new one at any time. A file that is no longer what the change was made for is not
// replaced. When one cannot be written, those before it are put back; the error says
// so when that fails too.
func (w *Worktree) Write(changes []fluxsum.Change) error {
	writing, err := w.Prepare(changes)
	defer writing.Discard()
	if err != nil {
		return err
	}
	return writing.Publish()
}

// Writing is changes whose files are written, and still to be put in their places.
type Writing struct {
	worktree *Worktree
	files    []*newFile
}

// newFile is the new content of a file.
type newFile struct {
	fluxsum.Change
	temp    string // its name, or that of the old file when they are swapped
	info    fs.FileInfo
	put     bool   // it stands in its place
	kept    string // where the old file is left that could not be put back
	swapped bool
}

// Prepare writes the new files. They must be published, or discarded.
func (w *Worktree) Prepare(changes []fluxsum.Change) (*Writing, error) {
	writing := &Writing{worktree: w}
	for _, c := range changes {
		f := &newFile{Change: c}
		writing.files = append(writing.files, f)
		if err := w.stage(f); err != nil {
			return writing, f.failed(err)
		}
	}
	return writing, nil
}

func (f *newFile) failed(err error) error {
	return &fs.PathError{Op: "write", Path: f.File, Err: reason(err)}
}

// Publish puts the new files in the places of the old ones: all or none. The old
// ones are looked at again at the end: whoever wrote to one of them at the last
// moment gets his own back.
func (p *Writing) Publish() error {
	for _, f := range p.files {
		if err := p.worktree.publish(f); err != nil {
			return errors.Join(f.failed(err), p.TakeBack())
		}
	}
	for _, f := range p.files {
		if err := p.worktree.untouched(f); err != nil {
			return errors.Join(f.failed(err), p.TakeBack())
		}
	}
	return nil
}

// ErrHalf says that some files are changed and could not be put back.
var ErrHalf = errors.New("some files are changed and could not be put back")

// TakeBack puts the old files back, as far as nobody has changed the new ones
// since.
func (p *Writing) TakeBack() error {
	var failed []string
	for _, f := range p.files {
		if !f.put {
			continue
		}
		if err := p.worktree.takeBack(f); err != nil {
			failed = append(failed, f.left())
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%w: %s", ErrHalf, strings.Join(failed, ", "))
	}
	return nil
}

// left names a file that could not be put back, and where its old content is.
func (f *newFile) left() string {
	if f.kept == "" {
		return f.File
	}
	return f.File + " (what it was is in " + f.kept + ")"
}

// Discard removes what is not needed any more.
func (p *Writing) Discard() {
	for _, f := range p.files {
		_ = p.worktree.remove(f.temp)
	}
}

// Linked returns the files that had other names, hard links: those keep the old
// content.
func (p *Writing) Linked() []string {
	var names []string
	for _, f := range p.files {
		if links(f.info) > 1 {
			names = append(names, f.File)
		}
	}
	return names
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

// stage writes the new file.
func (w *Worktree) stage(f *newFile) error {
	// Opening for writing asks whether the user may change this very file.
	old, err := w.root.OpenFile(f.File, os.O_RDWR|nonblock, 0)
	if err != nil {
		return explain(err)
	}
	defer old.Close()
	if f.info, err = old.Stat(); err != nil {
		return err
	}
	temp, file, err := w.create(f.File, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	f.temp = temp
	return fill(file, f.After, f.info)
}

// fill writes a new file, with the mode and owner of the one that it will replace,
// if any.
func fill(f *os.File, text []byte, like fs.FileInfo) error {
	if _, err := f.Write(text); err != nil {
		return err
	}
	if like != nil {
		if err := resemble(f, like); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

func resemble(f *os.File, like fs.FileInfo) error {
	if err := keepOwner(f, like); err != nil {
		return err
	}
	// After the owner: a change of owner clears bits of the mode.
	return f.Chmod(like.Mode())
}

// publish puts the new file in the place of the old one, unless that has changed.
func (w *Worktree) publish(f *newFile) error {
	now, err := w.root.ReadFile(f.File)
	if err != nil {
		return explain(err)
	}
	if !bytes.Equal(now, f.Before) {
		return errChanged
	}
	err = w.place(f)
	if isOtherFileSystem(err) && filepath.IsAbs(f.temp) {
		err = w.placeBeside(f)
	}
	f.put = err == nil
	return err
}

// placeBeside does what could not be done from another file system.
func (w *Worktree) placeBeside(f *newFile) error {
	w.gitDir = ""
	_ = w.remove(f.temp)
	f.temp = ""
	if err := w.stage(f); err != nil {
		return err
	}
	return w.place(f)
}

// place gives the prepared file its name: swapped with the old one where the file
// system can do that.
func (w *Worktree) place(f *newFile) error {
	folder, err := w.root.Open(path.Dir(f.File))
	if err != nil {
		return err
	}
	defer folder.Close()
	at, from := folder, path.Base(f.temp)
	if filepath.IsAbs(f.temp) {
		at, from = nil, f.temp
	}
	err = swapInto(at, from, folder, path.Base(f.File))
	if errors.Is(err, errors.ErrUnsupported) {
		return w.rename(f.temp, folder, f.File)
	}
	f.swapped = err == nil
	return err
}

// rename moves a file that we have made to a name in a folder that is open.
func (w *Worktree) rename(temp string, folder *os.File, name string) error {
	if filepath.IsAbs(temp) {
		return renameInto(temp, folder, path.Base(name))
	}
	return w.root.Rename(temp, name)
}

// untouched says whether the old file is what it was when it was swapped.
func (w *Worktree) untouched(f *newFile) error {
	if !f.swapped {
		return nil
	}
	old, err := w.readTemp(f.temp)
	if err == nil && !bytes.Equal(old, f.Before) {
		err = errChanged
	}
	return err
}

// takeBack puts the old file back. When it cannot, the old one is kept where it is.
func (w *Worktree) takeBack(f *newFile) error {
	swapped := f.swapped
	now, err := w.root.ReadFile(f.File)
	if err == nil && !bytes.Equal(now, f.After) {
		err = errChanged
	}
	if err == nil && f.swapped {
		err = w.swapBack(f)
	} else if err == nil {
		err = w.Write([]fluxsum.Change{{File: f.File, Before: f.After, After: f.Before}})
	}
	if err != nil {
		if swapped {
			f.kept, f.temp = f.temp, ""
		}
		return err
	}
	f.put, f.swapped = false, false
	return nil
}

// swapBack swaps the old file and the new one again, unless somebody writes to the new
// one at this very moment: then that stays.
func (w *Worktree) swapBack(f *newFile) error {
	if err := w.place(f); err != nil {
		return err
	}
	if ours, err := w.readTemp(f.temp); err == nil && bytes.Equal(ours, f.After) {
		return nil
	}
	return errors.Join(errChanged, w.place(f))
}
