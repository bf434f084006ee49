package git

import (
	"context"
	"errors"
	"io"
)

// Blobs reads blobs that are asked for ahead, in the order of asking: git works
// while something else is done. It must be closed.
type Blobs struct {
	pipe *pipe
	rest io.Reader // of the last blob
}

// Blobs starts a git that reads blobs.
func (g Git) Blobs(ctx context.Context) (*Blobs, error) {
	p, err := g.pipe(ctx, true, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	return &Blobs{pipe: p}, nil
}

// Ask asks for a blob.
func (b *Blobs) Ask(id string) { b.pipe.send(id) }

// Next returns the next blob that was asked for, to be read before the one after
// it. The error is ErrMissing when the repository does not have it.
func (b *Blobs) Next() (io.Reader, error) {
	if b.rest != nil {
		if _, err := io.Copy(io.Discard, b.rest); err != nil {
			return nil, b.pipe.failed(err)
		}
		b.rest = nil
	}
	if b.pipe.out.Buffered() == 0 {
		b.pipe.flush()
	}
	_, size, err := batchHeader(b.pipe.out)
	switch {
	case errors.Is(err, ErrMissing):
		return nil, err
	case err != nil:
		return nil, b.pipe.failed(err)
	}
	b.rest = io.LimitReader(b.pipe.out, size+1) // a line feed follows
	return &whole{b.rest, size}, nil
}

// whole is a text that must be of a certain size.
type whole struct {
	text io.Reader
	left int64
}

// Read ends with an error when the text ends too early.
func (w *whole) Read(p []byte) (int, error) {
	if w.left == 0 {
		return 0, io.EOF
	}
	n, err := w.text.Read(p[:min(int64(len(p)), w.left)])
	if w.left -= int64(n); err == io.EOF && w.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close ends git.
func (b *Blobs) Close() { b.pipe.stop() }
