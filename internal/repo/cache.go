package repo

import (
	"bytes"
	"io"
	"sync"
)

// objectCache remembers small objects: what many commits share is read once.
type objectCache struct {
	objects
	mu    sync.Mutex
	known map[string]object
	free  int // bytes that may still be remembered

	buffer bytes.Buffer
}

type object struct {
	kind string
	text []byte
}

// maxCached is how many bytes of objects are remembered, maxCachedObject the
// size from which one is not.
const (
	maxCached       = 256 << 20
	maxCachedObject = 16 << 20
)

func newObjectCache(o objects) *objectCache {
	return &objectCache{objects: o, known: map[string]object{}, free: maxCached}
}

// Object returns the type and the content of an object.
func (c *objectCache) Object(id string) (kind string, text io.ReadCloser, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o, ok := c.known[id]; ok {
		return o.kind, io.NopCloser(bytes.NewReader(o.text)), nil
	}
	kind, text, err = c.objects.Object(id)
	if err != nil {
		return "", nil, err
	}
	c.buffer.Reset()
	if _, err := c.buffer.ReadFrom(io.LimitReader(text, maxCachedObject)); err != nil {
		text.Close()
		return "", nil, err
	}
	start := bytes.Clone(c.buffer.Bytes())
	if len(start) == maxCachedObject {
		return kind, &resumed{io.MultiReader(bytes.NewReader(start), text), text}, err
	}
	text.Close()
	if c.free -= len(start); c.free >= 0 {
		c.known[id] = object{kind, start}
	}
	return kind, io.NopCloser(bytes.NewReader(start)), nil
}

// resumed is an object whose start has been read.
type resumed struct {
	io.Reader
	io.Closer
}
