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

// updateFlags are those of update.
type updateFlags struct {
	where
	dryRun, commit bool
	message        string
	out            *choice
}

func (a *app) updateCommand() *cobra.Command {
	var f updateFlags
	cmd := &cobra.Command{
		Use:   "update [RULE|FILE]...",
		Short: "Write the computed checksums to their places",
		Long: `Write the computed checksums to their places.

RULE is the name of a rule, FILE a source or target file of rules; without any,
all rules are updated. Only the checksums change, not one byte beside them. When
one of them cannot be written, none is.

With --staged the checksums are those of what is staged; they are staged too,
and written into the worktree where it still shows the old ones. Edits that are
not staged stay as they are.

With --commit the checksums that are not true in HEAD are put right in one more
commit, which holds nothing else: no edit of yours, staged or not.`,
		Example: `  fluxsum update
  fluxsum update --dry-run
  fluxsum update apps/production/custom-configs/element-values.yaml
  fluxsum update --commit -m "Roll out the new theme"`,
		ValidArgsFunction: a.completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case cmd.Flags().Changed("message") && !f.commit:
				return usageError(cmd, errors.New("-m is the message of --commit, which is not given"))
			case f.commit:
				return a.updateCommit(cmd.Context(), args, &f)
			}
			return a.update(cmd.Context(), args, &f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&f.dryRun, "dry-run", "n", false, "show what would be written, write nothing")
	flags.BoolVar(&f.staged, "staged", false, "update what is staged")
	flags.BoolVar(&f.commit, "commit", false, "commit the checksums that are not true in HEAD, and nothing else")
	flags.StringVarP(&f.message, "message", "m", "", "use `MSG` as the message of the commit")
	cmd.MarkFlagsMutuallyExclusive("staged", "commit")
	f.out = outputFlag(flags, "text", "json")
	return cmd
}

func (a *app) update(ctx context.Context, args []string, f *updateFlags) error {
	f.writes = !f.dryRun
	return a.withPlan(ctx, f.where, args, func(p *project, plan *fluxsum.Plan) error {
		return a.carryOut(p, plan, f, func() error {
			if p.index != nil {
				defer p.index.Refresh(ctx)
				return a.stage(ctx, p, plan)
			}
			return a.write(p.worktree, plan.Changes)
		})
	})
}

// write makes changes in a worktree.
func (a *app) write(w *repo.Worktree, changes []fluxsum.Change) error {
	writing, err := w.Prepare(changes)
	defer writing.Discard()
	if err == nil {
		err = writing.Publish()
	}
	if err == nil {
		a.warnLinked(writing)
	}
	return writeError(err)
}

// carryOut does what makes the plan true, unless there are problems, and
// reports.
func (a *app) carryOut(p *project, plan *fluxsum.Plan, f *updateFlags, do func() error) error {
	problems := plan.Problems()
	write := len(problems) == 0 && !f.dryRun
	if write {
		err := do()
		if p.worktree != nil {
			p.worktree.Unlock() // whoever reads the results may take his time
		}
		if err != nil {
			return err
		}
		a.warnPointers(p, plan)
	}
	if err := a.reportUpdate(p, plan, f.out.word, write); err != nil {
		return a.unreported(err, write)
	}
	if len(problems) > 0 {
		a.complain(problems)
		return errSaid
	}
	return nil
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

func (a *app) reportUpdate(p *project, plan *fluxsum.Plan, format string, done bool) error {
	switch {
	case format == "json":
		return report.JSON(a.stdout, report.Tree{Name: p.name, OK: done || plan.InSync(), Plan: plan})
	case a.settings.quiet:
		return nil
	}
	verb := report.Verb{Stale: "updated", Missing: "inserted", All: a.settings.verbose, Color: a.settings.coloured(a.stdout)}
	if !done {
		verb.Stale, verb.Missing = "stale", "missing"
	}
	if err := a.reportPlan(a.lines(), plan, verb); err != nil {
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
