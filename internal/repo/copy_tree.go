package repo

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// copyTree is a folder with copies of some files of a checkout, and of the attributes
// that count for them: a worktree for git in which nothing can be swapped.
type copyTree struct {
	checkout *Checkout
	dir      string
}

// fill copies files, named from the top.
func (t *copyTree) fill(names []string) error {
	top, err := OpenWorktree(t.checkout.repo.Top)
	if err != nil {
		return err
	}
	defer top.Close()
	done := map[string]bool{}
	for _, name := range names {
		if err := t.attributes(top, path.Dir(name), done); err != nil {
			return err
		}
		file, err := t.checkout.fromTop(name)
		if err != nil {
			return err
		}
		if err := t.write(name, file); err != nil {
			return err
		}
	}
	return nil
}

// attributes copies those of a folder and of the ones above it. Git follows no symlink
// to them, and adds nothing that lies behind one.
func (t *copyTree) attributes(top *Worktree, folder string, done map[string]bool) error {
	if done[folder] {
		return nil
	}
	done[folder] = true
	if info, err := top.Lstat(folder); err != nil || !info.IsDir() {
		return &fs.PathError{Op: "add", Path: folder, Err: errors.Join(err, errLinkedFolder)}
	}
	name := path.Join(folder, ".gitattributes")
	if info, err := top.Lstat(name); err == nil && info.Mode().IsRegular() {
		file, err := top.Open(name)
		if err != nil {
			return err
		}
		if err := t.write(name, file); err != nil {
			return err
		}
	}
	if folder == "." {
		return nil
	}
	return t.attributes(top, path.Dir(folder), done)
}

var errLinkedFolder = errors.New("is not the folder itself but a symlink")

func (t *copyTree) write(name string, from fs.File) error {
	defer from.Close()
	to := filepath.Join(t.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}

// fromTop opens a regular file of the checkout that is named from the top.
func (c *Checkout) fromTop(name string) (fs.File, error) {
	if c.prefix != "." {
		name = strings.TrimPrefix(name, c.prefix+"/")
	}
	file, err := c.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errChanged}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
