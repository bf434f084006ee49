//go:build !linux && !darwin

package repo

import (
	"errors"
	"os"
	"syscall"
)

// movesAcross says that a file can be moved into an open folder from anywhere: here it
// is written beside its place.
const movesAcross = false

// renameInto is not asked for here.
func renameInto(string, *os.File, string) error { return syscall.EXDEV }

// swapInto cannot be done here: the new file replaces the old one.
func swapInto(*os.File, string, *os.File, string) error { return errors.ErrUnsupported }
