package cli

import (
	"context"
	"fmt"
	"io/fs"
	"reflect"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// explainFlags are those of explain.
type explainFlags struct {
	manual bool
	out    *choice
}

func (a *app) explainCommand() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain [RULE|FILE|ANNOTATION|CODE]...",
		Short: "Tell the way from a file to the rollout, and what Flux will do",
		Long: `Tell the way from a file to the rollout: which ConfigMap it becomes, which
HelmReleases and workloads read that, where the checksum stands, and what Flux
does when it changes, and when. Everything is told from the files alone.

Without an argument: one line a rule, and which sources of which releases are
watched. A file that no rule maps is explained too, and a HelmRelease by its
name. CODE is that of a finding of verify: what it means, why it matters, what
cures it, and where it is here.`,
		Example: `  fluxsum explain
  fluxsum explain element-config
  fluxsum explain apps/production/custom-configs/element-values.yaml -o mermaid
  fluxsum explain element-config --manual
  fluxsum explain split-apply`,
		ValidArgsFunction: a.completeExplained,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.explain(cmd.Context(), args, &f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.manual, "manual", false, "show the steps without fluxsum, to paste into a shell")
	f.out = outputFlag(flags, "text", "json", "mermaid")
	cmd.MarkFlagsMutuallyExclusive("manual", "output")
	return cmd
}

func (a *app) explain(ctx context.Context, args []string, f *explainFlags) error {
	p, err := a.openAnyway(ctx)
	if err != nil {
		return err
	}
	defer func() { p.close() }() // which closes what explain has opened since
	e, err := a.newExplanation(ctx, p, args)
	if err != nil {
		return err
	}
	if err := e.drawable(f); err != nil {
		return err
	}
	if f.manual {
		return a.manual(ctx, e)
	}
	if err := a.reportExplained(ctx, e, f); err != nil {
		return err
	}
	return a.untold(e)
}

// untold is the error of rules that could not be told.
func (a *app) untold(e *explanation) error {
	var problems fluxsum.Problems
	for _, res := range e.Plan.Results {
		if res.State == fluxsum.Failed && slices.Contains(e.rules, res.Rule) {
			problems = append(problems, res.Problems...)
		}
	}
	if len(problems) > 0 {
		return problems.Sorted()
	}
	return nil
}

// explanation is a run of explain.
type explanation struct {
	*rollout.Rollout
	project *project
	rules   []string // that are asked for; all without arguments
	files   []string // that no rule maps
	// releases are those asked for of which no story tells all: they read no files,
	// or a source is not known.
	releases []rollout.Covered
	codes    []report.Code // of findings
	asked    bool
}

