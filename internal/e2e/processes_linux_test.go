package e2e_test

import (
	"os/exec"
	"syscall"
)

// endWithParent has Linux end a process when we end, by a kill too. It is in a group
// of its own: Ctrl-C is for us, and we end it.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
