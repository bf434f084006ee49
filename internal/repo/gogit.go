package repo

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"

	"github.com/fluxsum/fluxsum/internal/git"
)

// goGit reads the objects and references of a repository without a git binary.
// It is go-git's storage alone: go-git's own package brings transports and
// signatures along, which every start of the program would pay for.
type goGit struct {
	mu      sync.Mutex
	storage *filesystem.Storage
	shared  bool // files of the repository have a mode of their own
}

// openGoGit opens a repository, unless it is of a kind that go-git cannot read,
// or one that the environment puts together.
func (r *Repository) openGoGit() (*goGit, error) {
	if r.elsewhere {
		return nil, errors.New("the environment or core.worktree leads elsewhere, which go-git does not follow")
	}
	common := osfs.New(r.CommonDir)
	files := repositoryFiles{dotgit.NewRepositoryFilesystem(osfs.New(r.Dir), common), common}
	g := &goGit{storage: filesystem.NewStorageWithOptions(files, cache.NewObjectLRUDefault(), filesystem.Options{
		AlternatesFS:         osfs.New("/"),
		LargeObjectThreshold: git.Small,
		KeepDescriptors:      true,
	})}
	return g, g.check(r)
}

// repositoryFiles lets go-git end the write of an object as git does: readable for
// whoever may enter its folder. Of itself go-git cannot change modes where the
// repository may have two folders, and the object stays its writer's alone.
type repositoryFiles struct {
	*dotgit.RepositoryFilesystem
	common billy.Filesystem
}

// Chmod changes the mode of an object.
func (f repositoryFiles) Chmod(name string, mode os.FileMode) error {
	folder, err := f.common.Stat(filepath.Dir(name))
	if err != nil {
		return err
	}
	return f.common.(billy.Chmod).Chmod(name, mode&folder.Mode().Perm())
}

// check refuses repositories with other hashes or references than go-git knows
// (gitrepository-layout, extensions).
func (g *goGit) check(r *Repository) error {
	settings, err := readConfig(filepath.Join(r.CommonDir, "config"), "extensions", "sharedrepository")
	if err != nil {
		return err
	}
	g.shared = settings.Section("core").Option("sharedrepository") != ""
	extensions := settings.Section("extensions")
	if format := extensions.Option("objectformat"); format != "" && format != "sha1" {
		return errors.New("its objects are named by " + format)
	}
	if refs := extensions.Option("refstorage"); refs != "" && refs != "files" {
		return errors.New("its references are kept in " + refs)
	}
	return nil
}

// Object returns the type and the content of an object.
func (g *goGit) Object(id string) (kind string, text io.ReadCloser, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, err := g.storage.EncodedObject(plumbing.AnyObject, plumbing.NewHash(id))
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		err = git.ErrMissing
	}
	if err != nil {
		return "", nil, err
	}
	text, err = o.Reader()
	return o.Type().String(), text, err
}

// Write stores a blob and returns its id.
func (g *goGit) Write(text []byte) (id string, err error) {
	if g.shared {
		return "", errors.New("core.sharedRepository is set, which go-git does not know")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	o := g.storage.NewEncodedObject()
	o.SetType(plumbing.BlobObject)
	w, err := o.Writer()
	if err != nil {
		return "", err
	}
	if _, err := w.Write(text); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	hash, err := g.storage.SetEncodedObject(o)
	return hash.String(), err
}

// Close lets go of the open packs.
func (g *goGit) Close() error { return g.storage.Close() }

// store reads objects with go-git, and with git what go-git cannot read: a
// repository of another kind, or objects that are still at the remote of a
// partial clone. It is goGit or git alone when the other is not there.
type store struct {
	repo  *Repository
	goGit *goGit
	git   *git.Batch
}

// openStore opens the objects, once for all that read them at the same time.
func (r *Repository) openStore(ctx context.Context) (*store, error) {
	r.opening.Lock()
	defer r.opening.Unlock()
	if r.opened == nil {
		var err error
		if r.opened, err = r.newStore(ctx); err != nil {
			return nil, err
		}
	}
	r.users++
	return r.opened, nil
}

func (r *Repository) newStore(ctx context.Context) (*store, error) {
	s := &store{repo: r, git: git.NewBatch(ctx, r.Git())}
	g, err := r.openGoGit()
	if err == nil {
		s.goGit = g
		return s, nil
	}
	if s.git.Start(); s.git.Err() != nil {
		return nil, &unsupported{err}
	}
	return s, nil
}

// unsupported is a repository that needs a git binary, which is not there.
type unsupported struct{ reason error }

// Error says why.
func (e *unsupported) Error() string {
	return "this repository can only be read with git, which is not on PATH: " + e.reason.Error()
}

// Object returns the type and the content of an object.
func (s *store) Object(id string) (kind string, text io.ReadCloser, err error) {
	if s.goGit == nil {
		return s.git.Object(id)
	}
	kind, text, err = s.goGit.Object(id)
	if err != nil {
		if kind, text, gitErr := s.git.Object(id); !errors.Is(gitErr, git.ErrNoBinary) {
			return kind, text, gitErr
		}
	}
	return kind, text, err
}

// Close lets go of the repository, when nobody else reads it.
func (s *store) Close() error {
	r := s.repo
	r.opening.Lock()
	defer r.opening.Unlock()
	if r.users--; r.users > 0 {
		return nil
	}
	r.opened = nil
	if s.goGit != nil {
		s.goGit.Close()
	}
	return s.git.Close()
}
