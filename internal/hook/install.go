package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fluxsum/fluxsum/internal/repo"
)

// Errors of Install and Uninstall.
var (
	ErrOff = errors.New("core.hooksPath switches all hooks of this repository off")
)

// ManagedError says that another tool is in charge of the hooks.
type ManagedError struct{ Manager }

// Error says which.
func (e *ManagedError) Error() string { return e.name() + " is in charge of the hooks: " + e.Why }

func (m *Manager) name() string {
	if m.Name == "" {
		return "core.hooksPath"
	}
	return m.Name
}

// InTheWayError is a file that keeps a hook from being installed.
type InTheWayError struct{ Path string }

// Error names it.
func (e *InTheWayError) Error() string {
	return e.Path + " is in the way: it was kept for the hook that was here before fluxsum's"
}

// Done is what happened to one hook.
type Done struct {
	Hook, Path string
	What       string // installed, renewed, in place; removed, restored, not installed
	Previous   bool   // another hook runs before it
}

// Install installs the hooks of a repository. Config is the config's path from
// the top, when it is another than usual. Force installs them beside those of
// another tool.
func Install(ctx context.Context, r *repo.Repository, config string, force bool) ([]Done, error) {
	p, err := locate(ctx, r)
	if err != nil {
		return nil, err
	}
	if p.isOff() {
		return nil, ErrOff
	}
	if m := p.manager(); m != nil && !force {
		if m.Runs {
			return []Done{{PreCommit, m.File, "in place", false}}, nil
		}
		return nil, &ManagedError{*m}
	}
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for _, hook := range Names() {
		if err := p.check(hook); err != nil {
			return nil, err
		}
	}
	p.forget()
	return p.installAll(script{binary: binary, config: config})
}

// check refuses a hook that cannot be kept.
func (p *place) check(hook string) error {
	path := filepath.Join(p.dir, hook)
	text, err := os.ReadFile(path)
	foreign := err == nil && !isOurs(text) || err != nil && isThere(path)
	if foreign && isThere(path+previousSuffix) {
		return &InTheWayError{path + previousSuffix}
	}
	return nil
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (p *place) installAll(s script) ([]Done, error) {
	s.newFolder = !isThere(p.dir) || p.madeFolder()
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return nil, err
	}
	var all []Done
	for _, hook := range Names() {
		s.hook = hook
		what, err := p.install(s)
		if err != nil {
			return all, err
		}
		path := filepath.Join(p.dir, hook)
		all = append(all, Done{hook, path, what, isThere(path + previousSuffix)})
	}
	return all, nil
}

// install writes one hook, and keeps what stands in its place.
func (p *place) install(s script) (what string, err error) {
	path := filepath.Join(p.dir, s.hook)
	old, err := os.ReadFile(path)
	switch {
	case err == nil && isOurs(old):
		if info, err := os.Stat(path); err == nil && bytes.Equal(old, s.text()) && info.Mode().Perm()&0o111 == 0o111 {
			return "in place", nil
		}
		return "renewed", writeHook(path, s.text())
	case isThere(path):
		if err := os.Rename(path, path+previousSuffix); err != nil {
			return "", err
		}
	}
	return "installed", writeHook(path, s.text())
}

// writeHook writes an executable file, at once.
func writeHook(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".fluxsum-hook-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(0o755)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Uninstall removes our hooks, and puts back those that were there before.
func Uninstall(ctx context.Context, r *repo.Repository) ([]Done, error) {
	p, err := locate(ctx, r)
	if err != nil {
		return nil, err
	}
	madeFolder := p.madeFolder()
	var all []Done
	for _, hook := range Names() {
		what, err := p.uninstall(hook)
		if err != nil {
			return all, err
		}
		all = append(all, Done{hook, filepath.Join(p.dir, hook), what, false})
	}
	p.forget()
	if madeFolder {
		_ = os.Remove(p.dir) // unless something else stands in it
	}
	return all, nil
}

func (p *place) uninstall(hook string) (what string, err error) {
	path := filepath.Join(p.dir, hook)
	text, err := os.ReadFile(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	case err != nil || !isOurs(text):
		return "not installed", nil
	case isThere(path + previousSuffix):
		return "restored", os.Rename(path+previousSuffix, path)
	}
	return "removed", os.Remove(path)
}

// madeFolder says whether a hook of ours tells that its folder is ours too.
func (p *place) madeFolder() bool {
	text, err := os.ReadFile(filepath.Join(p.dir, PreCommit))
	return err == nil && isOurs(text) && bytes.Contains(text, []byte(folderLine))
}

// forget removes the notes for our scripts, of all linked worktrees.
func (p *place) forget() {
	notes, _ := filepath.Glob(filepath.Join(p.repo.CommonDir, "worktrees", "*", knownFile))
	for _, name := range append(notes, filepath.Join(p.repo.CommonDir, knownFile)) {
		os.Remove(name)
	}
}

// IsReadOnly says whether an error is that of a folder that may not be written.
func IsReadOnly(err error) bool { return errors.Is(err, fs.ErrPermission) || isReadOnlyFS(err) }

// Line returns the line that has a hook of any kind run fluxsum.
func Line(hook string) string { return fmt.Sprintf("fluxsum hooks run %s || exit", hook) }
