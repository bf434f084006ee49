package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// initFlags are those of init.
type initFlags struct{ dryRun, force bool }

func (a *app) initCommand() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Find what the repository needs, and write " + fluxsum.ConfigName,
		Long: `Follow the kustomizations of the repository to its HelmReleases, and write a
` + fluxsum.ConfigName + ` with the rules that it needs: one for each checksum that stands
in an annotation already, and one for each HelmRelease that nothing tells of a
change of its values. Comments say why each rule is there.

A ` + fluxsum.ConfigName + ` that is there already is kept; init says what it lacks.`,
		Example: `  fluxsum init --dry-run
  fluxsum init`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.init(cmd.Context(), &f) },
	}
	cmd.Flags().BoolVarP(&f.dryRun, "dry-run", "n", false, "show what would be written, write nothing")
	cmd.Flags().BoolVar(&f.force, "force", false, "write a new file in place of the one that is there")
	return cmd
}

func (a *app) init(ctx context.Context, f *initFlags) error {
	p, there, err := a.openForInit(ctx, f)
	if err != nil {
		return err
	}
	defer p.close()
	found, err := a.propose(ctx, p)
	if err != nil {
		return err
	}
	switch {
	case there && !f.force:
		return a.lacking(p, found, f)
	case len(found.Rules) == 0:
		return a.sayNothing("nothing to do", found, found.Notes)
	case f.dryRun:
		_, err := fmt.Fprint(a.stdout, found.Config())
		return err
	}
	return a.writeConfig(ctx, p, found, there)
}

// openForInit opens the project whose config is there, else the folder in which
// it will be; with force as if it were not there.
func (a *app) openForInit(ctx context.Context, f *initFlags) (p *project, there bool, err error) {
	path, _, err := a.configPath()
	if err == nil {
		_, err = os.Lstat(path)
	}
	there = err == nil
	if err != nil && !errors.Is(err, errNoConfig) && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	if there && !f.force {
		p, err = a.openWorktree(ctx, where{faults: true})
		return p, true, err
	}
	p, err = a.openBare(ctx)
	if err != nil {
		return nil, false, err
	}
	if there && a.settings.config == "" && filepath.Dir(path) != filepath.Clean(p.root) {
		p.close()
		return nil, false, &userError{path + " is there, above or below " + p.root, "name the one to write with -c FILE"}
	}
	return p, there, nil
}

// proposal is what init has found, with the config that it makes.
type proposal struct {
	*rollout.Proposal
	*rollout.Rollout
}

// propose finds the rules that a project lacks. Each is tried: one that could
// not do its work becomes a note.
func (a *app) propose(ctx context.Context, p *project) (*proposal, error) {
	r, err := p.rollout(ctx, false, a.progress(readingManifests))
	if err != nil {
		return nil, err
	}
	found := r.Propose()
	if err := found.Settle(ctx, p.tree, a.graphAgain(p)); err != nil {
		return nil, err
	}
	a.tellGaps(r.Graph, false)
	return &proposal{found, r}, nil
}

// lacking says what the config that is there lacks.
func (a *app) lacking(p *project, found *proposal, f *initFlags) error {
	if len(found.Rules) == 0 {
		return a.sayNothing("nothing is missing", found, found.Open())
	}
	if _, err := fmt.Fprintf(a.stdout, "# missing in %s, below rules:\n%s", p.configName, found.RulesText()); err != nil {
		return err
	}
	if f.dryRun {
		return nil
	}
	return fluxsum.Problems{{File: p.configName, Message: "is there already, and was not changed", Hint: "add the rules above to it, or write it anew with --force"}}
}

