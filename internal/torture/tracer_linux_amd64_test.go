package torture_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// boundary is a moment just before or just after a system call that changes
// something on disk, made by a command or anything that it has started.
type boundary struct {
	n      int // from 0
	pid    int // of the thread
	call   string
	before bool
	tracer *tracer
}

func (b boundary) String() string {
	if b.before {
		return fmt.Sprintf("before %d, %s", b.n, b.call)
	}
	return fmt.Sprintf("after %d, %s", b.n, b.call)
}

// isInside says whether the call is made by fluxsum or by what it has started, and is
// no word to the user.
func (b boundary) isInside() bool {
	if strings.Contains(b.call, "/dev/null") || strings.HasSuffix(b.call, "/output") {
		return false
	}
	for pid := group(b.pid); pid > 1; pid = parent(pid) {
		if b.tracer.program(pid) == binary {
			return true
		}
	}
	return false
}

// tracer runs a command by ptrace(2), so that it can be stopped at each boundary:
// the program that is tested is the one that is released.
type tracer struct {
	t       *testing.T
	at      func(boundary)
	n       int
	threads map[int]*thread
}

// thread is a thread that is traced.
type thread struct {
	pid    int
	nr     uint64
	call   string // that it is in, if that changes something
	answer int    // what the call is to give in place of what it does
}

// trace runs a command until it and all that it started have ended; at is called at
// each boundary. It returns the status of the command, -1 when it was killed.
func trace(t *testing.T, cmd *exec.Cmd, at func(boundary)) int {
	t.Helper()
	runtime.LockOSThread() // ptrace is a matter between threads
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &unix.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, unix.EPERM) {
			t.Skip("ptrace is not allowed here")
		}
		t.Fatal(err)
	}
	tr := &tracer{t: t, at: at, threads: map[int]*thread{}}
	return tr.run(cmd.Process.Pid)
}

const traceOptions = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL

func (tr *tracer) run(first int) (status int) {
	status = -1
	for {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ECHILD:
			return status
		case err != nil:
			tr.t.Fatal(err)
		}
		if ws.Exited() || ws.Signaled() {
			delete(tr.threads, pid)
			if pid == first && ws.Exited() {
				status = ws.ExitStatus()
			}
			continue
		}
		tr.stopped(pid, ws)
	}
}

// stopped lets a thread go on, after what is to be done where it stopped.
func (tr *tracer) stopped(pid int, ws unix.WaitStatus) {
	th, signal := tr.threads[pid], 0
	if th == nil {
		th = &thread{pid: pid}
		tr.threads[pid] = th
		_ = unix.PtraceSetOptions(pid, traceOptions)
	} else if stop := ws.StopSignal(); stop == unix.SIGTRAP|0x80 {
		tr.atCall(th)
	} else if stop != unix.SIGTRAP && stop != unix.SIGSTOP {
		signal = int(stop)
	}
	_ = unix.PtraceSyscall(pid, signal) // it may have been killed
}

// callInfo is struct ptrace_syscall_info.
type callInfo struct {
	op    uint8
	_     [3]byte
	_     uint32
	_, _  uint64
	value uint64 // the number of the call, or what it gave
	args  [6]uint64
	_     [2]uint64
}

const getCallInfo, callEntry, callExit = 0x420e, 1, 2

