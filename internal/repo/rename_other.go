//go:build !linux && !darwin

package repo

import (
	"errors"
	"os"
	"syscall"
)

// renameInto cannot be done here: the file is written beside its place instead.
func renameInto(string, *os.File, string) error { return syscall.EXDEV }

// swapInto cannot be done here: the new file replaces the old one.
func swapInto(*os.File, string, *os.File, string) error { return errors.ErrUnsupported }
