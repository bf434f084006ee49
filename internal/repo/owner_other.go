//go:build !unix

package repo

import (
	"io/fs"
	"os"
)

// keepOwner does nothing where files inherit their owner from the folder.
func keepOwner(*os.File, fs.FileInfo) error { return nil }

// links is how many names a file has; one where that is not told.
func links(fs.FileInfo) uint64 { return 1 }
