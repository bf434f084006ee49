package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

func (a *app) verifyCommand() *cobra.Command {
	var out *choice
	cmd := &cobra.Command{
		Use:   "verify [RULE|FILE]...",
		Short: "Say whether every checksum is true; change nothing",
		Long: `Say whether every checksum is true, and change nothing.

RULE is the name of a rule, FILE a source or target file of rules; without any,
all rules are verified. The exit status is 0 when every checksum is true, 1 when
one is stale or missing, and 2 when that could not be told.`,
		Example: `  fluxsum verify
  fluxsum verify element-config
  fluxsum verify -o json`,
		ValidArgsFunction: a.completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.verify(cmd.Context(), args, out.word)
		},
	}
	out = outputFlag(cmd.Flags(), "text", "json")
	return cmd
}

func (a *app) verify(ctx context.Context, args []string, format string) error {
	return a.withPlan(ctx, args, func(_ *project, plan *fluxsum.Plan) error {
		if err := a.reportVerify(plan, format); err != nil {
			return err
		}
		return a.verdict(plan)
	})
}

func (a *app) reportVerify(plan *fluxsum.Plan, format string) error {
	switch {
	case format == "json":
		return report.JSON(a.stdout, plan, "worktree", plan.InSync())
	case a.settings.quiet:
		return nil
	}
	verb := report.Verb{Stale: "stale", Missing: "missing", All: a.settings.verbose, Color: a.settings.coloured(a.stdout)}
	if err := report.Text(a.stdout, plan, verb); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.stdout, verifySummary(plan))
	return err
}

func verifySummary(plan *fluxsum.Plan) string {
	total := len(plan.Results)
	stale, missing, failed := plan.Count(fluxsum.Stale), plan.Count(fluxsum.Missing), plan.Count(fluxsum.Failed)
	if stale+missing+failed == 0 {
		return report.Count(total, "checksum") + " in sync"
	}
	text := report.Count(total, "checksum") + ":"
	for _, part := range []struct {
		n    int
		what string
	}{{stale, "stale"}, {missing, "missing"}, {failed, "could not be told"}, {plan.Count(fluxsum.OK), "in sync"}} {
		if part.n > 0 {
			text += fmt.Sprintf(" %d %s,", part.n, part.what)
		}
	}
	return text[:len(text)-1]
}

// verdict is the exit status of verify, with the next command to type.
func (a *app) verdict(plan *fluxsum.Plan) error {
	problems := plan.Problems()
	a.complain(problems)
	switch {
	case plan.Count(fluxsum.Failed) > 0:
		return errSaid
	case plan.InSync():
		return nil
	case len(problems) == 0 && !a.settings.quiet:
		a.hint("run `fluxsum update`, then commit")
	}
	return errStale
}
