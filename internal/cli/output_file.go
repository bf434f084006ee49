package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// outputFile is the file of --output-file. It is written when all is known: it is
// then the old one, or the new one.
type outputFile struct {
	name, path string      // as given; where it really is
	there      fs.FileInfo // nil: it is new
}

// newOutputFile refuses at once what is no file, or none of its own. For standard
// output it is nil.
func (a *app) newOutputFile(name string) (*outputFile, error) {
	o := &outputFile{name: name}
	if name == "-" || name == "/dev/stdout" {
		return nil, nil
	}
	if err := o.find(); err != nil {
		return nil, err
	}
	config, err := filepath.Abs(a.settings.config)
	switch {
	case err == nil && o.path == resolved(config), filepath.Base(o.path) == fluxsum.ConfigName:
		return nil, o.refused("is a config of fluxsum", "--output-file takes a file of its own")
	case o.isLedOut(context.Background()):
		return nil, o.refused("leads out of the repository through a symlink", "name the file itself")
	case slices.Contains(strings.Split(filepath.ToSlash(o.path), "/"), ".git"):
		return nil, o.refused("lies in a folder of Git's own", "--output-file takes a file of its own")
	}
	return o, nil
}

// find finds the file, or the place for it.
func (o *outputFile) find() error {
	path, err := filepath.Abs(o.name)
	if err != nil {
		return o.failed(err)
	}
	o.path = resolved(path)
	o.there, err = os.Stat(o.path)
	switch {
	case err == nil && o.there.IsDir(), os.IsPathSeparator(o.name[len(o.name)-1]):
		return o.refused("is a folder, expected a file", "--output-file takes the name of the file to write")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return o.failed(err)
	}
	if link, err := os.Lstat(o.path); o.there == nil && err == nil && link.Mode()&fs.ModeSymlink != 0 {
		return o.refused("is a symlink to nothing", "name the file itself")
	}
	if _, err := os.Stat(filepath.Dir(o.path)); err != nil {
		return o.refused("the folder "+filepath.Dir(o.name)+" does not exist", "make the folder first")
	}
	return nil
}

// isLedOut says whether a file that is named as one of the repository is none of it:
// its symlinks may be a stranger's.
func (o *outputFile) isLedOut(ctx context.Context) bool {
	r, err := repo.Discover(ctx, ".")
	if err != nil || r.Top == "" {
		return false
	}
	named, err := filepath.Abs(o.name)
	return err == nil && r.Holds(named) && !r.Holds(o.path)
}

// resolved is a path without symlinks on its way, also where nothing stands there yet.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return filepath.Join(repo.Resolved(filepath.Dir(path)), filepath.Base(path))
}

// isReport says whether the file may be written though nothing is known about it: it
// is new, no file, or what an earlier run has left.
func (o *outputFile) isReport() bool {
	if o.there == nil || !o.there.Mode().IsRegular() {
		return true
	}
	text, err := os.ReadFile(o.path)
	text = bytes.TrimSpace(text)
	marks := []string{`"name": "fluxsum"`, `<testsuites name="fluxsum"`, `"check_name": "`, ",title=fluxsum%3A "}
	return err == nil && (len(text) == 0 || string(text) == "[]" || slices.ContainsFunc(marks, func(mark string) bool {
		return bytes.Contains(text, []byte(mark))
	}))
}

// write writes it whole, or not at all.
func (o *outputFile) write(text []byte) error {
	if o.there != nil && !o.there.Mode().IsRegular() {
		return o.failed(writeDevice(o.path, text))
	}
	folder, err := repo.OpenWorktree(filepath.Dir(o.path))
	if err != nil {
		return o.failed(err)
	}
	defer folder.Close()
	return o.failed(o.writeIn(folder, text))
}

func (o *outputFile) writeIn(folder *repo.Worktree, text []byte) error {
	name := filepath.Base(o.path)
	if o.there == nil {
		return folder.Create(name, text)
	}
	old, err := os.ReadFile(o.path)
	if err != nil {
		return err
	}
	return folder.Write([]fluxsum.Change{{File: name, Before: old, After: text}})
}

// writeDevice writes to a pipe, a terminal, or what else is no file.
func writeDevice(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func (o *outputFile) refused(message, hint string) error {
	return &userError{o.name + ": " + message, hint}
}

func (o *outputFile) failed(err error) error {
	if err == nil {
		return nil
	}
	return o.refused("cannot be written: "+plainReason(err), "no results were written")
}
