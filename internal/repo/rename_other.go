//go:build !linux && !darwin

package repo

import (
	"os"
	"syscall"
)

// renameInto cannot be done here: the file is written beside its place instead.
func renameInto(string, *os.File, string) error { return syscall.EXDEV }
