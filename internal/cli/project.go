package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// project is a config and the folder that it stands in.
type project struct {
	root   string
	config *fluxsum.Config
	tree   *repo.Worktree
}

// open reads the config and opens its folder. The project must be closed.
func (a *app) open(ctx context.Context) (*project, error) {
	path, shown, err := a.configPath()
	if err != nil {
		return nil, err
	}
	root, name := filepath.Split(path)
	tree, err := repo.OpenWorktree(root)
	if err != nil {
		return nil, fluxsum.Problems{{File: shown, Message: "does not exist", Hint: "-c takes a config file"}}
	}
	p := &project{root: root, tree: tree}
	if p.config, err = fluxsum.LoadConfig(ctx, tree, name, shown); err != nil {
		tree.Close()
		return nil, err
	}
	return p, nil
}

// configPath returns the absolute path of the config, and how to call it.
func (a *app) configPath() (path, shown string, err error) {
	if a.settings.config != "" {
		path, err = filepath.Abs(a.settings.config)
		return path, filepath.ToSlash(a.settings.config), err
	}
	path, err = repo.Find(".")
	if errors.Is(err, repo.ErrNoConfig) {
		err = &userError{repo.ErrNoConfig.Error(), noConfigHint()}
	}
	return path, fluxsum.ConfigName, err
}

func noConfigHint() string {
	const misnamed = ".fluxsum.yml"
	if _, err := os.Stat(misnamed); err == nil {
		return "rename " + misnamed + " to " + fluxsum.ConfigName
	}
	return "name one with -c FILE, or write it: the README shows an example"
}

func (p *project) close() { p.tree.Close() }

// withPlan opens the project, builds the plan of the rules that args choose and
// hands both on.
func (a *app) withPlan(ctx context.Context, args []string, do func(*project, *fluxsum.Plan) error) error {
	p, err := a.open(ctx)
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
	chosen := make([]fluxsum.Arg, len(args))
	for i, arg := range args {
		chosen[i] = p.arg(arg)
	}
	config, err := p.config.Select(chosen)
	if err != nil {
		return nil, err
	}
	return fluxsum.Build(ctx, config, p.tree)
}

// arg is a rule, or a path: from here, also where here or the path is reached
// through a symlink, or else from the root.
func (p *project) arg(text string) fluxsum.Arg {
	arg := fluxsum.Arg{Text: text}
	if text == "" {
		return arg
	}
	roots := []string{p.root, resolved(p.root)}
	if path, err := filepath.Abs(text); err == nil {
		for _, path := range []string{path, filepath.Join(resolved(filepath.Dir(path)), filepath.Base(path))} {
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

// resolved returns a folder with its symlinks resolved, where that works.
func resolved(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}
