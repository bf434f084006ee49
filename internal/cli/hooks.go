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
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/hook"
	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

func (a *app) hooksCommand() *cobra.Command {
	cmd := parent(&cobra.Command{
		Use:   "hooks COMMAND",
		Short: "Have Git keep the checksums true in every commit",
		Long: `Have Git keep the checksums true in every commit.

Installed once per clone, the hooks pre-commit and pre-merge-commit set the
checksums of what is staged, in what is staged.`,
		Example: `  fluxsum hooks install
  fluxsum hooks status`,
	})
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
	tool := newChoice(hook.Managers()...)
	tool.word = ""
	cmd.Flags().Var(tool, "print", "print the lines for `TOOL`: "+tool.list())
	cmd.PreRun = func(*cobra.Command, []string) { manager = tool.word }
	return cmd
}

// printSnippet prints the lines for a manager, ready to append to its file; when
// they are not, it says where they belong.
func (a *app) printSnippet(ctx context.Context, manager string) error {
	top, config := ".", ""
	if r, err := repo.Discover(ctx, "."); err == nil && r.Top != "" {
		top = r.Top
		config, _ = a.hookConfig(r)
	}
	s := hook.SnippetFor(manager, hook.DefaultFile(manager), top, config)
	if s.Reason != "" {
		return fluxsum.Problems{snippetProblem(s, "the lines cannot be appended: "+s.Reason)}
	}
	_, err := io.WriteString(a.stdout, s.Text)
	return err
}

func snippetProblem(s hook.Snippet, message string) *fluxsum.Problem {
	return &fluxsum.Problem{File: s.File, Line: s.Line, Column: 1, Message: message, Details: strings.Split(strings.Trim(s.Text, "\n"), "\n")}
}

func (a *app) install(ctx context.Context, force bool) error {
	r, err := discover(ctx)
	if err != nil {
		return err
	}
	config, lost := a.hookConfig(r)
	before := hook.ConfigBefore(ctx, r)
	done, err := hook.Install(ctx, r, config, lost, force)
	if reportErr := a.reportHooks(r, done); reportErr != nil {
		return reportErr
	}
	if err != nil {
		return a.hookError(r, err)
	}
	if !lost && before != "" && before != named(config) {
		a.warn(&fluxsum.Problem{Message: "the hooks were for " + before + ", and are for " + named(config) + " now", Hint: "one clone has hooks for one config"})
	}
	if states, _, err := hook.Status(ctx, r, config); err == nil && !a.settings.quiet {
		a.hintHookCure(states)
	}
	if lost {
		a.hint("there is no " + fluxsum.ConfigName + " yet: until one is committed the hooks do nothing")
	}
	return nil
}

func named(config string) string {
	if config == "" {
		return fluxsum.ConfigName
	}
	return config
}

// hookConfig is the path of the config from the top, when the hook would not
// find it by itself; lost when there is none.
func (a *app) hookConfig(r *repo.Repository) (config string, lost bool) {
	file, _, err := a.configPath()
	if err != nil {
		return "", true
	}
	prefix, ok := r.Prefix(filepath.Dir(file))
	name := path.Join(prefix, filepath.Base(file))
	if !ok || name == fluxsum.ConfigName {
		return "", false
	}
	return name, false
}

// hookError says what to do about hooks that could not be changed.
func (a *app) hookError(r *repo.Repository, err error) error {
	var managed *hook.ManagedError
	var inTheWay *hook.InTheWayError
	var edited *hook.EditedError
	var idle *hook.IdleError
	var behind *hook.BehindError
	var off *hook.OffError
	switch {
	case errors.As(err, &managed):
		return a.managedError(r, managed)
	case errors.As(err, &behind):
		return fluxsum.Problems{{File: behind.File, Line: behind.Line, Column: 1, Message: err.Error(), Hint: "put it above that line"}}
	case errors.As(err, &idle) && idle.Cure != "":
		return &userError{idle.Detail, "run `" + idle.Cure + "`"}
	case errors.As(err, &idle):
		return &userError{idle.Detail, "the hooks are in place, but git would not run them"}
	case errors.As(err, &off):
		return &userError{err.Error(), "take core.hooksPath out of " + off.Origin}
	case errors.As(err, &edited):
		return &userError{err.Error(), "move your lines to a hook of their own, or remove that file; `fluxsum hooks install --force` writes it anew"}
	case errors.As(err, &inTheWay):
		return &userError{err.Error(), "move it away, or back to its name, and try again"}
	}
	return diskError(bareError(err))
}

