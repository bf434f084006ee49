package repo

import "golang.org/x/sys/unix"

// swap exchanges two files (rename(2)).
func swap(fromDir int, from string, toDir int, to string) error {
	return unix.Renameat2(fromDir, from, toDir, to, unix.RENAME_EXCHANGE)
}
