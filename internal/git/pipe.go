package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"sync"
)

// pipe is a git that answers line after line while it runs. What is written to
// it never waits for what is read from it.
type pipe struct {
	ctx    context.Context
	args   []string
	cmd    *exec.Cmd
	out    *bufio.Reader
	stderr bytes.Buffer

	mu     sync.Mutex
	wake   *sync.Cond
	queue  []byte
	ready  bool // the queue is to be written
	closed bool
}

// pipe starts a git. With input it reads what is sent, and must be told the end.
func (g Git) pipe(ctx context.Context, input bool, args ...string) (*pipe, error) {
	cmd, err := g.command(ctx, args...)
	if err != nil {
		return nil, err
	}
	p := &pipe{ctx: ctx, args: args, cmd: cmd}
	p.wake = sync.NewCond(&p.mu)
	cmd.Stderr = &p.stderr
	var in io.WriteCloser
	if input {
		if in, err = cmd.StdinPipe(); err != nil {
			return nil, err
		}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 64<<10)
	if input {
		go p.feed(in)
	}
	return p, nil
}

// feed hands on what was sent.
func (p *pipe) feed(in io.WriteCloser) {
	defer in.Close()
	for {
		p.mu.Lock()
		for !p.ready && !p.closed {
			p.wake.Wait()
		}
		text, closed := p.queue, p.closed
		p.queue, p.ready = nil, false
		p.mu.Unlock()
		if _, err := in.Write(text); err != nil || closed {
			return
		}
	}
}

// enough is how many bytes are worth a write.
const enough = 4 << 10

// send sends a line, some time: with others, at the next flush or at the end.
func (p *pipe) send(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(append(p.queue, line...), '\n')
	if len(p.queue) >= enough {
		p.ready = true
		p.wake.Signal()
	}
}

// flush sends what waits.
func (p *pipe) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready = len(p.queue) > 0; p.ready {
		p.wake.Signal()
	}
}

// end says that no more will be sent.
func (p *pipe) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.wake.Signal()
}

// stop ends git, whose output nobody wants any more.
func (p *pipe) stop() {
	p.end()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// failed is why git ended before its output did.
func (p *pipe) failed(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) { // it still runs
		p.stop()
		return failure(p.ctx, p.args, err, p.stderr.String())
	}
	p.end()
	if ended := p.cmd.Wait(); ended != nil {
		err = ended
	}
	return failure(p.ctx, p.args, err, p.stderr.String())
}

// ended waits for a git whose output has ended.
func (p *pipe) ended() error {
	if err := p.cmd.Wait(); err != nil {
		return failure(p.ctx, p.args, err, p.stderr.String())
	}
	return nil
}
