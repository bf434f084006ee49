package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// ErrMissing says that an object is not in the repository.
var ErrMissing = errors.New("is not in this repository")

// Batch reads objects through one `git cat-file --batch`, which is started
// with the first one.
type Batch struct {
	git    Git
	ctx    context.Context
	mu     sync.Mutex
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	failed error
}

// NewBatch returns a Batch; it must be closed.
func NewBatch(ctx context.Context, g Git) *Batch { return &Batch{git: g, ctx: ctx} }

// Start starts git, when it does not run yet: while it does, there is time for
// something else.
func (b *Batch) Start() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.start()
}

func (b *Batch) start() {
	if b.cmd != nil || b.failed != nil {
		return
	}
	cmd, err := b.git.command(b.ctx, "cat-file", "--batch")
	if err != nil {
		b.failed = err
		return
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		b.failed = err
		return
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.failed = err
		return
	}
	cmd.Stderr = &b.stderr
	if b.failed = cmd.Start(); b.failed == nil {
		b.cmd, b.in, b.out = cmd, in, bufio.NewReaderSize(out, 64<<10)
	}
}

// Small is the size in bytes up to which a Batch returns an object whole.
const Small = 1 << 20

// Object returns the type and the content of an object. A large one is read
// by a git of its own.
func (b *Batch) Object(id string) (kind string, text io.ReadCloser, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.start(); b.failed != nil {
		return "", nil, b.failed
	}
	if _, err := io.WriteString(b.in, id+"\n"); err != nil {
		return "", nil, b.broken(err)
	}
	kind, size, err := b.header()
	if err != nil {
		return "", nil, b.git.Guard.refused(err)
	}
	if size > Small {
		return b.large(kind, id, size)
	}
	content := make([]byte, size+1) // a line feed follows
	if _, err := io.ReadFull(b.out, content); err != nil {
		return "", nil, b.broken(err)
	}
	return kind, io.NopCloser(bytes.NewReader(content[:size])), nil
}

// header reads the line before an object.
func (b *Batch) header() (kind string, size int64, err error) {
	kind, size, err = batchHeader(b.out)
	if err != nil && !errors.Is(err, ErrMissing) {
		err = b.broken(err)
	}
	return kind, size, err
}

// batchHeader reads "<id> <type> <size>".
func batchHeader(r *bufio.Reader) (kind string, size int64, err error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", 0, err
	}
	words := strings.Fields(line)
	if len(words) == 2 && words[1] == "missing" {
		return "", 0, ErrMissing
	}
	if len(words) != 3 {
		return "", 0, fmt.Errorf("git cat-file said %q", line)
	}
	if size, err = strconv.ParseInt(words[2], 10, 64); err != nil || size < 0 {
		return "", 0, fmt.Errorf("git cat-file said %q", line)
	}
	return words[1], size, nil
}

// broken is the end of this batch: git has died.
func (b *Batch) broken(err error) error {
	_ = b.in.Close()
	if ended := b.cmd.Wait(); ended != nil {
		err = ended
	}
	b.failed = failure(b.ctx, []string{"cat-file"}, err, b.stderr.String())
	return b.failed
}

// large leaves the rest of what is announced, and starts over.
func (b *Batch) large(kind, id string, size int64) (string, io.ReadCloser, error) {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
	b.cmd = nil
	cmd, err := b.git.command(b.ctx, "cat-file", kind, id)
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", nil, err
	}
	return kind, &stream{whole{out, size}, cmd}, nil
}

// stream is the output of a git, which must be of a certain size.
type stream struct {
	whole
	cmd *exec.Cmd
}

// Close ends git.
func (s *stream) Close() error {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	return nil
}

// Close ends git.
func (b *Batch) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cmd == nil || b.failed != nil {
		return nil
	}
	_ = b.in.Close()
	err := b.cmd.Wait()
	b.cmd, b.failed = nil, errors.New("closed")
	return err
}

// Err returns why the batch does not work, if it does not.
func (b *Batch) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed
}
