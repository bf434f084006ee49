package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/hook"
	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

func (a *app) hooksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hooks",
		Short: "Have Git keep the checksums true in every commit",
		Long: `Have Git keep the checksums true in every commit.

Installed once per clone, the hooks pre-commit and pre-merge-commit set the
checksums of what is staged, in what is staged.`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.hooksInstall(), a.hooksUninstall(), a.hooksStatus(), a.hooksRun())
	return cmd
}

func (a *app) hooksInstall() *cobra.Command {
	var force bool
	var manager string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the hooks in this clone",
		Long: `Install the hooks in this clone.

A hook that is there already is kept and runs first. Where lefthook, husky, the
pre-commit framework or core.hooksPath are in charge, nothing is changed: the
lines that belong into their config are shown.`,
		Example: `  fluxsum hooks install
  fluxsum hooks install --print lefthook >>lefthook.yml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if manager != "" {
				return a.printSnippet(cmd.Context(), manager)
			}
			return a.install(cmd.Context(), force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "install beside the hooks of another tool")
	choice := newChoice(append([]string{""}, hook.Managers()...)...)
	cmd.Flags().Var(choice, "print", "print the lines for `TOOL`: lefthook, husky or pre-commit")
	cmd.PreRun = func(*cobra.Command, []string) { manager = choice.word }
	return cmd
}

// printSnippet prints the lines for a manager, and says where they belong.
func (a *app) printSnippet(ctx context.Context, manager string) error {
	top := "."
	if r, err := repo.Discover(ctx, "."); err == nil && r.Top != "" {
		top = r.Top
	}
	_, err := io.WriteString(a.stdout, hook.Snippet(manager, top))
	return err
}

func (a *app) install(ctx context.Context, force bool) error {
	r, err := discover(ctx)
	if err != nil {
		return err
	}
	done, err := hook.Install(ctx, r, a.hookConfig(r), force)
	if err != nil {
		return hookError(r, err)
	}
	if err := a.reportHooks(r, done); err != nil {
		return err
	}
	if _, _, err := a.configPath(); err != nil {
		a.hint("there is no " + fluxsum.ConfigName + " yet: until one is committed the hooks do nothing")
	}
	return nil
}

// hookConfig is the path of the config from the top, when the hook would not
// find it by itself.
func (a *app) hookConfig(r *repo.Repository) string {
	file, _, err := a.configPath()
	if err != nil {
		return ""
	}
	prefix, ok := r.Prefix(filepath.Dir(file))
	name := path.Join(prefix, filepath.Base(file))
	if !ok || name == fluxsum.ConfigName {
		return ""
	}
	return name
}

// hookError says what to do about hooks that could not be changed.
func hookError(r *repo.Repository, err error) error {
	var managed *hook.ManagedError
	var inTheWay *hook.InTheWayError
	switch {
	case errors.As(err, &managed):
		p := &fluxsum.Problem{File: managed.File, Message: err.Error() + "; put these lines into that file:"}
		p.Details = strings.Split(strings.TrimSuffix(hook.Snippet(managed.Name, r.Top), "\n"), "\n")
		p.Hint = "nothing was changed; --force installs a hook beside them"
		if managed.Name != "" {
			p.Hint = fmt.Sprintf("nothing was changed; `fluxsum hooks install --print %s >>%s` appends them, --force installs a hook beside them", managed.Name, managed.File)
		}
		return fluxsum.Problems{p}
	case errors.Is(err, hook.ErrOff):
		return &userError{err.Error(), "unset it with `git config --unset core.hooksPath`"}
	case errors.As(err, &inTheWay):
		return &userError{err.Error(), "move it away, or back to its name, and try again"}
	case hook.IsReadOnly(err):
		return &userError{"the hooks cannot be written: " + plainReason(err), "add this line to the hook by hand: " + hook.Line(hook.PreCommit)}
	}
	return bareError(err)
}

func (a *app) hooksUninstall() *cobra.Command {
	return &cobra.Command{
		Use:   "uninstall",
		Short: "Remove the hooks, and put back what was there",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := discover(cmd.Context())
			if err != nil {
				return err
			}
			done, err := hook.Uninstall(cmd.Context(), r)
			if err != nil {
				return hookError(r, err)
			}
			return a.reportHooks(r, done)
		},
	}
}

func (a *app) reportHooks(r *repo.Repository, done []hook.Done) error {
	if a.settings.quiet {
		return nil
	}
	for _, d := range done {
		after := ""
		if d.Previous {
			after = "  after the hook that was there"
		}
		if _, err := fmt.Fprintf(a.stdout, "%s  %-16s  %s%s\n", d.What, d.Hook, shownPath(r, d.Path), after); err != nil {
			return err
		}
	}
	return nil
}

// shownPath is a path from the top of the worktree, where it lies below.
func shownPath(r *repo.Repository, name string) string {
	if rel, err := filepath.Rel(r.Top, name); err == nil && filepath.IsLocal(rel) {
		name = rel
	}
	return report.Printable(filepath.ToSlash(name))
}

func (a *app) hooksStatus() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say which hooks are installed, and whether git runs them",
		Long: `Say which hooks are installed, and whether git runs them.

The exit status is 0 when git runs them and they run fluxsum, and 1 when not.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.hookStatus(cmd.Context()) },
	}
}

func (a *app) hookStatus(ctx context.Context) error {
	r, err := discover(ctx)
	if err != nil {
		return err
	}
	states, ok, err := hook.Status(ctx, r)
	if err != nil {
		return hookError(r, err)
	}
	if !a.settings.quiet {
		for _, s := range states {
			if _, err := fmt.Fprintf(a.stdout, "%-16s  %s  %s\n", s.Hook, shownPath(r, s.Path), report.Printable(s.Detail)); err != nil {
				return err
			}
		}
	}
	if ok {
		return nil
	}
	if !a.settings.quiet {
		a.hint("run `fluxsum hooks install`")
	}
	return errStale
}

func (a *app) hooksRun() *cobra.Command {
	return &cobra.Command{
		Use:       "run pre-commit|pre-merge-commit",
		Short:     "Do the work of a hook: for the hooks, and for other tools",
		ValidArgs: hook.Names(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && (args[0] == hook.PreCommit || args[0] == hook.PreMerge) {
				return nil // what follows is what git, or a tool, gives to a hook
			}
			return usageError(cmd, errors.New("expected the name of a hook, pre-commit or pre-merge-commit"))
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runHook(cmd.Context(), args[0]) },
	}
}
