//go:build !unix

package hook

import "os"

// isRunning says whether there is a process of this id.
func isRunning(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
