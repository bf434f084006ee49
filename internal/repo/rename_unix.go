//go:build linux || darwin

package repo

import (
	"os"

	"golang.org/x/sys/unix"
)

// renameInto moves a file to a name in an open folder, wherever that is now.
func renameInto(from string, folder *os.File, name string) error {
	return unix.Renameat(unix.AT_FDCWD, from, int(folder.Fd()), name)
}
