package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// project is a config, the folder that it stands in, and the tree in which
// both are read.
type project struct {
	root        string // on disk; where a tree has no disk, as if it had one
	config      *fluxsum.Config
	tree        fs.FS
	name        string // of the tree: worktree, index, or the id of a commit
	configName  string // of the config, below the root
	configShown string // what problems call it
	builder     fluxsum.Builder
	close       func()

	worktree *repo.Worktree
	index    *repo.Index
	history  *repo.History // opened when explain needs it
}

// where says which tree a command reads.
type where struct {
	staged bool
	rev    string
	writes bool // into the worktree, which nobody else may do meanwhile

	// With the faults of a config those are told that the rules have in the tree: the
	// rules that are asked for, or all.
	faults bool
	asked  []string
	unless func(context.Context, *project) bool // nil is never
}

// open reads the config from a tree. The project must be closed.
func (a *app) open(ctx context.Context, w where) (*project, error) {
	switch {
	case w.staged && w.writes:
		return a.openIndexToWrite(ctx, w)
	case w.staged:
		return a.openIndex(ctx, w)
	case w.rev != "":
		return a.openCommit(ctx, w)
	}
	return a.openWorktree(ctx, w)
}

func (a *app) openWorktree(ctx context.Context, w where) (*project, error) {
	path, shown, err := a.configPath()
	if err != nil {
		return nil, err
	}
	root, name := filepath.Split(path)
	tree, worktree, err := repo.OpenCheckout(ctx, root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fluxsum.Problems{{File: shown, Message: "does not exist", Hint: "-c takes a config file"}}
	}
	p := &project{root: root, tree: tree, name: "worktree", worktree: worktree, close: func() { tree.(io.Closer).Close() }}
	if w.writes {
		p.configName = name
		if err := a.lock(ctx, p); err != nil {
			p.close()
			return nil, err
		}
	}
	if p, err = p.load(ctx, name, shown, w); err == nil {
		if c, ok := tree.(*repo.Checkout); ok {
			c.Expect(p.config.Paths())
		}
	}
	return p, err
}

// openAnyway is openWorktree, but without a config the top of the repository, or
// this folder outside of one, is a project without rules.
func (a *app) openAnyway(ctx context.Context) (*project, error) {
	p, err := a.openWorktree(ctx, where{faults: true})
	if a.settings.config != "" || !errors.Is(err, errNoConfig) {
		return p, err
	}
	return a.openBare(ctx)
}

// openBare opens the folder in which a config would be written.
func (a *app) openBare(ctx context.Context) (*project, error) {
	root, err := a.newRoot(ctx)
	if err != nil {
		return nil, err
	}
	tree, worktree, err := repo.OpenCheckout(ctx, root)
	if err != nil {
		return nil, err
	}
	p := &project{root: root, config: emptyConfig(), tree: tree, name: "worktree", configName: fluxsum.ConfigName, worktree: worktree, close: func() { tree.(io.Closer).Close() }}
	if c, ok := tree.(*repo.Checkout); ok {
		c.Expect([]string{"."})
	}
	return p, nil
}

// emptyConfig has no rules.
func emptyConfig() *fluxsum.Config { return &fluxsum.Config{Version: fluxsum.Version} }

// newRoot is the folder of a config that is not there yet: that of -c, else the
// top of the repository, else this folder.
func (a *app) newRoot(ctx context.Context) (string, error) {
	if a.settings.config != "" {
		path, err := filepath.Abs(a.settings.config)
		return filepath.Dir(path), err
	}
	r, err := repo.Discover(ctx, ".")
	switch {
	case errors.Is(err, repo.ErrNoRepository):
		return aloneFolder()
	case err == nil && r.Top == "":
		return "", &userError{"this " + repo.ErrBare.Error(), "run this in a clone"}
	case err != nil:
		return "", err
	}
	return r.Top, nil
}

// aloneFolder is this folder, unless all that the user or the machine has is
// below it.
func aloneFolder() (string, error) {
	here, err := os.Getwd()
	if what := whole(here); err == nil && what != "" {
		err = &userError{"this folder is " + what + ", and in no Git repository", "run this in a clone, or name one with -C DIR"}
	}
	return here, err
}

// whole says what a folder is that holds everything; "" for any other.
func whole(dir string) string {
	home, _ := os.UserHomeDir()
	switch dir {
	case home:
		return "the home folder"
	case filepath.Dir(dir):
		return dir
	}
	return ""
}

// load reads the config of a project that is otherwise complete.
func (p *project) load(ctx context.Context, name, shown string, w where) (*project, error) {
	var err error
	p.configName, p.configShown = name, shown
	if p.config, err = fluxsum.LoadConfig(ctx, p.tree, name, shown); err != nil {
		err = p.faults(ctx, err, w)
		p.close()
		return nil, err
	}
	return p, nil
}

