package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

func (a *app) updateCommand() *cobra.Command {
	var out *choice
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "update [RULE|FILE]...",
		Short: "Write the computed checksums to their places",
		Long: `Write the computed checksums to their places.

RULE is the name of a rule, FILE a source or target file of rules; without any,
all rules are updated. Only the checksums change, not one byte beside them. When
one of them cannot be written, none is.`,
		Example: `  fluxsum update
  fluxsum update --dry-run
  fluxsum update apps/production/custom-configs/element-values.yaml`,
		ValidArgsFunction: a.completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.update(cmd.Context(), args, dryRun, out.word)
		},
	}
	cmd.Flags().BoolVarP(&dryRun, "dry-run", "n", false, "show what would be written, write nothing")
	out = outputFlag(cmd.Flags(), "text", "json")
	return cmd
}

func (a *app) update(ctx context.Context, args []string, dryRun bool, format string) error {
	return a.withPlan(ctx, args, func(p *project, plan *fluxsum.Plan) error {
		problems := plan.Problems()
		write := len(problems) == 0 && !dryRun
		if write {
			if err := p.tree.Write(plan.Changes); err != nil {
				return writeError(err)
			}
		}
		if err := a.reportUpdate(plan, format, write); err != nil {
			return a.unreported(err, write)
		}
		if len(problems) > 0 {
			a.complain(problems)
			return errSaid
		}
		return nil
	})
}

// unreported is the error of a report that could not be printed. What has been
// written is in sync all the same.
func (a *app) unreported(err error, done bool) error {
	if !done {
		return err
	}
	a.complain(err)
	a.hint("the checksums were written")
	return nil
}

// writeError names the file that could not be written.
func writeError(err error) error {
	var pathError *fs.PathError
	if !errors.As(err, &pathError) {
		return err
	}
	p := &fluxsum.Problem{File: pathError.Path, Message: "cannot be written: " + pathError.Err.Error(), Hint: "no file was changed"}
	if errors.Is(err, repo.ErrHalf) {
		p.Hint = repo.ErrHalf.Error() + "; look at them with git diff"
	}
	return fluxsum.Problems{p}
}

func (a *app) reportUpdate(plan *fluxsum.Plan, format string, done bool) error {
	switch {
	case format == "json":
		return report.JSON(a.stdout, plan, "worktree", done || plan.InSync())
	case a.settings.quiet:
		return nil
	}
	verb := report.Verb{Stale: "updated", Missing: "inserted", All: a.settings.verbose, Color: a.settings.coloured(a.stdout)}
	if !done {
		verb.Stale, verb.Missing = "stale", "missing"
	}
	if err := report.Text(a.stdout, plan, verb); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.stdout, updateSummary(plan, done))
	return err
}

func updateSummary(plan *fluxsum.Plan, done bool) string {
	edits := plan.Count(fluxsum.Stale) + plan.Count(fluxsum.Missing)
	switch {
	case plan.InSync():
		return report.Count(len(plan.Results), "checksum") + " in sync, nothing to write"
	case len(plan.Problems()) > 0:
		return "nothing was written"
	case !done:
		return fmt.Sprintf("would write %s in %s, %d in sync", report.Count(edits, "checksum"), report.Count(len(plan.Changes), "file"), plan.Count(fluxsum.OK))
	}
	return fmt.Sprintf("wrote %s in %s, %d in sync before", report.Count(edits, "checksum"), report.Count(len(plan.Changes), "file"), plan.Count(fluxsum.OK))
}