// managedError shows the lines for the tool in charge.
func (a *app) managedError(r *repo.Repository, managed *hook.ManagedError) error {
	config, _ := a.hookConfig(r)
	s := hook.SnippetFor(managed.Name, managed.File, r.Top, config)
	where := "; put these lines into that file:"
	if s.Above != "" {
		where = "; put these lines into that file, above " + s.Above + ":"
	}
	p := snippetProblem(s, managed.Error()+where)
	switch {
	case s.Reason != "" && s.Above == "":
		p.Hint = "nothing was changed; the lines cannot just be appended: " + s.Reason
	case managed.Name == "":
		p.Hint = "nothing was changed; the file must be executable; the line for pre-merge-commit, beside it, is: fluxsum hooks run pre-merge-commit; --force installs both"
	case s.Above != "":
		p.Hint = "nothing was changed; the line for .husky/pre-merge-commit is: fluxsum hooks run pre-merge-commit"
	case managed.Name == "husky":
		p.Hint = "nothing was changed; `fluxsum hooks install --print husky >>" + a.fromHere(r, managed.File) + "` appends them; the line for .husky/pre-merge-commit is: fluxsum hooks run pre-merge-commit"
	default:
		p.Hint = fmt.Sprintf("nothing was changed; `fluxsum hooks install --print %s >>%s` appends them, --force installs a hook beside them", managed.Name, a.fromHere(r, managed.File))
	}
	return fluxsum.Problems{p}
}

// fromHere is a path of the worktree as seen from this folder.
func (a *app) fromHere(r *repo.Repository, file string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(here, filepath.Join(r.Top, filepath.FromSlash(file))); err == nil {
		return filepath.ToSlash(rel)
	}
	return file
}

// diskError names the file that an error of the system is about.
func diskError(err error) error {
	var pathError *fs.PathError
	var linkError *os.LinkError
	switch {
	case errors.As(err, &pathError):
		return &userError{pathError.Path + ": " + pathError.Err.Error(), hookByHand}
	case errors.As(err, &linkError):
		return &userError{linkError.New + ": " + linkError.Err.Error(), hookByHand}
	}
	return err
}

const hookByHand = "where the hook can only be written by hand, its line is: fluxsum hooks run pre-commit || exit"

func (a *app) hooksUninstall() *cobra.Command {
	return &cobra.Command{
		Use:   "uninstall",
		Short: "Remove the hooks, and put back what was there",
		Long: `Remove the hooks, and put back what was there before them.

Only what fluxsum has installed is removed. A hook of ours that somebody has
edited stays, and is named.`,
		Example: `  fluxsum hooks uninstall`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := discover(cmd.Context())
			if err != nil {
				return err
			}
			done, err := hook.Uninstall(cmd.Context(), r)
			if err != nil {
				return a.hookError(r, err)
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

The exit status is 0 when git runs them and they run fluxsum, and 1 when not.
Where lefthook, husky, the pre-commit framework or core.hooksPath are in charge,
commits alone count: a hint says what is missing for merges.`,
		Example: `  fluxsum hooks status`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.hookStatus(cmd.Context()) },
	}
}

func (a *app) hookStatus(ctx context.Context) error {
	r, err := discover(ctx)
	if err != nil {
		return err
	}
	config, _ := a.hookConfig(r)
	states, ok, err := hook.Status(ctx, r, config)
	if err != nil {
		return a.hookError(r, err)
	}
	if !a.settings.quiet {
		for _, s := range states {
			if _, err := fmt.Fprintf(a.stdout, "%-16s  %s  %s\n", s.Hook, shownPath(r, s.Path), report.Printable(s.Detail)); err != nil {
				return err
			}
		}
	}
	hinted := !a.settings.quiet && a.hintHookCure(states)
	if ok {
		return nil
	}
	if !a.settings.quiet && !hinted {
		a.hint("`fluxsum hooks install` installs them, or says what else is to be done")
	}
	return errStale
}

// hintHookCure says what is to be done where only the tool in charge can do it.
func (a *app) hintHookCure(states []hook.State) bool {
	i := slices.IndexFunc(states, func(s hook.State) bool { return s.Cure != "" })
	if i >= 0 {
		a.hint(report.Printable(states[i].Cure))
	}
	return i >= 0
}

func (a *app) hooksRun() *cobra.Command {
	return &cobra.Command{
		Use:   "run " + strings.Join(hook.Names(), "|"),
		Short: "Do the work of a hook: for the hooks, and for other tools",
		Long: `Do the work of a hook: for the hooks themselves, and for tools that run hooks.

The checksums of the rules whose files are staged are set in what is staged.
pre-merge-commit stops a merge that makes a checksum stale, with the new one
staged. What follows the name is taken, and not looked at. FLUXSUM_SKIP=1 skips
the hook once.`,
		Example:           `  fluxsum hooks run pre-commit`,
		ValidArgsFunction: completeFirst(hook.Names()),
		Args:              oneHook,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.runHook(cmd.Context(), args[0]) },
	}
}

// oneHook refuses what is no hook; what follows is what git, or a tool, gives to
// it.
func oneHook(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usageError(cmd, errors.New("expected the name of a hook, pre-commit or pre-merge-commit"))
	case slices.Contains(hook.Names(), args[0]):
		return nil
	}
	hint := seeHelp(cmd)
	if near := fluxsum.Nearest(args[0], hook.Names()); near != "" {
		hint = fmt.Sprintf("did you mean `%s %s`?", cmd.CommandPath(), near)
	}
	return &userError{fmt.Sprintf("unknown hook %q, expected %s", args[0], strings.Join(hook.Names(), " or ")), hint}
}
