package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// later returns the index that `git commit -- PATH` will leave behind, with
// what a commit of it would touch; nil when git commits the index itself. Git
// has written it to index.lock, and puts it in place after the commit
// (builtin/commit.c, prepare_index).
//
// Its plan is told too; what is wrong with it does not stop the commit. Where the
// commit changes nothing git gives it up, and that index with it.
func (h *hookRun) later(ctx context.Context, changes bool) (*side, *fluxsum.Plan) {
	name := filepath.Base(os.Getenv("GIT_INDEX_FILE"))
	if !strings.HasPrefix(name, "next-index-") {
		return nil, &fluxsum.Plan{}
	}
	if !changes && h.commitsNothing(ctx) {
		return nil, &fluxsum.Plan{}
	}
	lock := filepath.Join(h.repo.Dir, "index.lock")
	if !fileThere(lock) {
		h.app.warn(&fluxsum.Problem{Message: "the index that this commit leaves behind cannot be found, so it keeps the old checksums", Hint: "after the commit run `fluxsum update --staged`"})
		return nil, &fluxsum.Plan{}
	}
	s, err := h.open(ctx, "GIT_INDEX_FILE="+lock)
	if s == nil {
		h.leftBehind(err)
		return nil, &fluxsum.Plan{}
	}
	plan, err := s.plan(ctx)
	if err != nil {
		h.leftBehind(err)
		return s, &fluxsum.Plan{}
	}
	if problems := plan.Problems(); len(problems) > 0 {
		h.leftBehind(problems)
	}
	return s, plan
}

// commitsNothing says whether what is committed is what HEAD holds.
func (h *hookRun) commitsNothing(ctx context.Context) bool {
	names, err := h.committed(ctx)
	return err == nil && len(names) == 0
}

// leftBehind tells what is wrong with the index that is left behind.
func (h *hookRun) leftBehind(err error) {
	if err != nil {
		h.app.complain(err)
		h.app.hint("this is about what stays staged, not about the commit")
	}
}

// writeBoth sets the checksums in the index that is committed, and in the one that is
// left behind, each from its own sources; the worktree follows the latter. Git drops
// both indexes when the hook fails.
func (h *hookRun) writeBoth(ctx context.Context, s *side, plan *fluxsum.Plan, later *side, after *fluxsum.Plan) error {
	if err := h.app.lock(ctx, later.project); err != nil {
		return err
	}
	follow, err := h.app.follow(ctx, later.worktree, after)
	defer follow.Discard()
	if err != nil {
		return err
	}
	if err = s.index.Stage(ctx, plan.Changes); err == nil {
		err = later.index.Stage(ctx, after.Changes)
	}
	if err != nil {
		follow.takeBack()
		return stageError(err)
	}
	follow.tell()
	return nil
}
