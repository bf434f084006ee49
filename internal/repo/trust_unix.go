//go:build unix

package repo

import (
	"os"
	"strconv"
	"syscall"
)

// isOthers says whether a file belongs to somebody else, as git tells it (its
// compat/posix.h): root behind sudo is also the user who called it.
func isOthers(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return true
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	me := os.Geteuid()
	if !ok || int(owner.Uid) == me {
		return false
	}
	behind, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	return me != 0 || err != nil || int(owner.Uid) != behind
}
