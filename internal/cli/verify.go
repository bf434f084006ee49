package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// verifyFlags are those of verify.
type verifyFlags struct {
	where
	commits string
	strict  bool
	out     *choice
	file    string
}

func (a *app) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify [RULE|FILE]...",
		Short: "Say whether every checksum is true; change nothing",
		Long: `Say whether every checksum is true, and change nothing.

RULE is the name of a rule, FILE a source or target file of rules; without any,
all rules are verified. Config, sources and targets are read from the worktree,
from what is staged, or from commits. The exit status is 0 when every checksum
is true, 1 when one is stale or missing, and 2 when that could not be told.`,
		Example: `  fluxsum verify
  fluxsum verify element-config
  fluxsum verify --staged
  fluxsum verify --range origin/main..HEAD
  fluxsum verify -o sarif --output-file fluxsum.sarif`,
		ValidArgsFunction: a.completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := notEmpty(cmd, "rev", "range", "output-file"); err != nil {
				return err
			}
			if f.commits != "" {
				return a.verifyRange(cmd.Context(), args, &f)
			}
			return a.verify(cmd.Context(), args, &f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.staged, "staged", false, "verify what is staged")
	flags.StringVar(&f.rev, "rev", "", "verify the commit `REV`")
	flags.StringVar(&f.commits, "range", "", "verify every commit of `A..B`")
	flags.BoolVar(&f.strict, "strict", false, "findings count as stale checksums do")
	cmd.MarkFlagsMutuallyExclusive("staged", "rev", "range")
	f.out = outputFlag(flags, "text", "json", "sarif", "junit", "github", "gitlab")
	flags.StringVar(&f.file, "output-file", "", "write the output to `FILE`, and the text to standard error")
	return cmd
}

func (a *app) verify(ctx context.Context, args []string, f *verifyFlags) error {
	out, err := a.openReport(f)
	if err != nil {
		return err
	}
	err = a.withPlan(ctx, f.where, args, func(p *project, plan *fluxsum.Plan) error {
		if err := out.spares(p); err != nil {
			return err
		}
		if f.tellsFindings(a) {
			if err := a.judge(ctx, p, plan); err != nil {
				return err
			}
		}
		if err := out.show(plan); err != nil {
			return err
		}
		if err := out.write(p.reported(plan, f.passes(plan))); err != nil {
			return err
		}
		return a.verdict(p, plan, f)
	})
	return out.untold(ctx, f.where, err)
}

// tellsFindings says whether anybody will see findings.
func (f *verifyFlags) tellsFindings(a *app) bool {
	return f.strict || !a.settings.quiet || f.out.word != "text" || f.file != ""
}

// passes says whether verify is content with a plan.
func (f *verifyFlags) passes(plan *fluxsum.Plan) bool {
	return plan.InSync() && !(f.strict && len(plan.Findings) > 0)
}

// show writes the lines for a person.
func (o *verifyReport) show(plan *fluxsum.Plan) error {
	if err := o.app.reportPlan(o.text, plan, o.app.verifyVerb(o.text)); err != nil {
		return err
	}
	_, err := fmt.Fprintln(o.text, o.flags.strictly(verifySummary(plan), plan))
	return err
}

func (a *app) verifyVerb(w io.Writer) report.Verb {
	return report.Verb{Stale: "stale", Missing: "missing", All: a.settings.verbose, Color: a.settings.coloured(w)}
}

// reportPlan writes the lines on results and findings.
func (a *app) reportPlan(w io.Writer, plan *fluxsum.Plan, verb report.Verb) error {
	if err := report.Text(w, plan, verb); err != nil {
		return err
	}
	return report.Findings(w, plan.Findings, verb)
}

// strictly adds to a summary that findings count.
func (f *verifyFlags) strictly(summary string, plan *fluxsum.Plan) string {
	if f.strict && plan.InSync() && len(plan.Findings) > 0 {
		return summary + ", and " + report.Count(len(plan.Findings), "finding")
	}
	return summary
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

// cures say how to make the checksums of a tree true.
var cures = map[string]string{
	"worktree": "run `fluxsum update`, then commit",
	"index":    "run `fluxsum update --staged`",
}

// verdict is the exit status of verify, with the next command to type.
func (a *app) verdict(p *project, plan *fluxsum.Plan, f *verifyFlags) error {
	problems := plan.Problems()
	a.complain(problems)
	switch {
	case plan.Count(fluxsum.Failed) > 0:
		return errSaid
	case f.passes(plan):
		return nil
	case len(problems) == 0:
		a.hintCure(p, plan)
	}
	return errStale
}

// hintCure says how to make the checksums of a tree true.
func (a *app) hintCure(p *project, plan *fluxsum.Plan) {
	if a.settings.quiet || plan.InSync() || plan.Count(fluxsum.Failed) > 0 {
		return
	}
	a.hint(p.cure())
}

// cure says how to make the checksums of the tree true.
func (p *project) cure() string {
	if cure := cures[p.name]; cure != "" {
		return cure
	}
	return "if that is the commit you are on, run `fluxsum update --commit`"
}
