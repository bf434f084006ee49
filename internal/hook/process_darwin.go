package hook

import (
	"time"

	"golang.org/x/sys/unix"
)

// lookUp returns the parent of a process, and when it began.
func lookUp(pid int) (parent int, began time.Time, ok bool) {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return 0, began, false
	}
	return int(p.Eproc.Ppid), time.Unix(p.Proc.P_starttime.Unix()), true
}
