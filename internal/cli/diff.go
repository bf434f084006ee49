package cli

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// diffFlags are those of diff.
type diffFlags struct {
	where
	commits     string
	patch       bool
	exitCode    bool
	showSecrets bool
	noPager     bool
	maxHistory  int
	out         *choice
}

func (a *app) diffCommand() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff [RULE|FILE]...",
		Short: "Show what was never rolled out, or what commits will change",
		Long: `Show, for each checksum that is stale or missing, what has changed in its source
files since it was true. The content that it stands for is found in the history.

RULE is the name of a rule, FILE a source or target file of rules. With --range
the whole of A..B is compared, as in a pull request: from where B has left A,
which sources change, which releases and workloads read them, what Flux will do
and whether Helm will upgrade. The exit status is 0, with --exit-code it is 1
when a checksum is stale or missing; it is 2 when one could not be computed.

What is secret is withheld: SOPS files, Secrets, what a secretGenerator reads,
and the sources of rules with secret: true.`,
		Example: `  fluxsum diff
  fluxsum diff element-config
  fluxsum diff --patch | git apply
  fluxsum diff --range origin/main..HEAD -o markdown`,
		ValidArgsFunction: a.completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			return a.diff(cmd.Context(), args, &f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.staged, "staged", false, "compare what is staged")
	flags.StringVar(&f.rev, "rev", "", "compare the commit `REV`")
	flags.StringVar(&f.commits, "range", "", "show what `A..B` changes, as a pull request does, and what comes of it")
	flags.BoolVar(&f.patch, "patch", false, "print the edits of update as a patch for git apply")
	flags.BoolVar(&f.exitCode, "exit-code", false, "exit with 1 when a checksum is stale or missing")
	flags.BoolVar(&f.showSecrets, "show-secrets", false, "print what is secret, too")
	flags.IntVar(&f.maxHistory, "max-history", 10_000, "look at the last `N` commits that touch a source")
	flags.BoolVar(&f.noPager, "no-pager", false, "do not page the output")
	cmd.MarkFlagsMutuallyExclusive("staged", "rev", "range")
	f.out = outputFlag(flags, "text", "json", "markdown")
	cmd.MarkFlagsMutuallyExclusive("patch", "output")
	return cmd
}

// check refuses flags that do not go together.
func (f *diffFlags) check(cmd *cobra.Command) error {
	if err := notEmpty(cmd, "rev", "range"); err != nil {
		return err
	}
	switch {
	case f.showSecrets && f.out.word == "markdown":
		return usageError(cmd, fmt.Errorf("--show-secrets and -o markdown exclude each other: markdown is for everybody to read"))
	case f.maxHistory < 1:
		return usageError(cmd, fmt.Errorf("--max-history is %d, expected 1 or more", f.maxHistory))
	}
	return nil
}

// searchHeap is the size in bytes that the heap may reach without a collection: a
// search reads far more than it keeps.
const searchHeap = 96 << 20

func (a *app) diff(ctx context.Context, args []string, f *diffFlags) error {
	debug.SetMemoryLimit(searchHeap)
	if f.commits != "" {
		return a.diffRange(ctx, args, f)
	}
	return a.withPlan(ctx, f.where, args, func(p *project, plan *fluxsum.Plan) error {
		if f.patch {
			return a.patch(ctx, p, plan, f)
		}
		all, err := a.differences(ctx, p, plan, f)
		if err != nil {
			return err
		}
		if err := a.paged(ctx, f.noPager, func() error { return a.reportDiff(p, plan, all, f) }); err != nil {
			return err
		}
		if f.out.word == "text" && a.settings.terminal(a.stdout) {
			a.hintCure(p, plan)
		}
		return a.diffVerdict(plan, f)
	})
}

func (a *app) reportDiff(p *project, plan *fluxsum.Plan, all []report.Difference, f *diffFlags) error {
	switch {
	case f.out.word == "json":
		return report.DifferencesJSON(a.stdout, report.Tree{Name: p.name, OK: plan.InSync(), Plan: plan}, all)
	case f.out.word == "markdown":
		return report.DifferencesMarkdown(a.stdout, all)
	case a.settings.quiet:
		return nil
	}
	return report.Differences(a.lines(), all, a.verifyVerb(a.stdout))
}

// diffVerdict is the exit status of diff.
func (a *app) diffVerdict(plan *fluxsum.Plan, f *diffFlags) error {
	a.complain(plan.Problems())
	switch {
	case plan.Count(fluxsum.Failed) > 0:
		return errSaid
	case f.exitCode && !plan.InSync():
		return errStale
	}
	return nil
}

// warnSecrets says on a terminal what will be printed next.
func (a *app) warnSecrets() {
	if a.settings.terminal(a.stdout) {
		a.warn(&fluxsum.Problem{Message: "--show-secrets: secrets follow, and will stay in what this terminal remembers"})
	}
}
