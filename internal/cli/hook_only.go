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
func (h *hookRun) later(ctx context.Context) (*side, error) {
	name := filepath.Base(os.Getenv("GIT_INDEX_FILE"))
	if !strings.HasPrefix(name, "next-index-") {
		return nil, nil
	}
	lock := filepath.Join(h.repo.Dir, "index.lock")
	if !fileThere(lock) {
		h.app.warn(&fluxsum.Problem{Message: "the index that this commit leaves behind cannot be found, so it keeps the old checksums", Hint: "after the commit run `fluxsum update --staged`"})
		return nil, nil
	}
	side, err := h.open(ctx, "GIT_INDEX_FILE="+lock)
	if err != nil {
		h.app.complain(err) // it is not what is committed
		return nil, nil
	}
	return side, nil
}

// writeLater sets the checksums in the index that is left behind, each from its
// own sources, and returns what was done. What cannot be done there does not
// stop the commit.
func (h *hookRun) writeLater(ctx context.Context, s *side) *fluxsum.Plan {
	plan, err := s.builder.Build(ctx, s.touched, s.tree)
	if err != nil {
		h.app.complain(err)
		return &fluxsum.Plan{}
	}
	if len(plan.Changes) > 0 {
		if err := s.index.Stage(ctx, plan.Changes); err != nil {
			h.app.complain(stageError(err))
			return &fluxsum.Plan{}
		}
	}
	return plan
}
