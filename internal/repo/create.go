package repo

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
)

// Create writes a file that is not there yet: it is whole, or not there.
func (w *Worktree) Create(name string, text []byte) error {
	if _, err := w.root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	temp, err := w.createAt(name, text)
	if isOtherFileSystem(err) && filepath.IsAbs(temp) {
		w.gitDir = ""
		_ = w.remove(temp)
		temp, err = w.createAt(name, text)
	}
	if err != nil {
		_ = w.remove(temp)
		return &fs.PathError{Op: "create", Path: name, Err: reason(err)}
	}
	return nil
}

// createAt writes a temporary file and renames it. Its name is returned, also with
// an error once the file is there.
func (w *Worktree) createAt(name string, text []byte) (temp string, err error) {
	folder, err := w.root.Open(path.Dir(name))
	if err != nil {
		return "", err
	}
	defer folder.Close()
	temp, f, err := w.create(name, 0o666)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := fill(f, text, nil); err != nil {
		return temp, err
	}
	return temp, w.rename(temp, folder, name)
}
