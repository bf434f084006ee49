package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fatih/color"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// rangeRun is a `verify --range`.
type rangeRun struct {
	app     *app
	out     *verifyReport
	seen    *progress
	flags   *verifyFlags
	args    []string
	repo    *repo.Repository
	history *repo.History
	builder fluxsum.Builder // remembers the checksums of blobs

	trees   []report.Tree
	configs int // commits that hold a config
	stale   int
	warned  bool // findings count
	failed  int
	unknown error // of an argument that no commit knows
	chosen  bool
	last    bool // the commit at hand is the last one
	merges  bool // there are merges among the commits
}

// verifyRange verifies every commit of A..B, oldest first.
func (a *app) verifyRange(ctx context.Context, args []string, f *verifyFlags) error {
	from, to, err := ends(f.commits)
	if err != nil {
		return err
	}
	out, err := a.openReport(f)
	if err != nil {
		return err
	}
	return out.untold(ctx, where{rev: f.commits}, a.verifyCommits(ctx, args, f, out, from, to))
}

// verifyCommits verifies the commits that `to` has and `from` has not.
func (a *app) verifyCommits(ctx context.Context, args []string, f *verifyFlags, out *verifyReport, from, to string) error {
	r, err := discover(ctx)
	if err != nil {
		return err
	}
	h, err := r.OpenHistory(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	commits, err := between(h, from, to)
	if err != nil {
		return historyError(err)
	}
	run := &rangeRun{app: a, out: out, seen: a.progress(verifyingCommits), flags: f, args: args, repo: r, history: h, builder: fluxsum.Builder{Sums: &fluxsum.Sums{}}}
	defer run.seen.clear()
	for i, c := range commits {
		run.seen.show(i, len(commits))
		run.last = i == len(commits)-1
		run.merges = run.merges || len(c.Parents) > 1
		if err := run.verify(ctx, c); err != nil {
			return err
		}
	}
	run.seen.clear()
	return run.verdict(ctx)
}

// verifyingCommits is the work of a range.
const verifyingCommits = "verifying commits"

// ends returns A and B of A..B.
func ends(text string) (from, to string, err error) {
	from, to, ok := strings.Cut(text, "..")
	if !ok || from == "" || to == "" || strings.HasPrefix(to, ".") || strings.Contains(to, "..") {
		return "", "", &userError{fmt.Sprintf("--range is %q, expected A..B", text), "the commits that B has and A has not, e.g. --range origin/main..HEAD"}
	}
	return from, to, nil
}

func between(h *repo.History, from, to string) ([]repo.Commit, error) {
	a, err := h.Resolve(from)
	if err != nil {
		return nil, err
	}
	b, err := h.Resolve(to)
	if err != nil {
		return nil, err
	}
	commits, err := h.Between(a, b)
	if errors.Is(err, repo.ErrUnrelated) {
		err = &userError{fmt.Sprintf("%s and %s %v", from, to, err), "fetch more of the history, or name another commit to start from"}
	}
	return commits, err
}

// verify verifies one commit and reports it.
func (r *rangeRun) verify(ctx context.Context, c repo.Commit) error {
	p, plan, err := r.plan(ctx, c)
	var problems fluxsum.Problems
	switch {
	case errors.As(err, &problems):
		plan = &fluxsum.Plan{}
		r.failed++
	case err != nil:
		return err
	default:
		problems = plan.Problems()
		r.count(plan)
	}
	if err := r.out.spares(p); err != nil {
		return err
	}
	ok := err == nil && r.flags.passes(plan)
	if err := r.report(c, plan, ok, problems); err != nil {
		return err
	}
	r.trees = append(r.trees, r.tree(ctx, c, p, plan, ok, err))
	return nil
}

// tree is what the report has of a commit; of a text it needs no more than whether
// all is well.
func (r *rangeRun) tree(ctx context.Context, c repo.Commit, p *project, plan *fluxsum.Plan, ok bool, err error) report.Tree {
	plan.Forget()
	var problems fluxsum.Problems
	switch {
	case !r.out.needsTrees(), p == nil && err == nil:
		return report.Tree{Name: c.ID, OK: ok, Plan: &fluxsum.Plan{}}
	case errors.As(err, &problems):
		return r.app.untoldTree(ctx, where{rev: c.ID}, problems)
	}
	t := p.reported(plan, ok)
	if !r.last {
		t.Cure = ""
	}
	return t
}

func (r *rangeRun) count(plan *fluxsum.Plan) {
	switch {
	case plan.Count(fluxsum.Failed) > 0:
		r.failed++
	case !plan.InSync():
		r.stale++
	case !r.flags.passes(plan):
		r.warned = true
	}
}

// plan is that of a commit; empty where it holds no config, or none of the
// rules that are asked for.
func (r *rangeRun) plan(ctx context.Context, c repo.Commit) (*project, *fluxsum.Plan, error) {
	p, err := r.app.committed(ctx, r.repo, r.history, c, where{faults: true, asked: r.args})
	if err != nil || p != nil {
		r.configs++
	}
	if err != nil || p == nil {
		return nil, &fluxsum.Plan{}, err
	}
	p.builder = r.builder
	config, err := p.choose(r.args)
	if err != nil {
		r.unknown = err
		return nil, &fluxsum.Plan{}, nil
	}
	r.chosen = true
	plan, err := p.builder.Build(ctx, config, p.tree)
	// What an older commit has done wrong about Flux, a later one may have cured.
	if err == nil && r.last && r.flags.tellsFindings(r.app) {
		r.seen.clear()
		err = r.app.judge(ctx, p, plan)
	}
	return p, plan, err
}

// report writes what is wrong with a commit.
func (r *rangeRun) report(c repo.Commit, plan *fluxsum.Plan, ok bool, problems fluxsum.Problems) error {
	a := r.app
	shown := !ok || len(plan.Findings) > 0 || a.settings.verbose
	if shown || len(problems) > 0 {
		r.seen.clear()
	}
	if shown {
		paint := color.New(color.Bold)
		if paint.EnableColor(); !a.settings.coloured(r.out.text) {
			paint.DisableColor()
		}
		if _, err := fmt.Fprintln(r.out.text, paint.Sprint("commit "+c.ID[:8])+" "+report.Printable(c.Subject)); err != nil {
			return err
		}
		if err := a.reportPlan(r.out.text, plan, a.verifyVerb(r.out.text)); err != nil {
			return err
		}
	}
	for _, p := range problems {
		in := *p
		in.Message = fmt.Sprintf("%s (in commit %s)", p.Message, c.ID[:8])
		a.problem(&in)
	}
	return nil
}

// verdict is the exit status, with what to do.
func (r *rangeRun) verdict(ctx context.Context) error {
	if !r.chosen && r.unknown != nil {
		return r.unknown
	}
	a, total := r.app, len(r.trees)
	if total > 0 && r.configs == 0 && a.settings.config != "" {
		return a.noConfig("any commit of "+r.flags.commits, "")
	}
	if _, err := fmt.Fprintln(r.out.text, r.summary(total)); err != nil {
		return err
	}
	if err := r.out.writeCommits(r.trees); err != nil {
		return err
	}
	switch {
	case r.failed > 0:
		return errSaid
	case r.stale == 0 && !r.warned:
		return nil
	case r.stale == 0:
		return errStale
	case !a.settings.quiet:
		a.hint(r.cure(ctx, r.trees[total-1].OK))
	}
	return errStale
}

func (r *rangeRun) summary(total int) string {
	text, bare := report.Count(total, "commit"), total-r.configs
	switch {
	case total == 0:
		return "no commits in " + r.flags.commits
	case r.configs == 0:
		return text + ", none with a " + fluxsum.ConfigName
	case r.stale+r.failed+bare == 0 && r.warned:
		return text + " in sync, the findings of the last one count"
	case r.stale+r.failed+bare == 0:
		return text + " in sync"
	}
	text += ":"
	for _, part := range []struct {
		n    int
		what string
	}{{r.stale, "stale,"}, {r.failed, "could not be told,"}, {bare, "without a " + fluxsum.ConfigName + ","}} {
		if part.n > 0 {
			text += fmt.Sprintf(" %d %s", part.n, part.what)
		}
	}
	return fmt.Sprintf("%s %d in sync", text, r.configs-r.stale-r.failed)
}
