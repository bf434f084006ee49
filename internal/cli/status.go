package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/live"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// statusFlags are those of status.
type statusFlags struct {
	rev     string
	path    string
	file    string
	kubectl bool
	context string
	wait    bool
	timeout time.Duration
	out     *choice
}

func (a *app) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status [RULE|FILE]...",
		Short: "Say whether the cluster has taken the checksums in",
		Long: `Say whether the cluster has taken in what is recorded: for each object that
carries a checksum, whether it is applied and handled, whether the release is
ready, and whether its values digest is the one that the files give.

The objects are read from what "kubectl get helmreleases -A -o json" has printed
(-f), or the kubectl in PATH is asked (--kubectl). The exit status is 0 when all
is rolled out, or at least applied where nothing more can be told, 1 when
something is not yet, and 2 when it could not be compared. A true checksum on
what was not printed counts only where its rule is named.`,
		Example: `  kubectl get helmreleases -A -o json | fluxsum status -f -
  fluxsum status --kubectl
  fluxsum status element-config --kubectl --context production
  fluxsum status --rev origin/main --kubectl --wait --timeout 10m`,
		ValidArgsFunction: a.completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			return a.status(cmd.Context(), args, &f)
		},
	}
	flags := cmd.Flags()
	flags.VarP((*oneFile)(&f.file), "filename", "f", "read the JSON that kubectl has printed from `FILE`, - is standard input")
	flags.BoolVar(&f.kubectl, "kubectl", false, "ask the cluster, with the kubectl in PATH")
	flags.StringVar(&f.context, "context", "", "ask that of `CONTEXT`, not that of the current one")
	flags.StringVar(&f.rev, "rev", "", "compare the commit `REV`, not the worktree")
	flags.StringVar(&f.path, "path", "", "only what the Kustomizations below `DIR` apply")
	flags.BoolVar(&f.wait, "wait", false, "wait until all is rolled out")
	flags.DurationVar(&f.timeout, "timeout", 5*time.Minute, "wait no longer than `D` for kubectl, or for the cluster")
	cmd.MarkFlagsMutuallyExclusive("filename", "kubectl")
	f.out = outputFlag(flags, "text", "json")
	return cmd
}

// check refuses flags that do not go together.
func (f *statusFlags) check(cmd *cobra.Command) error {
	if err := notEmpty(cmd, "rev", "path", "filename", "context"); err != nil {
		return err
	}
	given := func(name string) bool { return cmd.Flags().Lookup(name).Changed }
	f.kubectl = f.kubectl && (given("kubectl") || !given("filename")) // a flag goes before the environment
	if !f.kubectl {
		f.context = ""
	}
	switch {
	case f.file == "" && !f.kubectl:
		return &userError{"status compares with a cluster, expected -f or --kubectl", "`kubectl get helmreleases -A -o json | fluxsum status -f -`, or `fluxsum status --kubectl`"}
	case given("context") && !f.kubectl:
		return usageError(cmd, errors.New("--context is for --kubectl"))
	case given("wait") && f.wait && !f.kubectl:
		return usageError(cmd, errors.New("--wait is for --kubectl: what -f reads does not change"))
	case given("timeout") && !f.kubectl:
		return usageError(cmd, errors.New("--timeout is for --kubectl"))
	case f.kubectl && f.timeout <= 0:
		return usageError(cmd, fmt.Errorf("--timeout is %s, expected more than nothing", f.timeout))
	}
	return nil
}

// arrivals is a run of status.
type arrivals struct {
	*app
	project *project
	awaited rollout.Await
	flags   *statusFlags

	// uncommitted and unpushed are files of checksums that have not come to the cluster.
	uncommitted, unpushed []string
}

func (a *app) status(ctx context.Context, args []string, f *statusFlags) error {
	p, err := a.open(ctx, where{rev: f.rev, faults: true, asked: args})
	if err != nil {
		return err
	}
	defer p.close()
	s := &arrivals{app: a, project: p, flags: f}
	if err := s.choose(ctx, args); err != nil {
		return err
	}
	arrived, err := s.arrived(ctx)
	if err != nil {
		return err
	}
	s.beginHere(ctx, arrived)
	if err := s.report(arrived); err != nil {
		return err
	}
	return s.verdict(ctx, arrived)
}

// choose finds out what the cluster is to have.
func (s *arrivals) choose(ctx context.Context, args []string) error {
	chosen, err := s.project.choose(args)
	if err != nil {
		return err
	}
	if s.awaited.Path, err = s.project.folder(s.flags.path); err != nil {
		return err
	}
	s.awaited.Rules, s.awaited.Named, s.awaited.Context = chosen.Chosen(), len(args) > 0, s.flags.context
	s.awaited.Commit = s.flags.rev != ""
	s.awaited.Rollout, err = s.project.rollout(ctx, true, s.progress(readingManifests))
	return err
}

const pathHint = "--path takes the folder of a cluster, as `flux bootstrap` does"

