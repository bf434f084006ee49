package repo

import (
	"context"
	"path/filepath"
	"sync"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// modules are the objects of submodules that are checked out, each opened once.
type modules struct {
	repo   *Repository
	mu     sync.Mutex
	opened map[string]*store
}

func newModules(r *Repository) *modules { return &modules{repo: r, opened: map[string]*store{}} }

// open opens the objects of the submodule at a path, from the top.
func (m *modules) open(ctx context.Context, at string) (objects, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.opened[at]; s != nil {
		return s, nil
	}
	sub, err := m.repo.submodule(ctx, at)
	if err != nil {
		return nil, err
	}
	s, err := sub.openStore(ctx)
	if err == nil {
		m.opened[at] = s
	}
	return s, err
}

// submodule returns the repository of the submodule at a path, from the top. A folder
// that merely looks like Git's own is none, nor what a symlink leads to.
func (r *Repository) submodule(ctx context.Context, at string) (*Repository, error) {
	dir := filepath.Join(r.Top, filepath.FromSlash(at))
	sub := repositoryAt(dir)
	if r.Top == "" || sub == nil || sub.Top == "" || Resolved(dir) != filepath.Join(Resolved(r.Top), filepath.FromSlash(at)) {
		return nil, &fluxsum.FileError{Message: "is in the submodule " + at + ", which is not checked out", Hint: "run `git submodule update --init " + at + "`"}
	}
	if sub.isForeign() {
		return sub.confirmed(ctx, dir)
	}
	return sub, nil
}

func (m *modules) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at, s := range m.opened {
		s.Close()
		delete(m.opened, at)
	}
}
