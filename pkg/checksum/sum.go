package checksum

import (
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"sync"
)

// bufferSize is large enough that reading costs little beside hashing, and small enough for a core's cache.
const bufferSize = 64 << 10

// maxEmptyReads is how many reads in a row may give neither bytes nor an error, as in bufio.
const maxEmptyReads = 100

// buffers spares ten thousand small files ten thousand buffers. It holds no state that a caller could see.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// Sum reads r to its end and returns the digest of its content in lower-case hexadecimal.
//
// Bytes is streamed through a fixed buffer, so memory does not grow with the file; YAML and SOPS are read whole,
// up to MaxCanonical bytes. The errors are a *ConflictError when the file holds an unresolved merge conflict, a
// *ContentError when it has no canonical form, and the reader's own.
func (a Algorithm) Sum(content Content, r io.Reader) (string, error) {
	if !a.Valid() {
		return "", fmt.Errorf("found algorithm %q, expected one of %q", a, Algorithms())
	}
	if !content.Valid() {
		return "", fmt.Errorf("found content %q, expected one of %q", content, Contents())
	}
	if content == Bytes {
		return a.sumStream(r)
	}
	return a.sumCanonical(content, r)
}

func (a Algorithm) sumStream(r io.Reader) (string, error) {
	h := a.New()
	var conflicts conflictScanner
	if err := stream(r, h, &conflicts); err != nil {
		return "", err
	}
	if err := conflicts.err(); err != nil {
		return "", err
	}
	return digest(h), nil
}

// stream feeds r to the hash and the scanner. It does not use io.Copy, which would take another path, and a buffer
// of its own, for readers and writers that know WriterTo and ReaderFrom.
func stream(r io.Reader, h hash.Hash, conflicts *conflictScanner) error {
	buffer := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buffer)
	for empty := 0; empty < maxEmptyReads; empty++ {
		n, err := r.Read(buffer[:])
		if n > 0 {
			empty = 0
			h.Write(buffer[:n])
			conflicts.write(buffer[:n])
		}
		if err == io.EOF || conflicts.state == conflicted {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

func (a Algorithm) sumCanonical(content Content, r io.Reader) (string, error) {
	// One byte over the limit is enough for Canonical to refuse the file.
	data, err := io.ReadAll(io.LimitReader(r, MaxCanonical+1))
	if err != nil {
		return "", err
	}
	var conflicts conflictScanner
	conflicts.write(data)
	if err := conflicts.err(); err != nil {
		return "", err
	}
	canonical, err := Canonical(content, data)
	if err != nil {
		return "", err
	}
	return a.sumBytes(canonical), nil
}

func (a Algorithm) sumBytes(data []byte) string {
	h := a.New()
	h.Write(data)
	return digest(h)
}

// Sums returns the digests of data for some kinds of content, as Sum gives them,
// in less time than one after the other; "" where there is none.
func (a Algorithm) Sums(contents []Content, data []byte) []string {
	sums := make([]string, len(contents))
	if CheckConflicts(data) != nil {
		return sums
	}
	all := canonicals(data)
	for i, content := range contents {
		switch {
		case content == Bytes:
			sums[i] = a.sumBytes(data)
		case all[content] != nil:
			sums[i] = a.sumBytes(all[content])
		}
	}
	return sums
}

// digest returns the hash in lower-case hexadecimal.
func digest(h hash.Hash) string {
	return hex.EncodeToString(h.Sum(nil))
}
