package flux

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// wideFS has the same many entries in each of its folders, as a commit may that names
// one tree again and again.
type wideFS struct{ folders, files []fs.DirEntry }

func wide(name string) wideFS {
	entry := func(name string, mode fs.FileMode) fs.DirEntry {
		base := name[strings.LastIndexByte(name, '/')+1:]
		info, _ := fs.Stat(fstest.MapFS{base: {Mode: mode}}, base)
		return fs.FileInfoToDirEntry(info)
	}
	var w wideFS
	for i := range 1500 {
		w.folders = append(w.folders, entry(fmt.Sprintf("d%d", i), fs.ModeDir|0o755))
		w.files = append(w.files, entry(fmt.Sprintf(name, i), 0o644))
	}
	return w
}

func (w wideFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (w wideFS) Stat(string) (fs.FileInfo, error) { return fs.Stat(fstest.MapFS{}, ".") }

func (w wideFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "." {
		return w.folders, nil
	}
	return w.files, nil
}

// A tree of too many files is left out as a whole, and says so.
func TestOverfull(t *testing.T) {
	for name, want := range map[string]string{"x%d": "more than 2000000 files and folders", "x%d.yaml": "more than 500000 YAML files"} {
		g, err := Read(t.Context(), wide(name), Options{Files: []string{"a.json"}})
		if err != nil || !strings.Contains(g.Overfull(), want) || g.Files != 0 || len(g.Unread) != 1 {
			t.Errorf("%s: %q, %d files, %v, %v", name, g.Overfull(), g.Files, g.Unread, err)
		}
	}
}
