package kustomize

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// Loader reads the files of a tree, each once. It is safe for concurrent use.
type Loader struct {
	// Open opens a file whose bytes count, as Git stores it; manifests are read
	// as they are in the tree.
	Open func(name string) (fs.File, error)
	// Use, when there is one, says which documents of a manifest are kept; those
	// of a kustomization always are.
	Use func(document []byte) yamledit.Use

	// Skip, when there is one, says what of a folder is not shown.
	Skip func(name string) bool

	fsys    fs.FS
	mu      sync.Mutex
	files   map[string]*File
	whole   map[string]*File
	folders map[string]folder
	plain   map[string]bool // folders that are no links, nor stand below one
	empty   File            // one in which nothing is wanted
	texts   atomic.Int64    // bytes that Text has read
	nodes   atomic.Int64    // of all files
	kept    atomic.Int64    // bytes of the files with nodes
	seen    atomic.Int64    // bytes of all files
}

// NewLoader returns a loader of a tree.
func NewLoader(fsys fs.FS) *Loader {
	return &Loader{Open: fsys.Open, fsys: fsys, files: map[string]*File{}, whole: map[string]*File{}, folders: map[string]folder{}, plain: map[string]bool{}}
}

// File is a file of YAML documents.
type File struct {
	// Docs are the content nodes of the documents that could be read.
	Docs []*yaml.Node
	// Err says why some could not, in words for a user; Line is where, 0 for
	// the whole file.
	Err  error
	Line int
}

// File reads a file, the first time it is asked for: the documents of it that
// are wanted.
func (l *Loader) File(name string) *File {
	if l.Use == nil || IsKustomizationName(path.Base(name)) {
		return l.Whole(name)
	}
	return l.once(l.files, name, l.Use)
}

// Whole reads a file with all its documents, the first time it is asked for.
func (l *Loader) Whole(name string) *File { return l.once(l.whole, name, nil) }

func (l *Loader) once(known map[string]*File, name string, use func([]byte) yamledit.Use) *File {
	l.mu.Lock()
	f := known[name]
	l.mu.Unlock()
	if f == nil {
		f = l.read(name, use)
		l.mu.Lock()
		known[name] = f
		l.mu.Unlock()
	}
	return f
}

func (l *Loader) read(name string, use func([]byte) yamledit.Use) *File {
	f := &File{}
	if l.Overfull() != nil {
		return &l.empty
	}
	text, err := textOf(l.fsys.Open, name)
	l.seen.Add(int64(len(text)))
	if err != nil {
		f.Err = err
		return f
	}
	f.Docs, err = yamledit.Nodes(text, use)
	var fault *yamledit.Error
	if errors.As(err, &fault) {
		f.Err, f.Line = errors.New(fault.Message), fault.Line
	}
	if len(f.Docs) > 0 {
		l.nodes.Add(int64(yamledit.Count(f.Docs)))
		l.kept.Add(int64(len(text)))
	}
	if l.Overfull() != nil {
		f.Docs = nil
	}
	if len(f.Docs) == 0 && f.Err == nil {
		return &l.empty // most files of a tree: one stands for all
	}
	return f
}

// Overfull says why nothing of the tree can be told, once its files are read: they
// hold more than can be kept. Which of them are then left out is left to chance.
func (l *Loader) Overfull() error {
	switch {
	case l.nodes.Load() > maxNodes:
		return fmt.Errorf("the manifests of this tree hold more than %d YAML nodes in all, and are left out", maxNodes)
	case l.kept.Load() > maxKept:
		return fmt.Errorf("the manifests of this tree are larger than %d MiB in all, and are left out", maxKept>>20)
	case l.seen.Load() > maxSeen:
		return fmt.Errorf("the YAML files of this tree are larger than %d GiB in all, and are left out", maxSeen>>30)
	}
	return nil
}

// Text returns the bytes of a file.
func (l *Loader) Text(name string) ([]byte, error) {
	if l.texts.Load() > maxRead {
		return nil, fmt.Errorf("is not read: what is generated in this tree comes to more than %d MiB", maxRead>>20)
	}
	text, err := textOf(l.Open, name)
	l.texts.Add(int64(len(text)))
	return text, err
}

