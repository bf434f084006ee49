//go:build unix

package git

import (
	"os"
	"syscall"
)

func endGently(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
