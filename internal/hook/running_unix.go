//go:build unix

package hook

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// isRunning says whether there is a process of this id that has not ended.
func isRunning(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && err != syscall.EPERM {
		return false
	}
	// On Linux: one that nobody has waited for yet is a zombie (proc(5)).
	stat := statOf(pid)
	return len(stat) == 0 || stat[0] != "Z"
}

// statOf returns what Linux tells of a process from its state on, the third field
// (proc(5)); nil where nothing is told. The field before it is a name, which may
// hold spaces and brackets.
func statOf(pid int) []string {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
}
