package repo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// blobSums are the checksums of blobs, which are read in the order in which they
// are asked for: git reads ahead while others are hashed.
type blobSums struct {
	history *History
	blobs   *git.Blobs
	asked   []sumKey
	known   map[sumKey]*blobSum
	free    chan struct{}   // as many as hash at the same time
	missing map[string]bool // blobs
	offline bool            // git has failed to fetch a blob: only what is here is read
}

type sumKey struct {
	blob      string
	algorithm checksum.Algorithm
	own       checksum.Content
	other     bool // kinds of content than that
}

// kinds are those of a key.
func (k sumKey) kinds() []checksum.Content { return kinds(k.own, k.other) }

// blobSum are the checksums of one blob; "" where there is none: not YAML, say.
type blobSum struct {
	sums []string // of the kinds of the key
	read bool
	done chan struct{}
}

func newBlobSums(ctx context.Context, h *History) (*blobSums, error) {
	blobs, err := h.repo.Git().Blobs(ctx)
	return &blobSums{history: h, blobs: blobs, known: map[sumKey]*blobSum{}, missing: map[string]bool{}, free: make(chan struct{}, runtime.GOMAXPROCS(0))}, err
}

func (b *blobSums) close() { b.blobs.Close() }

// entry returns that of a blob, and whether it is new.
func (b *blobSums) entry(key sumKey) (e *blobSum, fresh bool) {
	if e = b.known[key]; e != nil {
		return e, false
	}
	e = &blobSum{sums: make([]string, len(checksum.Contents())), done: make(chan struct{})}
	b.known[key] = e
	return e, true
}

// ask has git read a blob.
func (b *blobSums) ask(key sumKey) {
	if _, fresh := b.entry(key); fresh {
		b.asked = append(b.asked, key)
		b.blobs.Ask(key.blob)
	}
}

// read reads a blob in another way.
func (b *blobSums) read(key sumKey, open func() (io.ReadCloser, error)) error {
	e, fresh := b.entry(key)
	if !fresh {
		return nil
	}
	text, err := open()
	if err == nil {
		defer text.Close()
		err = b.hash(key, e, text)
	}
	var known *fluxsum.FileError
	if errors.As(err, &known) { // a tree says so of what is not here
		b.lack(key)
		return nil
	}
	return err
}

// of are the checksums of a blob that was asked for.
func (b *blobSums) of(key sumKey) ([]string, error) {
	e := b.known[key]
	for !e.read {
		if err := b.next(); err != nil {
			return nil, err
		}
	}
	<-e.done
	return e.sums, nil
}

// ahead reads what was asked for, but for the last ones.
func (b *blobSums) ahead(last int) error {
	for len(b.asked) > last {
		if err := b.next(); err != nil {
			return err
		}
	}
	return nil
}

// next reads the next blob.
func (b *blobSums) next() error {
	key := b.asked[0]
	b.asked = b.asked[1:]
	text, err := b.text(key.blob)
	if err == nil {
		err = b.hash(key, b.known[key], text)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) { // git has died
		b.offline = true
		if text, err = b.text(key.blob); err == nil {
			err = b.hash(key, b.known[key], text)
		}
	}
	if errors.Is(err, git.ErrMissing) {
		b.lack(key)
		return nil
	}
	return err
}

// lack notes a blob that is not here.
func (b *blobSums) lack(key sumKey) {
	b.missing[key.blob] = true
	e := b.known[key]
	e.read = true
	close(e.done)
}

// text opens the next blob. When git has failed, the others are read without it:
// git would try again to fetch each from a remote that is not there.
func (b *blobSums) text(id string) (io.Reader, error) {
	if !b.offline {
		text, err := b.blobs.Next()
		var failed *git.Error
		if !errors.As(err, &failed) {
			return text, err
		}
		b.offline = true
	}
	if b.history.store.goGit == nil {
		return nil, git.ErrMissing
	}
	_, text, err := b.history.store.goGit.Object(id)
	if err != nil {
		return nil, git.ErrMissing
	}
	defer text.Close()
	all, err := io.ReadAll(text)
	return bytes.NewReader(all), err
}

// hash hashes a blob: at once what is hashed as it is read, else beside what is
// read next.
func (b *blobSums) hash(key sumKey, e *blobSum, text io.Reader) error {
	contents := key.kinds()
	if len(contents) == 1 && contents[0] == checksum.Bytes {
		return b.hashBytes(key, e, 0, text)
	}
	start, err := io.ReadAll(io.LimitReader(text, checksum.MaxCanonical+1))
	if err != nil {
		return err
	}
	if len(start) > checksum.MaxCanonical { // too large for all other kinds
		return b.hashBytes(key, e, slices.Index(contents, checksum.Bytes), io.MultiReader(bytes.NewReader(start), text))
	}
	e.read = true
	b.free <- struct{}{}
	go func() {
		defer func() { close(e.done); <-b.free }()
		copy(e.sums, key.algorithm.Sums(contents, start))
	}()
	return nil
}

// hashBytes hashes a blob as it is; at is the place of the checksum, -1 for none.
func (b *blobSums) hashBytes(key sumKey, e *blobSum, at int, text io.Reader) error {
	sum, err := key.algorithm.Sum(checksum.Bytes, text)
	if err = readingFault(err); err != nil {
		return err
	}
	if at >= 0 {
		e.sums[at] = sum
	}
	e.read = true
	close(e.done)
	return nil
}

// readingFault is an error of reading; that a content has no checksum is none.
func readingFault(err error) error {
	var conflict *checksum.ConflictError
	if errors.As(err, &conflict) {
		return nil
	}
	return err
}
