package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/internal/hook"
	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// hookRun is one run of a hook.
type hookRun struct {
	app     *app
	hook    string
	repo    *repo.Repository
	history *repo.History
	head    map[string]git.Entry // of HEAD, by path from the top
	asked   map[string]bool      // paths at and below which head is known
}

// runHook does the work of a Git hook. Whatever keeps it from that stops the
// commit.
func (a *app) runHook(ctx context.Context, name string) error {
	if skipped, quiet := hook.Skipped(); quiet {
		return nil
	} else if skipped {
		a.warn(&fluxsum.Problem{Message: "skipped, because FLUXSUM_SKIP is set", Hint: "checksums may be stale now; `fluxsum verify --rev HEAD` tells"})
		return nil
	}
	r, err := discover(ctx)
	if err == nil {
		r.Own = os.Getenv("GIT_INDEX_FILE") != "" // git has started us
		err = (&hookRun{app: a, hook: hook.Of(name, r.Dir), repo: r}).run(ctx)
	}
	if err == nil || errors.Is(err, errStale) {
		return err
	}
	if !errors.Is(err, errSaid) {
		a.complain(err)
	}
	a.hint("nothing was committed; " + skipOnce() + " skips this check once")
	return errStale
}

// skipOnce is what skips the hook, where the user types it.
func skipOnce() string {
	if runtime.GOOS == "windows" {
		return "git commit --no-verify"
	}
	return "FLUXSUM_SKIP=1 in front of the command"
}

func (h *hookRun) run(ctx context.Context) error {
	if err := h.indexIsThere(); err != nil {
		return err
	}
	side, err := h.open(ctx)
	if h.history != nil {
		defer h.history.Close()
	}
	if err != nil || side == nil {
		return err
	}
	defer side.close()
	return h.fix(ctx, side)
}

// indexIsThere refuses an index that is gone: the git that named it has died.
func (h *hookRun) indexIsThere() error {
	name := os.Getenv("GIT_INDEX_FILE")
	if name == "" {
		return nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(h.repo.Top, name)
	}
	if _, err := os.Stat(name); err != nil && filepath.Base(name) != "index" {
		return &userError{name + " is gone: the git that started this hook has ended", "commit again"}
	}
	return nil
}

// side is an index, with what a commit of it touches.
type side struct {
	*project
	all     *fluxsum.Plan // of all rules
	touched *fluxsum.Config
}

// open looks at the index that is about to be committed; nil when it holds no
// config.
func (h *hookRun) open(ctx context.Context, env ...string) (*side, error) {
	index, err := h.repo.OpenIndex(ctx, ".", env...)
	if err != nil {
		return nil, bareError(err)
	}
	if hook.ByScript() && len(env) == 0 {
		index.Prepare(ctx) // our script could not tell that nothing has changed
	}
	// What is wrong with rules that the commit does not touch stops no commit.
	p, err := h.app.indexed(ctx, h.repo, index, where{faults: true, unless: h.leavesConfig})
	if err == nil && p == nil {
		err = h.noConfig(ctx)
	}
	if err != nil || p == nil {
		return nil, err
	}
	s := &side{project: p}
	if err := h.look(ctx, s); err != nil {
		p.close()
		return nil, err
	}
	return s, nil
}

// look builds the plan of all rules and tells which of them the commit touches.
func (h *hookRun) look(ctx context.Context, s *side) error {
	if err := h.askHead(ctx, s); err != nil {
		return err
	}
	if len(s.index.Differing(h.head)) > 0 {
		s.index.Prepare(ctx)
	}
	s.builder.Sums = &fluxsum.Sums{}
	var err error
	if s.all, err = s.builder.Build(ctx, s.config, s.tree); err != nil {
		return h.ofTouched(ctx, s, err)
	}
	// Symlinks may have led to more entries.
	if err := h.askHead(ctx, s); err != nil {
		return err
	}
	s.touched = h.touched(s)
	return nil
}

// ofTouched is the error of rules that contradict each other, without what else is
// wrong with rules that the commit does not touch: that stops no commit.
func (h *hookRun) ofTouched(ctx context.Context, s *side, all error) error {
	s.all = &fluxsum.Plan{}
	if _, err := s.builder.Build(ctx, h.touched(s), s.tree); err != nil {
		return err
	}
	return all
}

// fix sets the checksums of the rules that the commit touches.
func (h *hookRun) fix(ctx context.Context, s *side) error {
	h.warnUntouched(s)
	plan, err := s.plan(ctx)
	if err != nil {
		return err
	}
	if problems := plan.Problems(); len(problems) > 0 {
		h.app.complain(problems)
		h.app.adviseOnConflict(problems)
		return errSaid
	}
	later, after := h.later(ctx, len(plan.Changes) > 0)
	if later != nil {
		defer later.close()
	}
	if len(plan.Changes) == 0 && len(after.Changes) == 0 {
		if s.all.InSync() && later == nil {
			h.remember(s)
		}
		return nil
	}
	return h.write(ctx, s, plan, later, after)
}

// adviseOnConflict tells what to do about the daily conflict: both sides have
// set a checksum.
func (a *app) adviseOnConflict(problems fluxsum.Problems) {
	for _, p := range problems {
		if p.Message == fluxsum.ConflictMessage {
			a.hint("of a checksum keep either side and git add the file: the commit sets it anew; in a rebase run `fluxsum update --staged` before --continue")
			return
		}
	}
}

