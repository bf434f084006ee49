package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"path"
	"runtime/debug"
	"slices"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// ranging is a `diff --range`: what B has changed since it left A.
type ranging struct {
	app      *app
	flags    *diffFlags
	repo     *repo.Repository
	history  *repo.History
	base, to repo.Commit
	commits  []repo.Commit   // of A..B, oldest first
	builder  fluxsum.Builder // remembers the checksums of blobs for all trees
	before   *project        // base, without rules when it holds no config
	now      *project
	plan     *fluxsum.Plan // of the rules that are asked for
	asked    bool
}

func (a *app) diffRange(ctx context.Context, args []string, f *diffFlags) error {
	from, to, err := ends(f.commits)
	if err != nil {
		return err
	}
	debug.SetGCPercent(40) // two trees with all that Flux makes of them: time is not all
	repository, err := discover(ctx)
	if err != nil {
		return err
	}
	h, err := repository.OpenHistory(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	r := &ranging{app: a, flags: f, repo: repository, history: h, builder: fluxsum.Builder{Sums: &fluxsum.Sums{}}, asked: len(args) > 0}
	if err := r.find(ctx, from, to); err != nil {
		return historyError(err)
	}
	if err := r.open(ctx, args); err != nil {
		return err
	}
	if f.patch {
		return a.patch(ctx, r.now, r.plan, f)
	}
	return r.report(ctx, args)
}

// find finds the two ends and the commits between them.
func (r *ranging) find(ctx context.Context, from, to string) error {
	a, err := r.history.Resolve(from)
	if err != nil {
		return err
	}
	if r.to, err = r.history.Resolve(to); err != nil {
		return err
	}
	if r.commits, err = between(r.history, from, to); err != nil {
		return err
	}
	id, err := r.repo.Git().MergeBase(ctx, a.ID, r.to.ID)
	if err != nil {
		return err
	}
	r.base, err = r.history.Commit(id)
	return err
}

// open opens the trees of both ends.
func (r *ranging) open(ctx context.Context, args []string) (err error) {
	if r.now, err = r.app.committed(ctx, r.repo, r.history, r.to, where{faults: true, asked: args}); err != nil {
		return err
	}
	if r.now == nil {
		return r.app.noConfig("commit "+r.to.ID[:8], "name one with -c FILE, or a later commit")
	}
	r.now.history = r.history
	r.now.builder = r.builder
	if r.plan, err = r.now.plan(ctx, args); err != nil {
		return err
	}
	r.before, err = r.app.committed(ctx, r.repo, r.history, r.base, where{})
	var problems fluxsum.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	if r.before == nil {
		r.before = &project{root: r.now.root, tree: r.history.Tree(r.base, r.now.prefix()), name: r.base.ID, config: emptyConfig(), close: func() {}}
	}
	r.before.builder = r.builder
	return nil
}

// report gathers all there is to say, and says it.
func (r *ranging) report(ctx context.Context, args []string) error {
	radius := &report.Radius{From: r.base.ID, To: r.to.ID, Range: r.flags.commits}
	if err := r.impacts(ctx, radius); err != nil {
		return err
	}
	stale, err := r.trees(ctx, args, radius)
	if err != nil {
		return err
	}
	a := r.app
	err = a.paged(ctx, r.flags.noPager, func() error {
		switch {
		case r.flags.out.word == "json":
			return report.RadiusJSON(a.stdout, radius)
		case r.flags.out.word == "markdown":
			return report.RadiusMarkdown(a.stdout, radius)
		case a.settings.quiet:
			return nil
		}
		return report.RadiusText(a.lines(), radius, a.verifyVerb(a.stdout))
	})
	if err != nil {
		return err
	}
	a.complain(r.plan.Problems())
	switch {
	case r.plan.Count(fluxsum.Failed) > 0:
		return errSaid
	case r.flags.exitCode && stale:
		return errStale
	}
	return nil
}

// impacts are the source files that differ, and what comes of them.
func (r *ranging) impacts(ctx context.Context, out *report.Radius) error {
	changes, err := r.repo.Git().Changes(ctx, r.base.ID, r.to.ID, path.Join(".", r.now.prefix()))
	if err != nil {
		return err
	}
	now, err := r.now.rollout(ctx, true, r.app.progress(readingManifests))
	if err != nil {
		return err
	}
	before, err := r.before.rollout(ctx, true, r.app.progress(readingManifests))
	if err != nil {
		return err
	}
	if before.Then, err = r.then(ctx); err != nil {
		return err
	}
	byFile := map[string]*git.Change{}
	for i := range changes {
		c := &changes[i]
		if name, ok := r.now.below(c.Path); ok && (isContent(c.From) || isContent(c.To)) {
			byFile[name] = c
		}
	}
	for link, file := range now.Links(before, slices.Sorted(maps.Keys(byFile))) {
		c := *byFile[file]
		c.Path = path.Join(r.now.prefix(), link)
		byFile[link] = &c
	}
	files := slices.Sorted(maps.Keys(byFile))
	texts := newTexts(ctx, r.now, &fluxsum.Plan{}, r.flags.showSecrets)
	texts.older = newTexts(ctx, r.before, &fluxsum.Plan{}, r.flags.showSecrets)
	for _, i := range now.Impacts(before, files) {
		if !r.wanted(&i) {
			continue
		}
		item := report.Impact{Impact: i}
		if c := byFile[i.File]; c != nil {
			if item.Change, err = r.change(texts, c); err != nil {
				return err
			}
		}
		out.Impacts = append(out.Impacts, item)
	}
	if texts.secrets {
		r.app.warnSecrets()
	}
	return nil
}

// then is what the rules of the later tree find in the earlier one, where that
// does not know them all: nil where it does.
func (r *ranging) then(ctx context.Context) (*fluxsum.Plan, error) {
	known := map[string]bool{}
	for i := range r.before.config.Rules {
		known[r.before.config.Rules[i].Name] = true
	}
	if !slices.ContainsFunc(r.now.config.Rules, func(rule fluxsum.Rule) bool { return !known[rule.Name] }) {
		return nil, nil
	}
	return r.builder.Build(ctx, r.now.config, r.before.tree)
}

// wanted says whether an impact is of a rule that was asked for.
func (r *ranging) wanted(i *rollout.Impact) bool {
	return !r.asked || slices.ContainsFunc(r.plan.Results, func(res fluxsum.Result) bool {
		return slices.ContainsFunc(i.Rules, func(rule rollout.RuleImpact) bool { return rule.Rule == res.Rule })
	})
}

// change compares the two sides of a change; what is a link is read through it.
func (r *ranging) change(t *texts, c *git.Change) (*delta.Change, error) {
	var then *repo.Version
	now, _ := r.now.below(c.Path)
	if isContent(c.From) {
		was, _ := r.now.below(cmp.Or(c.Was, c.Path))
		then = &repo.Version{Name: was, Blob: c.Old}
		if c.From == git.ModeSymlink {
			then.Open = func() (io.ReadCloser, error) { return r.before.tree.Open(was) }
		}
	}
	if !isContent(c.To) {
		now = ""
	}
	return t.compare(r.history, then, now, checksum.SHA256)
}

// isContent says whether a mode is that of something that has a content.
func isContent(mode uint32) bool { return mode != 0 && mode != git.ModeSubmodule }

// trees verifies each commit of the range, for scripts, and tells whether one is
// not in sync.
func (r *ranging) trees(ctx context.Context, args []string, out *report.Radius) (stale bool, err error) {
	run := &rangeRun{app: r.app, flags: &verifyFlags{out: r.flags.out}, args: args, repo: r.repo, history: r.history, builder: r.builder}
	seen := r.app.progress(verifyingCommits)
	defer seen.clear()
	for i, c := range r.commits {
		seen.show(i, len(r.commits))
		plan, err := r.plan, error(nil)
		if c.ID != r.to.ID {
			_, plan, err = run.plan(ctx, c)
		}
		var problems fluxsum.Problems
		if err != nil && !errors.As(err, &problems) {
			return false, err
		}
		tree := report.Tree{Name: c.ID, OK: err == nil && plan.InSync(), Plan: plan}
		if err != nil {
			tree.Problems = problems
		}
		stale = stale || !tree.OK
		out.Commits = append(out.Commits, tree)
	}
	return stale, nil
}
