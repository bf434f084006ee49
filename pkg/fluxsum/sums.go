package fluxsum

import (
	"io/fs"
	"sync"
)

// Sums remembers the checksums of contents that trees have in common. It is
// safe for concurrent use.
type Sums struct {
	mu    sync.Mutex
	known map[blobKey]knownSum
}

type blobKey struct {
	blob Blob
	sourceKey
}

type knownSum struct {
	sum string
	err error
}

// remember returns the checksum of an open file, computed when it is the first
// of its content.
func (s *Sums) remember(f fs.File, key sourceKey, compute func() (string, error)) (string, error) {
	blob, ok := blobOf(f)
	if s == nil || !ok {
		return compute()
	}
	id := blobKey{blob, sourceKey{algorithm: key.algorithm, content: key.content}}
	s.mu.Lock()
	known, ok := s.known[id]
	s.mu.Unlock()
	if ok {
		return known.sum, known.err
	}
	known.sum, known.err = compute()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[blobKey]knownSum{}
	}
	s.known[id] = known
	return known.sum, known.err
}

func blobOf(f fs.File) (Blob, bool) {
	info, err := f.Stat()
	if err != nil {
		return "", false
	}
	blob, ok := info.Sys().(Blob)
	return blob, ok
}
