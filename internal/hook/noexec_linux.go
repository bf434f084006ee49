package hook

import "golang.org/x/sys/unix"

// isNoExec says whether a file lies on a file system that runs no programs.
func isNoExec(path string) bool {
	var stat unix.Statfs_t
	return unix.Statfs(path, &stat) == nil && stat.Flags&unix.ST_NOEXEC != 0
}
