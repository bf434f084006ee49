package git

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
)

// Feed is a git that waits for its input.
type Feed struct {
	ctx    context.Context
	args   []string
	cmd    *exec.Cmd
	in     io.WriteCloser
	holds  int // bytes that the pipe to git holds at most
	stderr bytes.Buffer
}

// Feed starts a command whose input will be known later. It ends with its input,
// also when ctx does, or fluxsum is killed: a signal at the wrong moment makes git
// leave a lock.
func (g Git) Feed(ctx context.Context, args ...string) (*Feed, error) {
	cmd, err := g.command(context.WithoutCancel(ctx), args...)
	if err != nil {
		return nil, err
	}
	f := &Feed{ctx: ctx, args: args, cmd: cmd}
	cmd.Stderr = &f.stderr
	if f.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	f.holds = shrunk(f.in)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return f, nil
}

// WaitFor waits until git reads its input, or has ended: it is given something that is
// longer than the pipe, of which filler makes the middle.
func (f *Feed) WaitFor(head string, filler byte, tail string) {
	input := slices.Concat([]byte(head), bytes.Repeat([]byte{filler}, 2*f.holds), []byte(tail))
	_, _ = f.in.Write(input) // a git that has ended tells why at the End
}

// End gives git the rest of its input and waits for it.
func (f *Feed) End(input []byte) error {
	_, writeErr := f.in.Write(input)
	closeErr := f.in.Close()
	if err := f.cmd.Wait(); err != nil {
		return failure(f.ctx, f.args, err, f.stderr.String())
	}
	if writeErr != nil {
		return writeErr
	}
	return closeErr
}

// maxPipe is how many bytes a pipe holds: 16 pages on Linux, less elsewhere.
func maxPipe() int { return 16 * max(os.Getpagesize(), 4<<10) }
