package repo

import (
	"io/fs"
	"os"
	"path"
	"sync"
)

// folders keeps folders of a root open, so that opening the next file in one
// of them costs one system call and not two for each folder on its way.
type folders struct {
	root *os.Root
	mu   sync.RWMutex
	open map[string]*os.File
}

// maxOpen bounds the open folders, well below common limits of open files.
const maxOpen = 64

// file opens a file below the root. The short way, beside others in an open
// folder, follows no symlink; then, and when anything else is odd, os.Root
// walks the whole path.
func (f *folders) file(name string) (fs.File, error) {
	dir, base := path.Split(name)
	if folder := f.folder(path.Clean(dir)); folder != nil {
		if file, err := openIn(folder, base); err == nil {
			return file, nil
		}
	}
	return f.root.OpenFile(name, os.O_RDONLY|nonblock, 0)
}

// folder returns an open folder, or nil when it cannot be opened or there are
// too many.
func (f *folders) folder(dir string) *os.File {
	f.mu.RLock()
	folder, known := f.open[dir]
	full := len(f.open) >= maxOpen
	f.mu.RUnlock()
	if known || full {
		return folder
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if folder, known := f.open[dir]; known {
		return folder
	}
	folder, err := f.root.OpenFile(dir, os.O_RDONLY|nonblock, 0)
	if err != nil {
		folder = nil
	}
	f.open[dir] = folder
	return folder
}

func (f *folders) close() {
	for _, folder := range f.open {
		if folder != nil {
			folder.Close()
		}
	}
}