// foldersHint names the folders that there are.
func (s *arrivals) foldersHint() string {
	folders := s.awaited.Folders()
	if len(folders) == 0 {
		return pathHint
	}
	return pathHint + ": " + strings.Join(folders[:min(len(folders), 5)], ", ")
}

// folder is a folder of the tree, as it is called from here.
func (p *project) folder(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	for _, dir := range p.arg(name).Files {
		if info, err := fs.Stat(p.tree, dir); fs.ValidPath(dir) && err == nil && info.IsDir() {
			return dir, nil
		}
	}
	return "", &userError{name + ": is no folder of this tree", pathHint + ": clusters/production, say"}
}

// arrived looks at the cluster, once or until all is rolled out.
func (s *arrivals) arrived(ctx context.Context) (*report.Arrived, error) {
	if s.awaited.Path != "" && !s.awaited.Here() {
		return nil, &userError{s.flags.path + ": nothing that is applied from there carries a checksum of these rules", s.foldersHint()}
	}
	if !s.flags.kubectl {
		cluster, err := s.flags.cluster(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.fits(cluster); err != nil {
			return nil, err
		}
		return s.against(cluster), nil
	}
	k := &kubectl{app: s.app, context: s.flags.context}
	arrived, err := s.look(ctx, s.asks(k))
	if err != nil || arrived.Count(rollout.RolledOut) == len(arrived.All) {
		return arrived, err
	}
	more := k.more(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return s.against(more), nil
}

func (s *arrivals) against(c *live.Cluster) *report.Arrived {
	out := &report.Arrived{Tree: s.project.name, Asked: s.awaited.Named}
	out.All, out.Unseen = s.awaited.Status(c)
	return out
}

// aRelease is the kind of those, as Kind.group.
const aRelease = "HelmRelease.helm.toolkit.fluxcd.io"

// fits refuses what holds no object of a kind that is looked for. What kubectl was asked
// for is not known: with an empty list it is taken to be HelmReleases.
func (s *arrivals) fits(c *live.Cluster) error {
	kinds := s.awaited.Kinds()
	if len(c.Kinds()) == 0 && slices.Contains(kinds, aRelease) {
		c.Asked(aRelease)
	}
	if len(kinds) == 0 || slices.ContainsFunc(kinds, func(kind string) bool { return slices.Contains(c.Kinds(), kind) }) {
		return nil
	}
	holds := cmp.Or(strings.Join(some(c.Kinds()), ", "), "no object")
	return s.flags.wrong(fmt.Sprintf("holds %s, expected %s", holds, strings.Join(kinds, ", ")), "`kubectl get "+resources(kinds)+" -A -o json` prints it")
}

// some are the first of many words.
func some(words []string) []string {
	if len(words) > 5 {
		return append(slices.Clone(words[:5]), "...")
	}
	return words
}

func (s *arrivals) report(arrived *report.Arrived) error {
	switch {
	case s.flags.out.word == "json":
		return report.ArrivedJSON(s.stdout, arrived)
	case s.settings.quiet:
		return nil
	}
	return report.ArrivedText(s.lines(), arrived, report.Verb{All: s.settings.verbose, Color: s.settings.coloured(s.stdout)})
}

// verdict is the exit status of status, with what stands in the way.
func (s *arrivals) verdict(ctx context.Context, arrived *report.Arrived) error {
	s.tellUnseen(arrived)
	s.tellUnknown(arrived)
	if !arrived.OK() {
		s.tellEnd(arrived)
	}
	switch {
	case arrived.Unknown():
		return errSaid
	case arrived.OK():
		return nil
	}
	if arrived.Count(rollout.NotThere) == len(arrived.All) && !s.settings.quiet {
		s.hint("nothing of it is in this cluster: is it the right one (--context, --path)?")
	} else {
		s.hintUnpushed(ctx, arrived)
	}
	return errStale
}

// tellUnknown says what is wrong with the files, and, where that is printed nowhere
// else, what could not be told.
func (s *arrivals) tellUnknown(arrived *report.Arrived) {
	var problems fluxsum.Problems
	for i := range arrived.All {
		a := &arrived.All[i]
		if problems = append(problems, a.Problems...); len(a.Problems) == 0 && a.State == rollout.Untold && s.settings.quiet {
			s.problem(&fluxsum.Problem{Message: "rule " + a.Rule + ": " + a.Why})
		}
	}
	s.complain(problems.Sorted())
}

// tellUnseen says of which rules nothing could be told.
func (s *arrivals) tellUnseen(arrived *report.Arrived) {
	switch {
	case len(arrived.Unseen) == 0 || s.settings.quiet && !arrived.Unknown():
	case s.settings.verbose || arrived.Unknown():
		for _, u := range arrived.Unseen {
			s.warn(&fluxsum.Problem{Message: "rule " + u.Rule + ": " + u.Why})
		}
	default:
		s.hint(report.Count(len(arrived.Unseen), "checksum") + " could not be compared: -v lists them")
	}
}
