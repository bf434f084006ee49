package git

import (
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// shrunk makes a pipe hold as little as it can, and returns how many bytes that are
// (pipe(7)).
func shrunk(w io.Writer) (holds int) {
	holds = maxPipe()
	pipe, ok := w.(syscall.Conn)
	if !ok {
		return holds
	}
	conn, err := pipe.SyscallConn()
	if err != nil {
		return holds
	}
	_ = conn.Control(func(fd uintptr) {
		if size, err := unix.FcntlInt(fd, unix.F_SETPIPE_SZ, os.Getpagesize()); err == nil {
			holds = size
		}
	})
	return holds
}