func (a *app) newExplanation(ctx context.Context, p *project, args []string) (*explanation, error) {
	r, err := p.rollout(ctx, false, a.progress(readingManifests))
	if err != nil {
		return nil, err
	}
	e := &explanation{Rollout: r, project: p, asked: len(args) > 0}
	var problems fluxsum.Problems
	for _, arg := range args {
		if problem := e.choose(p.arg(arg)); problem != nil {
			problems = append(problems, problem)
		}
	}
	for _, r := range p.config.Rules {
		if !e.asked {
			e.rules = append(e.rules, r.Name)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return e, nil
}

// choose takes up what an argument means: a rule, an annotation, a file of
// rules, or any other file of the tree.
func (e *explanation) choose(arg fluxsum.Arg) *fluxsum.Problem {
	config := e.project.config
	var rules []string
	for i := range config.Rules {
		if r := &config.Rules[i]; r.Name == arg.Text || r.Annotation == arg.Text && arg.Text != "" {
			rules = append(rules, r.Name)
		}
	}
	if some, err := config.Select([]fluxsum.Arg{arg}); len(rules) == 0 && err == nil {
		rules = some.Chosen()
	}
	for _, name := range rules {
		e.rules = add(e.rules, name)
	}
	if len(rules) > 0 {
		return nil
	}
	if e.chooseRelease(arg.Text) {
		return nil
	}
	for _, file := range arg.Files {
		if info, err := fs.Stat(e.project.tree, file); fs.ValidPath(file) && err == nil && info.Mode().IsRegular() {
			e.files = append(e.files, file)
			return nil
		}
	}
	if e.chooseCode(arg.Text) {
		return nil
	}
	return e.unknown(arg)
}

// chooseRelease takes up the rules and files of the releases of a name, which
// may have the kind or the namespace before it.
func (e *explanation) chooseRelease(name string) bool {
	found := false
	for _, c := range e.Releases() {
		if name != c.Name && name != c.Written && name != c.Kind+"/"+c.Name && name != c.Namespace+"/"+c.Name {
			continue
		}
		found = true
		e.chooseUntold(&c)
		for _, s := range c.Sources {
			for _, rule := range s.Rules {
				e.rules = add(e.rules, rule)
			}
			if len(s.Rules) == 0 && s.File != "" {
				e.files = add(e.files, s.File)
			}
		}
	}
	return found
}

// chooseUntold takes up a release of which no story tells all, once.
func (e *explanation) chooseUntold(c *rollout.Covered) {
	untold := len(c.Sources) == 0 || slices.ContainsFunc(c.Sources, func(s rollout.Source) bool { return s.By == rollout.Unknown })
	if untold && !slices.ContainsFunc(e.releases, func(other rollout.Covered) bool { return reflect.DeepEqual(other, *c) }) {
		e.releases = append(e.releases, *c)
	}
}

// coverage is that of all releases that read files, and of those asked for that
// read none.
func (e *explanation) coverage() []rollout.Covered {
	all := e.Coverage()
	for _, c := range e.releases {
		if len(c.Sources) == 0 {
			all = append(all, c)
		}
	}
	return all
}

func add(all []string, s string) []string {
	if slices.Contains(all, s) {
		return all
	}
	return append(all, s)
}

func (e *explanation) unknown(arg fluxsum.Arg) *fluxsum.Problem {
	var names []string
	for _, r := range e.project.config.Rules {
		names = append(names, r.Name, r.Annotation)
		names = append(names, r.Files...)
	}
	names = append(names, e.Graph.SourceFiles()...)
	names = append(names, fluxsum.Findings()...)
	p := &fluxsum.Problem{Message: fmt.Sprintf("%q is neither a rule nor an annotation of one, nor a file, release or finding here", arg.Text), Hint: "`fluxsum explain` lists the rules"}
	if near := fluxsum.Nearest(arg.Text, names); near != "" {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// stories tells what was asked for.
func (e *explanation) stories(ctx context.Context, a *app) []rollout.Story {
	var all []rollout.Story
	for _, name := range e.rules {
		var before *flux.Graph
		if e.asked {
			before = a.beforeRule(ctx, e, name)
		}
		all = append(all, e.Story(name, before))
	}
	for _, file := range e.files {
		all = append(all, e.FileStory(file, a.beforeFile(ctx, e, file)))
	}
	return all
}

func (a *app) reportExplained(ctx context.Context, e *explanation, f *explainFlags) error {
	stories := e.stories(ctx, a)
	out := &report.Explained{Tree: e.project.name, Stories: stories, Coverage: e.coverage(), Codes: e.codes, Unread: len(e.Graph.Unread)}
	for _, u := range e.Graph.Unknown {
		out.Unknown = append(out.Unknown, *problemAt(u))
	}
	verb := report.Verb{Color: a.settings.coloured(a.stdout)}
	switch {
	case f.out.word == "json":
		return report.ExplainedJSON(a.stdout, out)
	case f.out.word == "mermaid":
		return report.Mermaid(a.stdout, stories)
	case e.asked:
		if err := report.Stories(a.lines(), stories, verb); err != nil {
			return err
		}
		if err := a.reportFiles(e, verb); err != nil {
			return err
		}
		if err := a.reportReleases(e, len(stories) > 0, verb); err != nil {
			return err
		}
		return a.reportCodes(e, len(stories)+len(e.releases) > 0, verb)
	}
	if err := report.Overview(a.lines(), out, verb); err != nil {
		return err
	}
	a.tellGaps(e.Graph, len(e.project.config.Rules) == 0)
	return nil
}

// reportFiles shows the releases that the files asked for hold.
func (a *app) reportFiles(e *explanation, verb report.Verb) error {
	for _, file := range e.files {
		if err := report.Coverage(a.lines(), e.ReleasesOf(file), verb); err != nil {
			return err
		}
	}
	return nil
}

// reportReleases shows the releases asked for of which no story tells all; parted
// from the stories, if there are any.
func (a *app) reportReleases(e *explanation, parted bool, verb report.Verb) error {
	if parted && len(e.releases) > 0 {
		if _, err := fmt.Fprintln(a.stdout); err != nil {
			return err
		}
	}
	return report.Coverage(a.stdout, e.releases, verb)
}

// tellGaps says what could not be read or followed; -v lists it.
func (a *app) tellGaps(g *flux.Graph, noRules bool) {
	if a.settings.quiet {
		return
	}
	all := append(slices.Clone(g.Unread), g.Unknown...)
	if a.settings.verbose {
		for _, u := range all {
			a.warn(problemAt(u))
		}
	}
	if len(all) > 0 && !a.settings.verbose {
		a.hint(gaps(g) + ": -v lists them")
	}
	if noRules {
		a.hint("`fluxsum init` proposes rules")
	}
}

func gaps(g *flux.Graph) string {
	switch {
	case len(g.Unknown) == 0:
		return report.Count(len(g.Unread), "file") + " of " + fmt.Sprint(g.Files) + " could not be read as YAML"
	case len(g.Unread) == 0:
		return report.Count(len(g.Unknown), "place") + " could not be followed"
	}
	return fmt.Sprintf("%s of %d could not be read as YAML, %s could not be followed", report.Count(len(g.Unread), "file"), g.Files, report.Count(len(g.Unknown), "place"))
}
