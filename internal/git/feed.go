package git

import (
	"bytes"
	"context"
	"io"
	"os/exec"
)

// Feed is a git that waits for its input.
type Feed struct {
	ctx    context.Context
	args   []string
	cmd    *exec.Cmd
	in     io.WriteCloser
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
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return f, nil
}

// Send gives git some input. A git that has ended tells why at the End.
func (f *Feed) Send(input string) { _, _ = io.WriteString(f.in, input) }

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