// plan is that of the touched rules.
func (s *side) plan(ctx context.Context) (*fluxsum.Plan, error) {
	touched := map[string]bool{}
	for _, name := range s.touched.Chosen() {
		touched[name] = true
	}
	for _, r := range s.all.Results {
		if r.State != fluxsum.OK && !touched[r.Rule] {
			return s.builder.Build(ctx, s.touched, s.tree)
		}
	}
	return s.all, nil
}

// remember leaves the hook's script a note, so that the next commit that
// touches nothing of this costs next to nothing.
func (h *hookRun) remember(s *side) {
	hook.Remember(h.repo.Dir, s.index.Listed(), s.index.Entries())
}

// write sets the checksums in the index, in the one that will follow it, and in
// the worktree.
func (h *hookRun) write(ctx context.Context, s *side, plan *fluxsum.Plan, later *side, after *fluxsum.Plan) error {
	if err := h.wouldBeEmpty(ctx, s, plan); err != nil {
		return err
	}
	if !hook.ParentLives() {
		return &userError{"the git that started this hook has ended", "commit again"}
	}
	if tool := hook.EditsPutAside(ctx, h.repo, plan.Results, s.changes(plan, later, after)); tool != "" {
		return h.leaveToUser(ctx, s, plan, tool)
	}
	if later == nil {
		if err := h.app.stage(ctx, s.project, plan); err != nil {
			return err
		}
	} else if err := h.writeBoth(ctx, s, plan, later, after); err != nil {
		return err
	}
	h.app.said(plan)
	if len(plan.Changes) == 0 {
		h.app.said(after) // of what stays staged
	}
	h.app.warnPointers(s.project, plan)
	if h.hook == hook.PreMerge && len(plan.Changes) > 0 {
		s.index.Refresh(ctx)
		h.app.warn(&fluxsum.Problem{Message: "the merge makes checksums stale; they are set right and staged", Hint: "run `git commit --no-edit` to complete the merge, or `git merge --abort` to give it up"})
		return errStale
	}
	return nil
}

// changes tells which files, named from the top, are to be changed. Where the index
// that is left behind gets others than the commit does, any may be: the worktree
// follows the former, and a tool compares it with the latter.
func (s *side) changes(plan *fluxsum.Plan, later *side, after *fluxsum.Plan) func(file string) bool {
	same := func(a, b fluxsum.Change) bool { return a.File == b.File && bytes.Equal(a.After, b.After) }
	return func(file string) bool {
		return later != nil && !slices.EqualFunc(plan.Changes, after.Changes, same) ||
			slices.ContainsFunc(plan.Changes, func(c fluxsum.Change) bool { return s.index.FromTop(c.File) == file })
	}
}

// leaveToUser stops a commit in which a tool has put edits aside: it could not
// bring them back beside a change of the index.
func (h *hookRun) leaveToUser(ctx context.Context, s *side, plan *fluxsum.Plan, tool string) error {
	err := &userError{tool + " has put edits aside that are not staged, so nothing else may be staged now", "run `fluxsum update --staged`, then commit again"}
	if name := filepath.Base(os.Getenv("GIT_INDEX_FILE")); strings.HasSuffix(name, ".lock") {
		err.hint = "stage with git add, run `fluxsum update --staged`, then `git commit` without -a, -p or paths"
		return err // git drops this index, and with it what the worktree would follow
	}
	if tool == hook.PreCommitFramework { // it brings edits back beside changed files
		if locked := h.app.lock(ctx, s.project); locked != nil {
			return locked
		}
		follow, failed := h.app.follow(ctx, s.worktree, plan)
		defer follow.Discard()
		if failed != nil {
			return failed
		}
		follow.tell()
		h.app.said(plan)
	}
	return err
}

// said writes what was changed.
func (a *app) said(plan *fluxsum.Plan) {
	if !a.settings.quiet {
		_ = report.Text(a.stderr, plan, report.Verb{Stale: "updated", Missing: "inserted", Color: a.settings.coloured(a.stderr)})
	}
}

// wouldBeEmpty refuses to take back the one edit that a commit has: git would
// make an empty commit.
func (h *hookRun) wouldBeEmpty(ctx context.Context, s *side, plan *fluxsum.Plan) error {
	if h.hook == hook.PreMerge || len(plan.Changes) == 0 || fileThere(filepath.Join(h.repo.Dir, "MERGE_HEAD")) {
		return nil
	}
	back := map[string]bool{}
	for _, c := range plan.Changes {
		p := s.index.FromTop(c.File)
		if old := h.head[p]; old.ID == "" || old.ID != repo.BlobID(c.After, old.ID) {
			return nil
		}
		back[p] = true
	}
	names, err := h.committed(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !back[name] {
			return nil
		}
	}
	cure := "run `fluxsum update --staged` to take the edit back"
	if strings.HasSuffix(os.Getenv("GIT_INDEX_FILE"), ".lock") {
		cure = "run `fluxsum update` to take the edit back" // git drops this index
	}
	return fluxsum.Problems{{File: plan.Changes[0].File, Message: "all that is staged is a checksum that is not true; without it the commit would be empty", Hint: cure}}
}

// committed lists what the index that is committed has other than HEAD.
func (h *hookRun) committed(ctx context.Context) ([]string, error) {
	out, err := h.repo.Git().Run(ctx, nil, "diff-index", "--cached", "-z", "--name-only", "--no-renames", "--ignore-submodules=none", "HEAD")
	return git.Names(out), err
}
