package rollout

import (
	"bytes"
	"io/fs"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// edited is a tree after some changes to files that it has.
type edited struct {
	fs.FS
	after map[string][]byte
}

func newEdited(tree fs.FS, changes []fluxsum.Change) *edited {
	e := &edited{tree, map[string][]byte{}}
	for _, c := range changes {
		e.after[c.File] = c.After
	}
	return e
}

// Open opens a file with its new content.
func (e *edited) Open(name string) (fs.File, error) {
	f, err := e.FS.Open(name)
	if text, changed := e.after[name]; changed && err == nil {
		return editedFile{f, bytes.NewReader(text)}, nil
	}
	return f, err
}

// The rest is as the tree has it, which may have ways of its own.

// ReadDir lists a folder.
func (e *edited) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(e.FS, name) }

// Stat describes what a name leads to.
func (e *edited) Stat(name string) (fs.FileInfo, error) { return fs.Stat(e.FS, name) }

// Lstat describes a name, which may be a link.
func (e *edited) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(e.FS, name) }

// ReadLink tells where a link leads to.
func (e *edited) ReadLink(name string) (string, error) { return fs.ReadLink(e.FS, name) }

type editedFile struct {
	fs.File
	text *bytes.Reader
}

func (f editedFile) Read(b []byte) (int, error) { return f.text.Read(b) }
