package hook

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// OffError says that git runs no hooks in a repository.
type OffError struct{ Origin string }

// Error says why.
func (e *OffError) Error() string {
	return "core.hooksPath, set in " + e.Origin + ", switches all hooks of this repository off"
}

func (p *place) off() error { return &OffError{p.origin} }

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

// EditedError is a hook of ours that somebody has edited.
type EditedError struct{ Path string }

// Error names it.
func (e *EditedError) Error() string { return e.Path + " was made by fluxsum and edited since" }

// IdleError says that the hooks are in place, but git would not run them.
type IdleError struct{ Detail, Cure string }

// Error says why.
func (e *IdleError) Error() string { return e.Detail }

// Done is what happened to one hook.
type Done struct {
	Hook, Path string
	What       string // installed, renewed, in place; removed, restored, not installed
	Previous   bool   // another hook runs before it
}

// Install installs the hooks of a repository. Config is the config's path from
// the top, when it is another than usual; "" keeps what a hook of ours has, when
// lost is set. Force installs them beside those of another tool.
func Install(ctx context.Context, r *repo.Repository, config string, lost, force bool) ([]Done, error) {
	p, err := locate(ctx, r)
	if err != nil {
		return nil, err
	}
	if p.isOff() {
		return nil, p.off()
	}
	if m := p.manager(); m != nil && !(force && m.Name != "husky") {
		return p.managed(m)
	}
	if lost {
		config = p.recordedConfig()
	}
	for _, hook := range Names() {
		if err := p.check(hook, force); err != nil {
			return nil, err
		}
	}
	p.forget()
	done, err := p.installAll(script{binary: ownPath(), config: config})
	if err != nil {
		return nil, err
	}
	for _, hook := range Names() {
		if s := p.state(hook); !s.Runs {
			return done, &IdleError{Detail: s.Path + ": " + s.Detail}
		}
	}
	return done, nil
}

// managed is what there is to say where another tool owns the hooks.
func (p *place) managed(m *Manager) ([]Done, error) {
	if !m.Runs {
		return nil, &ManagedError{*m}
	}
	switch s := p.state(PreCommit); {
	case s.Behind != nil:
		return nil, s.Behind
	case !s.Runs:
		return nil, &IdleError{Detail: s.Detail, Cure: m.cure()}
	}
	return []Done{{PreCommit, m.File, "in place", false}}, nil
}

// cure is the command that has a tool install its hooks.
func (m *Manager) cure() string {
	return map[string]string{
		"lefthook":   "lefthook install",
		"pre-commit": "pre-commit install -t pre-commit -t pre-merge-commit",
		"husky":      "npm install",
	}[m.Name]
}

// ownPath is where fluxsum is: by the name that it was started with, which may
// be a link that outlives a version.
func ownPath() string {
	self, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	found, err := exec.LookPath(os.Args[0])
	if err == nil {
		found, err = filepath.Abs(found)
	}
	a, errA := os.Stat(found)
	b, errB := os.Stat(self)
	if err == nil && errA == nil && errB == nil && os.SameFile(a, b) {
		return found
	}
	return self
}

// ours returns the text of a hook that fluxsum has made. A symlink is none, not
// even one that leads to such a hook.
func ours(path string) (text []byte, ok bool) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	text, err = os.ReadFile(path)
	return text, err == nil && isOurs(text)
}

// recordedConfig is the config that a hook of ours was made for.
func (p *place) recordedConfig() string {
	text, _ := ours(filepath.Join(p.dir, PreCommit))
	return madeFor(text)
}

// ConfigBefore returns the config, from the top, that the installed hook is for;
// empty when none is installed.
func ConfigBefore(ctx context.Context, r *repo.Repository) string {
	p, err := locate(ctx, r)
	if err != nil {
		return ""
	}
	text, ok := ours(filepath.Join(p.dir, PreCommit))
	switch config := madeFor(text); {
	case !ok:
		return ""
	case config == "":
		return fluxsum.ConfigName
	default:
		return config
	}
}

// check refuses a hook that cannot be kept.
func (p *place) check(hook string, force bool) error {
	path := filepath.Join(p.dir, hook)
	text, ok := ours(path)
	if ok && isEdited(text) && !force {
		return &EditedError{path}
	}
	if !ok && isThere(path) && isThere(path+previousSuffix) && !isSame(path, path+previousSuffix) {
		return &InTheWayError{path + previousSuffix}
	}
	return nil
}

// isSame says whether two names are of one file: an install was killed between its
// two steps.
func isSame(a, b string) bool {
	infoA, errA := os.Lstat(a)
	infoB, errB := os.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// installAll installs both hooks, or none.
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
			for _, d := range all {
				if d.What == "installed" {
					_, _ = p.uninstall(d.Hook)
				}
			}
			return nil, err
		}
		path := filepath.Join(p.dir, hook)
		all = append(all, Done{hook, path, what, isExecutable(path + previousSuffix)})
	}
	return all, nil
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// install writes one hook, and keeps what stands in its place.
func (p *place) install(s script) (what string, err error) {
	path := filepath.Join(p.dir, s.hook)
	if old, ok := ours(path); ok {
		if bytes.Equal(old, s.text()) && isExecutable(path) {
			return "in place", nil
		}
		return "renewed", writeHook(path, s.text())
	}
	if err := keep(path); err != nil {
		return "", err
	}
	if err := writeHook(path, s.text()); err != nil {
		giveBack(path)
		return "", err
	}
	return "installed", nil
}

// keep gives what stands in the place of a hook another name. Where there are hard
// links it keeps its own too, until ours takes it: at no time is there no hook.
func keep(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil, isSame(path, path+previousSuffix):
		return nil
	case info.Mode().IsRegular() && os.Link(path, path+previousSuffix) == nil:
		return nil
	}
	return os.Rename(path, path+previousSuffix)
}

// giveBack undoes keep.
func giveBack(path string) {
	if isSame(path, path+previousSuffix) {
		_ = os.Remove(path + previousSuffix) // a rename of one name to another does nothing
	} else {
		_ = os.Rename(path+previousSuffix, path)
	}
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
	if p.isOff() {
		return nil, p.off()
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
	text, isOurs := ours(path)
	switch {
	case isOurs && isEdited(text):
		return "", &EditedError{path}
	case !isOurs && isSame(path, path+previousSuffix):
		return "restored", os.Remove(path + previousSuffix) // an install was killed
	case !isOurs && isThere(path):
		return "not installed", nil
	case isThere(path + previousSuffix):
		return "restored", os.Rename(path+previousSuffix, path)
	case !isOurs:
		return "not installed", nil
	}
	return "removed", os.Remove(path)
}

// madeFolder says whether a hook of ours tells that its folder is ours too.
func (p *place) madeFolder() bool {
	text, ok := ours(filepath.Join(p.dir, PreCommit))
	return ok && bytes.Contains(text, []byte(folderLine))
}

// forget removes the notes for our scripts, of all linked worktrees.
func (p *place) forget() {
	notes, _ := fs.Glob(os.DirFS(p.repo.CommonDir), "worktrees/*/"+knownFile)
	for _, name := range append(notes, knownFile) {
		os.Remove(filepath.Join(p.repo.CommonDir, filepath.FromSlash(name)))
	}
}