// faults is the error of a config with all that is to be told.
func (p *project) faults(ctx context.Context, err error, w where) error {
	var broken *fluxsum.ConfigError
	if !w.faults || !errors.As(err, &broken) || w.unless != nil && w.unless(ctx, p) {
		return err
	}
	return broken.InTree(ctx, p.tree, p.args(w.asked))
}

// errNoConfig goes with the error for a folder without a config.
var errNoConfig = errors.New("")

// configPath returns the absolute path of the config, and how to call it.
func (a *app) configPath() (path, shown string, err error) {
	if a.settings.config != "" {
		if err := a.settings.checkConfig(); err != nil {
			return "", "", err
		}
		path, err = filepath.Abs(a.settings.config)
		return path, filepath.ToSlash(a.settings.config), err
	}
	path, err = repo.Find(".")
	if errors.Is(err, repo.ErrNoConfig) {
		err = fmt.Errorf("%w%w", errNoConfig, &userError{repo.ErrNoConfig.Error(), noConfigHint()})
	}
	return path, fluxsum.ConfigName, err
}

func noConfigHint() string {
	const misnamed = ".fluxsum.yml"
	if _, err := os.Stat(misnamed); err == nil {
		return "rename " + misnamed + " to " + fluxsum.ConfigName
	}
	return "`fluxsum init` writes it; -c FILE names another one"
}

// withPlan opens the project, builds the plan of the rules that args choose and
// hands both on.
func (a *app) withPlan(ctx context.Context, w where, args []string, do func(*project, *fluxsum.Plan) error) error {
	w.faults, w.asked = true, args
	p, err := a.open(ctx, w)
	if err != nil {
		return err
	}
	defer p.close()
	plan, err := p.plan(ctx, args)
	if err != nil {
		return err
	}
	return do(p, plan)
}

// plan builds the plan of the rules that args choose.
func (p *project) plan(ctx context.Context, args []string) (*fluxsum.Plan, error) {
	config, err := p.choose(args)
	if err != nil {
		return nil, err
	}
	plan, err := p.builder.Build(ctx, config, p.tree)
	if err == nil && p.name == "worktree" {
		err = p.oneFileTwice(plan)
	}
	return plan, err
}

// oneFileTwice refuses two names of one file, as file systems have them that do not tell
// upper from lower case: elsewhere they are two files.
func (p *project) oneFileTwice(plan *fluxsum.Plan) error {
	if !p.worktree.FoldsCase(p.configName) {
		return nil
	}
	names := p.config.Paths()
	for _, r := range plan.Results {
		names = append(append(names, r.Files...), r.Target.File)
	}
	one, other := p.worktree.SameFile(names)
	if one == "" {
		return nil
	}
	return fluxsum.Problems{{File: one, Message: "is the same file as " + other + " on this file system, which does not tell upper from lower case", Hint: "write its name in one way in all rules"}}
}

// choose returns the config with the rules that args choose.
func (p *project) choose(args []string) (*fluxsum.Config, error) {
	return p.config.Select(p.args(args))
}

func (p *project) args(texts []string) []fluxsum.Arg {
	all := make([]fluxsum.Arg, len(texts))
	for i, text := range texts {
		all[i] = p.arg(text)
	}
	return all
}

// fromTop is a path of the root as seen from the top of the repository.
func (p *project) fromTop(name string) string { return path.Join(p.prefix(), name) }

// below is a path from the top as seen from the root; ok is false outside of it.
func (p *project) below(name string) (below string, ok bool) {
	if prefix := path.Join(".", p.prefix()); prefix != "." {
		return strings.CutPrefix(name, prefix+"/")
	}
	return name, true
}

// arg is a rule, or a path: from here, also where here or the path is reached
// through a symlink, or else from the root.
func (p *project) arg(text string) fluxsum.Arg {
	arg := fluxsum.Arg{Text: text, There: p.holds}
	if text == "" {
		return arg
	}
	roots := []string{p.root, repo.Resolved(p.root)}
	if path, err := filepath.Abs(text); err == nil {
		for _, path := range []string{path, filepath.Join(repo.Resolved(filepath.Dir(path)), filepath.Base(path))} {
			for _, root := range roots {
				if rel, err := filepath.Rel(root, path); err == nil {
					arg.Files = append(arg.Files, filepath.ToSlash(rel))
				}
			}
		}
	}
	if !filepath.IsAbs(text) {
		arg.Files = append(arg.Files, filepath.ToSlash(filepath.Clean(text)))
	}
	return arg
}

// holds says whether a file of the root is there.
func (p *project) holds(name string) bool {
	_, err := fs.Stat(p.tree, name)
	return err == nil
}
