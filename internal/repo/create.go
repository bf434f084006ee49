package repo

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
)

// Create writes a file that is not there yet: it is whole, or not there.
func (w *Worktree) Create(name string, text []byte) error {
	if _, err := w.root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	temp := path.Join(path.Dir(name), tempPrefix+rand.Text()+tempSuffix)
	err := w.createAt(temp, text)
	if err == nil {
		err = w.root.Rename(temp, name)
	}
	if err != nil {
		_ = w.root.Remove(temp)
		return &fs.PathError{Op: "create", Path: name, Err: reason(err)}
	}
	return nil
}

func (w *Worktree) createAt(name string, text []byte) error {
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
