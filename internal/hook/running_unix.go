//go:build unix

package hook

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// isRunning says whether there is a process of this id that has not ended.
func isRunning(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && err != syscall.EPERM {
		return false
	}
	// On Linux: one that nobody has waited for yet is a zombie (proc(5)).
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}
