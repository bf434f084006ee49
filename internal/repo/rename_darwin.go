package repo

import "golang.org/x/sys/unix"

// swap exchanges two files (renameatx_np(2)).
func swap(fromDir int, from string, toDir int, to string) error {
	return unix.RenameatxNp(fromDir, from, toDir, to, unix.RENAME_SWAP)
}