// sayNothing says why there is nothing to write, and what would need a rule and
// cannot have one.
func (a *app) sayNothing(what string, found *proposal, notes []rollout.ProposalNote) error {
	if a.settings.quiet {
		return nil
	}
	_, err := fmt.Fprintf(a.stdout, "%s: %s\n", what, a.why(found))
	for _, n := range notes {
		if err == nil {
			err = a.sayNote(&n)
		}
	}
	if len(found.Graph.Releases) == 0 && len(found.Graph.Workloads) > 0 {
		a.hint("init proposes rules for HelmReleases; that of a workload has a target with `path: spec.template.metadata.annotations`, and `fluxsum explain FILE` says which workloads read a file")
	}
	if n := found.Plan.Count(fluxsum.Failed); n > 0 {
		a.hint(report.Count(n, "checksum") + " could not be told: `fluxsum verify` says why")
	}
	return err
}

// sayNote shows a note, with the lines that belong to it below.
func (a *app) sayNote(n *rollout.ProposalNote) error {
	text := "  " + report.Printable(n.Text) + "\n"
	for _, line := range n.Details {
		text += "    " + report.Printable(line) + "\n"
	}
	_, err := fmt.Fprint(a.stdout, text)
	return err
}

// why there are no rules to propose.
func (a *app) why(found *proposal) string {
	covered := found.Coverage()
	switch {
	case len(found.Graph.Releases) == 0:
		return "there is no HelmRelease here"
	case len(covered) == 0:
		return "no HelmRelease here has valuesFrom"
	}
	if len(found.Open()) > 0 {
		return "no new rule would help, but"
	}
	all := "every file that a HelmRelease reads is watched, or needs no rule"
	if len(found.Graph.Unknown) > 0 || found.Plan.Count(fluxsum.Failed) > 0 {
		return all + ", as far as can be told"
	}
	return all
}

func (a *app) writeConfig(ctx context.Context, p *project, found *proposal, there bool) error {
	name := fluxsum.ConfigName
	if a.settings.config != "" {
		name = filepath.Base(a.settings.config)
	}
	text := []byte(found.Config())
	if err := writeNew(p, name, text, there); err != nil {
		return err
	}
	adopted := 0
	for _, r := range found.Rules {
		if r.Adopted {
			adopted++
		}
	}
	if !a.settings.quiet {
		summary := fmt.Sprintf("wrote %s: %s", name, report.Count(len(found.Rules), "rule"))
		if adopted > 0 {
			summary += fmt.Sprintf(", %d for checksums that are there already", adopted)
		}
		if _, err := fmt.Fprintln(a.stdout, summary); err != nil {
			return err
		}
	}
	return a.showNew(ctx, p, name, text)
}

func writeNew(p *project, name string, text []byte, there bool) error {
	if !there {
		return createError(p.worktree.Create(name, text))
	}
	old, err := fs.ReadFile(p.tree, name)
	if err != nil {
		return createError(err)
	}
	return writeError(p.worktree.Write([]fluxsum.Change{{File: name, Before: old, After: text}}))
}

func createError(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return fluxsum.Problems{{File: pathError.Path, Message: "cannot be written: " + pathError.Err.Error()}}
	}
	return err
}

// showNew shows what verify says of the new config. What is missing is no
// failure of init.
func (a *app) showNew(ctx context.Context, p *project, name string, text []byte) error {
	config, err := fluxsum.ReadConfig(name, text)
	if err != nil {
		return err
	}
	plan, err := p.builder.Build(ctx, config, p.tree)
	if err != nil {
		return err
	}
	if err := a.judge(ctx, p, plan); err != nil {
		return err
	}
	if !a.settings.quiet {
		if err := a.reportPlan(a.stdout, plan, a.verifyVerb(a.stdout)); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(a.stdout, verifySummary(plan)); err != nil {
			return err
		}
		a.nextSteps(plan, name)
	}
	return nil
}

func (a *app) nextSteps(plan *fluxsum.Plan, name string) {
	if !plan.InSync() {
		a.hint("run `fluxsum update`, which writes what is missing or stale, and look at `git diff`")
	}
	a.hint("commit " + name + ", and run `fluxsum hooks install` once in each clone")
}