func textOf(open func(string) (fs.File, error), name string) ([]byte, error) {
	f, err := open(name)
	if err != nil {
		return nil, Plain(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, Plain(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("is no regular file")
	case info.Size() > MaxFile:
		return nil, fmt.Errorf("is larger than %d MiB", MaxFile>>20)
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	_, err = buffer.ReadFrom(io.LimitReader(f, MaxFile))
	return bytes.Clone(buffer.Bytes()), Plain(err)
}

// buffers spare many small files many buffers that are larger than they.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Plain is an error without the call that failed.
func Plain(err error) error {
	var pathError *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("does not exist")
	case errors.As(err, &pathError):
		return pathError.Err
	}
	return err
}

// folder is what stands in a folder of the tree.
type folder struct {
	ok            bool
	entries       []fs.DirEntry
	kustomization string // the name of its file, or ""
}

// Folder returns the entries of a folder; ok is false when there is no such
// folder.
func (l *Loader) Folder(name string) (entries []fs.DirEntry, ok bool) {
	f := l.folder(name)
	return f.entries, f.ok
}

func (l *Loader) folder(name string) folder {
	l.mu.Lock()
	f, known := l.folders[name]
	l.mu.Unlock()
	if !known {
		f = l.readFolder(name)
		l.mu.Lock()
		l.folders[name] = f
		l.mu.Unlock()
	}
	return f
}

func (l *Loader) readFolder(name string) folder {
	info, err := fs.Stat(l.fsys, name)
	if err != nil || !info.IsDir() {
		return folder{}
	}
	entries, err := fs.ReadDir(l.fsys, name)
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return l.Skip != nil && l.Skip(path.Join(name, e.Name())) })
	return folder{ok: err == nil, entries: entries, kustomization: kustomizationIn(entries)}
}

// kustomizationIn is the name of the kustomization among entries, or "".
func kustomizationIn(entries []fs.DirEntry) string {
	for _, name := range KustomizationNames {
		for _, e := range entries {
			if e.Name() == name && !e.IsDir() {
				return name
			}
		}
	}
	return ""
}

// KustomizationNames are those that the file of a kustomization may have.
// Source: sigs.k8s.io/kustomize/api/konfig RecognizedKustomizationFileNames.
var KustomizationNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// IsKustomizationName says whether a file of this name is a kustomization.
func IsKustomizationName(base string) bool {
	for _, n := range KustomizationNames {
		if n == base {
			return true
		}
	}
	return false
}

// Kustomization returns the file of the kustomization in a folder, or "".
func (l *Loader) Kustomization(dir string) string {
	if name := l.folder(dir).kustomization; name != "" {
		return path.Join(dir, name)
	}
	return ""
}

// maxLinks is how many links a path may go through, as in Linux.
const maxLinks = 40

// Real is the name of a folder with the links on its way resolved, so that one
// folder has one name; the name itself where that cannot be told.
func (l *Loader) Real(name string) string {
	left := maxLinks
	if real, ok := l.realDir(name, &left); ok {
		return real
	}
	return name
}

// realDir is real, remembered for folders that no link leads through.
func (l *Loader) realDir(name string, left *int) (string, bool) {
	l.mu.Lock()
	plain := l.plain[name]
	l.mu.Unlock()
	if plain {
		return name, true
	}
	real, ok := l.real(name, left)
	if ok && real == name {
		l.mu.Lock()
		l.plain[name] = true
		l.mu.Unlock()
	}
	return real, ok
}

func (l *Loader) real(name string, left *int) (string, bool) {
	if name == "." {
		return name, true
	}
	dir, ok := l.realDir(path.Dir(name), left)
	if !ok {
		return "", false
	}
	name = path.Join(dir, path.Base(name))
	info, err := fs.Lstat(l.fsys, name)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return name, true
	}
	to, err := fs.ReadLink(l.fsys, name)
	to = path.Join(dir, to)
	if *left--; err != nil || *left < 0 || path.IsAbs(to) || to == ".." || strings.HasPrefix(to, "../") {
		return "", false
	}
	return l.real(to, left)
}

// RealFolder is Real for a folder; of a file the folder alone is resolved.
func (l *Loader) RealFolder(name string) string {
	if _, ok := l.Folder(name); ok {
		return l.Real(name)
	}
	return path.Join(l.Real(path.Dir(name)), path.Base(name))
}
