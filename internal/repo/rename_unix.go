//go:build linux || darwin

package repo

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// movesAcross says that a file can be moved into an open folder from anywhere.
const movesAcross = true

// renameInto moves a file to a name in an open folder, wherever that is now.
func renameInto(from string, folder *os.File, name string) error {
	return unix.Renameat(unix.AT_FDCWD, from, int(folder.Fd()), name)
}

// swapInto exchanges a file, named from the folder at (absolute, where that is nil),
// with that of a name in another folder: at once. The error is ErrUnsupported where
// the file system cannot.
func swapInto(at *os.File, from string, folder *os.File, name string) error {
	dir := unix.AT_FDCWD
	if at != nil {
		dir = int(at.Fd())
	}
	err := swap(dir, from, int(folder.Fd()), name)
	if err == unix.EINVAL {
		return errors.ErrUnsupported
	}
	return err
}
