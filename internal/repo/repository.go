package repo

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/format/config"

	"github.com/fluxsum/fluxsum/internal/git"
)

// ErrNoRepository says that a folder is in no Git repository.
var ErrNoRepository = errors.New("not in a Git repository")

// ErrBare says that a repository has no worktree.
var ErrBare = errors.New("is a bare repository, which has neither index nor worktree")

// Repository is where a Git repository lies.
type Repository struct {
	Top       string // of the worktree; empty when there is none
	Dir       string // of Git's own files
	CommonDir string // the part that all linked worktrees share

	// Own says that the user's git has started us here: the repository's settings
	// count, as in that git.
	Own bool

	elsewhere bool     // the environment puts it together in another way
	named     []string // to git, which would find another at the top of the worktree

	guarding sync.Once
	guarded  git.Guard

	opening sync.Mutex
	opened  *store
	users   int // of opened
}

// isAsUsual says whether the environment leads git to the repository that the
// folder lies in: GIT_DIR does so in the hooks of linked worktrees.
func (r *Repository) isAsUsual() bool {
	for name, own := range map[string]string{"GIT_DIR": r.Dir, "GIT_WORK_TREE": r.Top, "GIT_COMMON_DIR": r.CommonDir, "GIT_OBJECT_DIRECTORY": filepath.Join(r.CommonDir, "objects"), "GIT_ALTERNATE_OBJECT_DIRECTORIES": ""} {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		if path, err := filepath.Abs(value); err != nil || own == "" || Resolved(path) != Resolved(own) {
			return false
		}
	}
	return true
}

// Discover finds the repository that dir is in. Git is asked only where the
// environment or the repository's settings lead elsewhere, or where it may refuse.
func Discover(ctx context.Context, dir string) (*Repository, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	r := walkUp(dir)
	switch {
	case r == nil && os.Getenv("GIT_DIR") == "":
		return nil, ErrNoRepository
	case r == nil || !r.isAsUsual():
		return ask(ctx, dir)
	case r.mustAsk():
		return r.confirmed(ctx, dir)
	}
	return r, nil
}

// walkUp looks for a repository in dir and the folders above it.
func walkUp(dir string) *Repository {
	for {
		if r := repositoryAt(dir); r != nil {
			return r
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}

func repositoryAt(dir string) *Repository {
	own := filepath.Join(dir, ".git")
	info, err := os.Stat(own)
	switch {
	case err == nil && info.IsDir() && isGitDir(own):
		return &Repository{Top: dir, Dir: own, CommonDir: own}
	case err == nil && info.Mode().IsRegular():
		if text, err := os.ReadFile(own); err == nil && strings.HasPrefix(string(text), "gitdir: ") {
			own = beside(dir, strings.TrimSpace(string(text[len("gitdir: "):])))
			return &Repository{Top: dir, Dir: own, CommonDir: commonDir(own)}
		}
	case isGitDir(dir):
		return &Repository{Dir: dir, CommonDir: commonDir(dir)}
	}
	return nil
}

// isGitDir says whether dir looks like Git's own folder, as git tells it.
func isGitDir(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// commonDir is what linked worktrees share: the file commondir leads there.
func commonDir(own string) string {
	text, err := os.ReadFile(filepath.Join(own, "commondir"))
	if err != nil {
		return own
	}
	return beside(own, strings.TrimSpace(string(text)))
}

// beside is a path as seen from a folder.
func beside(dir, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// namesWorktree says whether the settings say where the worktree is, as they do in a
// submodule; elsewhere, whether that is not beside .git.
func (r *Repository) namesWorktree() (named, elsewhere bool) {
	for _, file := range r.configFiles() {
		settings, err := readConfig(file, "worktree")
		if err != nil {
			return true, true
		}
		if at := settings.Section("core").Option("worktree"); at != "" {
			named = true
			elsewhere = elsewhere || Resolved(beside(r.Dir, at)) != Resolved(r.Top)
		}
	}
	return named, elsewhere
}

// readConfig reads a file of git's settings; one that is not there is empty, and
// so is one that holds none of the words, which every start would have to parse.
func readConfig(file string, words ...string) (*config.Config, error) {
	settings := config.New()
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return settings, nil
	}
	if err != nil {
		return nil, err
	}
	lower := bytes.ToLower(text)
	if !slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(lower, []byte(w)) }) {
		return settings, nil
	}
	return settings, config.NewDecoder(bytes.NewReader(text)).Decode(settings)
}

// ask has git tell where the repository is.
func ask(ctx context.Context, dir string) (*Repository, error) {
	out, err := git.Git{Dir: dir}.Line(ctx, "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--is-inside-work-tree")
	if errors.Is(err, git.ErrNoBinary) {
		return nil, &unsupported{errors.New("the environment or core.worktree says where it is")}
	}
	lines := strings.Split(out, "\n")
	var failed *git.Error
	switch {
	case err != nil && strings.HasPrefix(err.Error(), "not a git repository"):
		return nil, ErrNoRepository
	case errors.As(err, &failed):
		return nil, refusedByGit(failed)
	case err != nil:
		return nil, err
	case len(lines) != 3:
		return nil, ErrNoRepository
	}
	r := &Repository{Dir: lines[0], CommonDir: lines[1], elsewhere: true}
	if lines[2] == "true" {
		if r.Top, err = (git.Git{Dir: dir}).Line(ctx, "rev-parse", "--path-format=absolute", "--show-toplevel"); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Git returns a git that runs at the top of the worktree.
func (r *Repository) Git() git.Git { return git.Git{Dir: r.folder(), Env: r.named, Guard: r.guard()} }

// folder is where git runs.
func (r *Repository) folder() string {
	if r.Top == "" {
		return r.Dir
	}
	return r.Top
}

// Prefix returns the path of a folder from the top of the worktree; ok is
// false when it lies elsewhere.
func (r *Repository) Prefix(dir string) (prefix string, ok bool) {
	for _, top := range []string{r.Top, Resolved(r.Top)} {
		for _, dir := range []string{dir, Resolved(dir)} {
			if rel, err := filepath.Rel(top, dir); err == nil && filepath.IsLocal(rel) {
				return filepath.ToSlash(rel), true
			}
		}
	}
	return "", false
}

// Holds says whether a path, as it is written, lies below the top of the worktree.
func (r *Repository) Holds(path string) bool {
	for _, top := range []string{r.Top, Resolved(r.Top)} {
		if rel, err := filepath.Rel(top, path); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

// Resolved returns a folder with its symlinks resolved, where that works.
func Resolved(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}