func (tr *tracer) atCall(th *thread) {
	var info callInfo
	if _, _, e := unix.Syscall6(unix.SYS_PTRACE, getCallInfo, uintptr(th.pid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0); e != 0 {
		return
	}
	switch info.op {
	case callEntry:
		th.nr, th.call, th.answer = info.value, tr.changes(th.pid, &info), 0
		if th.call != "" {
			tr.at(boundary{tr.n, th.pid, th.call, true, tr})
			tr.n++
		}
	case callExit:
		if th.answer != 0 {
			tr.setAnswer(th)
		}
		if th.call != "" {
			tr.at(boundary{tr.n, th.pid, th.call, false, tr})
			tr.n++
		}
		th.call = ""
	}
}

// changing are the system calls that change something on disk, and how to show them:
// f a file descriptor, p a path, o flags of open, - nothing.
var changing = map[uint64]string{
	unix.SYS_OPEN: "open po", unix.SYS_OPENAT: "openat -po", unix.SYS_CREAT: "creat p",
	unix.SYS_WRITE: "write f", unix.SYS_PWRITE64: "pwrite64 f", unix.SYS_WRITEV: "writev f", unix.SYS_COPY_FILE_RANGE: "copy_file_range --f", unix.SYS_SENDFILE: "sendfile f",
	unix.SYS_RENAME: "rename pp", unix.SYS_RENAMEAT: "renameat -p-p", unix.SYS_RENAMEAT2: "renameat2 -p-p",
	unix.SYS_LINK: "link pp", unix.SYS_LINKAT: "linkat -p-p", unix.SYS_SYMLINK: "symlink pp", unix.SYS_SYMLINKAT: "symlinkat p-p",
	unix.SYS_UNLINK: "unlink p", unix.SYS_UNLINKAT: "unlinkat -p", unix.SYS_RMDIR: "rmdir p", unix.SYS_MKDIR: "mkdir p", unix.SYS_MKDIRAT: "mkdirat -p",
	unix.SYS_CHMOD: "chmod p", unix.SYS_FCHMOD: "fchmod f", unix.SYS_FCHMODAT: "fchmodat -p", unix.SYS_CHOWN: "chown p", unix.SYS_FCHOWN: "fchown f",
	unix.SYS_TRUNCATE: "truncate p", unix.SYS_FTRUNCATE: "ftruncate f", unix.SYS_FALLOCATE: "fallocate f", unix.SYS_UTIMENSAT: "utimensat -p",
	unix.SYS_FSYNC: "fsync f", unix.SYS_FDATASYNC: "fdatasync f",
}

// changes shows a call that changes something; "" for any other.
func (tr *tracer) changes(pid int, info *callInfo) string {
	name, args, ok := strings.Cut(changing[info.value], " ")
	if !ok {
		return ""
	}
	shown := []string{name}
	for i, kind := range args {
		switch kind {
		case 'p':
			shown = append(shown, text(pid, uintptr(info.args[i])))
		case 'o':
			if info.args[i]&(unix.O_CREAT|unix.O_TRUNC) == 0 {
				return ""
			}
		case 'f':
			file, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, info.args[i]))
			if stat, err := os.Stat(fmt.Sprintf("/proc/%d/fd/%d", pid, info.args[i])); err != nil || !stat.Mode().IsRegular() || file[0] != '/' {
				return "" // a pipe, a terminal, something of the kernel's
			}
			shown = append(shown, file)
		}
	}
	return strings.Join(shown, " ")
}

// text reads a string of a process.
func text(pid int, at uintptr) string {
	var buf [512]byte
	n, _ := unix.PtracePeekData(pid, at, buf[:])
	s, _, _ := strings.Cut(string(buf[:n]), "\x00")
	return s
}

// program is what a process runs.
func (tr *tracer) program(pid int) string {
	path, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return path
}

// processes are those that are traced, by a program; "" for all.
func (tr *tracer) processes(program string) map[int]bool {
	all := map[int]bool{}
	for pid := range tr.threads {
		if program == "" || tr.program(pid) == program {
			all[group(pid)] = true
		}
	}
	return all
}

// group is the process of a thread, parent that which has started it.
func group(thread int) int   { return statusOf(thread, "Tgid") }
func parent(process int) int { return statusOf(process, "PPid") }

// statusOf reads a number of proc(5).
func statusOf(pid int, name string) (n int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "\n"+name+":\t")
	_, _ = fmt.Sscan(rest, &n)
	return n
}

// kill kills the processes of a program, or all.
func (b boundary) kill(program string) {
	for pid := range b.tracer.processes(program) {
		if pid > 1 {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
}

// fail keeps the call, which has not begun, from being made: it gives an error.
func (b boundary) fail(errno unix.Errno) {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(b.pid, &regs); err != nil {
		return
	}
	regs.Orig_rax = ^uint64(0)
	if unix.PtraceSetRegs(b.pid, &regs) == nil {
		b.tracer.threads[b.pid].answer = -int(errno)
	}
}

func (tr *tracer) setAnswer(th *thread) {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(th.pid, &regs); err == nil {
		regs.Rax = uint64(int64(th.answer))
		_ = unix.PtraceSetRegs(th.pid, &regs)
	}
	th.answer = 0
}

// command is a command in a folder, whose output goes to a file.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	out, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	cmd.Stdout, cmd.Stderr = out, out
	return cmd
}
