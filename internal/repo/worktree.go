package repo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gofrs/flock"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Worktree is the folder of a config as an fs.FS. Paths that leave it, by ".."
// or through a symlink, cannot be opened, and Git's own folder is not shown.
type Worktree struct {
	root    *os.Root
	folders folders
	gitDir  string // where files stand that are on their way; empty: beside their place
	lockDir string // Git's own folder, which a run that writes locks; empty: the config
	lock    *flock.Flock
	swept   map[string]bool // folders without files of killed runs
}

// OpenWorktree opens the folder dir.
func OpenWorktree(dir string) (*Worktree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return newWorktree(root), nil
}

func newWorktree(root *os.Root) *Worktree {
	return &Worktree{root: root, folders: folders{root: root, open: map[string]*os.File{}}, swept: map[string]bool{}}
}

// below opens a folder in the folder, whatever stands there by now.
func (w *Worktree) below(name string) (*Worktree, error) {
	root, err := w.root.OpenRoot(name)
	if err != nil {
		return nil, explain(err)
	}
	return newWorktree(root), nil
}

// Close lets go of the folder.
func (w *Worktree) Close() error {
	w.Unlock()
	w.folders.close()
	return w.root.Close()
}

// Open opens a file for reading, without waiting for the writer of a named
// pipe.
func (w *Worktree) Open(name string) (fs.File, error) {
	if err := checkName("open", name); err != nil {
		return nil, err
	}
	f, err := w.folders.file(name)
	if err != nil {
		return nil, explain(err)
	}
	return f, nil
}

// Stat follows symlinks inside the folder.
func (w *Worktree) Stat(name string) (fs.FileInfo, error) {
	if err := checkName("stat", name); err != nil {
		return nil, err
	}
	info, err := w.root.Stat(name)
	return info, explain(err)
}

// Lstat does not follow a symlink at the end of name.
func (w *Worktree) Lstat(name string) (fs.FileInfo, error) {
	if err := checkName("lstat", name); err != nil {
		return nil, err
	}
	info, err := w.root.Lstat(name)
	return info, explain(err)
}

// ReadLink returns what a symlink holds.
func (w *Worktree) ReadLink(name string) (string, error) {
	if err := checkName("readlink", name); err != nil {
		return "", err
	}
	to, err := w.root.Readlink(name)
	return filepath.ToSlash(to), explain(err)
}

// ReadDir returns the entries of a folder by name, without .git and what a
// killed or another fluxsum has left.
func (w *Worktree) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := checkName("readdir", name); err != nil {
		return nil, err
	}
	dir, err := w.root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, explain(err)
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return isGit(e.Name()) || isTemp(e.Name()) }), err
}

// isGit says whether a name is that of Git's own folder, which some file
// systems spell in any case.
func isGit(name string) bool { return strings.EqualFold(name, ".git") }

// checkName refuses what is no clean path below the root. Unlike fs.ValidPath
// it takes names that are not UTF-8, which Git and Linux take.
func checkName(op, name string) error {
	if name == "." {
		return nil
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "", part == ".", part == "..":
			return &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
		case isGit(part):
			return &fs.PathError{Op: op, Path: name, Err: errGit}
		}
	}
	return nil
}

// explain turns the errors for links that lead out of the root (which os.Root
// gives no name) or in a circle into ours.
func explain(err error) error {
	pathError, ok := err.(*fs.PathError)
	switch {
	case !ok:
		return err
	case strings.HasSuffix(pathError.Err.Error(), "escapes from parent"):
		return &fs.PathError{Op: pathError.Op, Path: pathError.Path, Err: fluxsum.ErrOutsideRoot}
	case errors.Is(err, syscall.ELOOP):
		return &fs.PathError{Op: pathError.Op, Path: pathError.Path, Err: fluxsum.ErrLinkLoop}
	}
	return err
}
