//go:build !unix

package repo

import (
	"io/fs"
	"os"
)

// keepOwner does nothing where files inherit their owner from the folder.
func keepOwner(*os.File, fs.FileInfo) error { return nil }
