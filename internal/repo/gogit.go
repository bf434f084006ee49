package repo

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/go-git/go-billy/v5/osfs"
	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"

	"github.com/fluxsum/fluxsum/internal/git"
)

// goGit reads a repository without a git binary.
type goGit struct {
	mu   sync.Mutex
	repo *gogit.Repository
}

// openGoGit opens a repository with go-git, unless it is of a kind that go-git
// cannot read: one with SHA-256, reftable, a sparse checkout, or one that the
// environment puts together.
func (r *Repository) openGoGit() (*goGit, error) {
	if ledByEnvironment() {
		return nil, errors.New("GIT_DIR and the like are set, which go-git does not read")
	}
	files := dotgit.NewRepositoryFilesystem(osfs.New(r.Dir), osfs.New(r.CommonDir))
	storage := filesystem.NewStorageWithOptions(files, cache.NewObjectLRUDefault(), filesystem.Options{
		AlternatesFS:         osfs.New("/"),
		LargeObjectThreshold: git.Small,
		KeepDescriptors:      true,
	})
	repo, err := gogit.Open(storage, nil)
	if err != nil {
		return nil, err
	}
	return &goGit{repo: repo}, nil
}

// Object returns the type and the content of an object.
func (g *goGit) Object(id string) (kind string, text io.ReadCloser, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, err := g.repo.Storer.EncodedObject(plumbing.AnyObject, plumbing.NewHash(id))
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		err = git.ErrMissing
	}
	if err != nil {
		return "", nil, err
	}
	text, err = o.Reader()
	return o.Type().String(), text, err
}

// resolve returns the id that a revision stands for. What go-git makes of odd
// words is no reason to die.
func (g *goGit) resolve(rev string) (id string, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("go-git cannot read it")
		}
	}()
	hash, err := g.repo.ResolveRevision(plumbing.Revision(rev))
	if err != nil {
		return "", err
	}
	return hash.String(), nil
}

// Close lets go of the open packs.
func (g *goGit) Close() error {
	if c, ok := g.repo.Storer.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// store reads objects with go-git, and with git what go-git cannot read: a
// repository of another kind, or objects that are still at the remote of a
// partial clone. It is goGit or git alone when the other is not there.
type store struct {
	goGit *goGit
	git   *git.Batch
}

func (r *Repository) openObjects(ctx context.Context) (objects, error) { return r.openStore(ctx) }

func (r *Repository) openStore(ctx context.Context) (*store, error) {
	s := &store{git: git.NewBatch(ctx, r.Git())}
	var err error
	if s.goGit, err = r.openGoGit(); err == nil {
		return s, nil
	}
	s.goGit = nil
	if s.git.Start(); s.git.Err() != nil {
		return nil, &unsupported{err}
	}
	return s, nil
}

// unsupported is a repository that needs a git binary, which is not there.
type unsupported struct{ reason error }

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

// Close lets go of the repository.
func (s *store) Close() error {
	if s.goGit != nil {
		s.goGit.Close()
	}
	return s.git.Close()
}
