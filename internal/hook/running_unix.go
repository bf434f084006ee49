//go:build unix

package hook

import "syscall"

// isRunning says whether there is a process of this id.
func isRunning(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}
