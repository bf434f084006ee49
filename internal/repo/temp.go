package repo

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// The names of files beside their places that are on their way.
const (
	tempPrefix = ".fluxsum-"
	tempSuffix = ".tmp"
)

func isTemp(name string) bool {
	return strings.HasPrefix(name, tempPrefix) && strings.HasSuffix(name, tempSuffix)
}

// create makes a temporary file on the way to a place: in Git's own folder, where
// there is one, since what a kill leaves there is never committed, else beside the
// place. The name of the former is absolute.
func (w *Worktree) create(place string, perm fs.FileMode) (temp string, f *os.File, err error) {
	const flags = os.O_RDWR | os.O_CREATE | os.O_EXCL
	if w.gitDir != "" {
		temp = filepath.Join(w.gitDir, scratchName()+rand.Text())
		if f, err = os.OpenFile(temp, flags, perm); err == nil {
			return temp, f, nil
		}
	}
	w.sweepBeside(path.Dir(place))
	temp = path.Join(path.Dir(place), tempPrefix+rand.Text()+tempSuffix)
	f, err = w.root.OpenFile(temp, flags, perm)
	return temp, f, err
}

// sweepBeside removes what killed runs have left in a folder. While we hold the
// lock no other run of this repository is on its way there.
func (w *Worktree) sweepBeside(dir string) {
	if w.lock == nil || w.swept[dir] {
		return
	}
	w.swept[dir] = true
	folder, err := w.root.Open(dir)
	if err != nil {
		return
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1)
	for _, name := range names {
		if isTemp(name) {
			_ = w.root.Remove(path.Join(dir, name))
		}
	}
}

func (w *Worktree) remove(temp string) error {
	switch {
	case temp == "":
		return nil
	case filepath.IsAbs(temp):
		return os.Remove(temp)
	}
	return w.root.Remove(temp)
}

func (w *Worktree) readTemp(temp string) ([]byte, error) {
	if filepath.IsAbs(temp) {
		return os.ReadFile(temp)
	}
	return w.root.ReadFile(temp)
}

// isOtherFileSystem says whether a rename failed because Git's own folder is on
// another file system.
func isOtherFileSystem(err error) bool { return errors.Is(err, syscall.EXDEV) }
