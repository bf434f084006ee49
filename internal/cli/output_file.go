package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// outputFile is the file of --output-file. It is written when all is known: it is
// the old one, or the new one.
type outputFile struct {
	name, path string      // as given; where it really is
	there      fs.FileInfo // nil: it is new
}

// newOutputFile refuses at once what could not be written at the end.
func newOutputFile(name string) (*outputFile, error) {
	o := &outputFile{name: name}
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, o.failed(err)
	}
	o.path = repo.Resolved(path)
	o.there, err = os.Stat(o.path)
	switch {
	case err == nil && o.there.IsDir():
		return nil, &userError{name + ": is a folder, expected a file", "--output-file takes the name of the file to write"}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, o.failed(err)
	}
	if _, err := os.Stat(filepath.Dir(o.path)); err != nil {
		return nil, &userError{name + ": the folder " + filepath.Dir(name) + " does not exist", "make the folder first"}
	}
	return o, nil
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
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

func (o *outputFile) failed(err error) error {
	if err == nil {
		return nil
	}
	return &userError{fmt.Sprintf("%s: cannot be written: %s", o.name, plainReason(err)), "no results were written"}
}
