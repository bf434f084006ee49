package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// beginHere has the commands for a checksum that has not left this clone begin here: its
// file is not committed, or the commit not pushed.
func (s *arrivals) beginHere(ctx context.Context, arrived *report.Arrived) {
	files := unapplied(arrived)
	if s.project.name != "worktree" || len(files) == 0 {
		return
	}
	s.unpushed = s.otherIn(ctx, "@{upstream}", files)
	s.uncommitted = s.otherIn(ctx, "HEAD", files)
	for i := range arrived.All {
		switch a := &arrived.All[i]; {
		case !a.Unapplied || a.Final:
		case slices.Contains(s.uncommitted, a.Target.File):
			a.Do = []string{"git commit", "git push"}
		case slices.Contains(s.unpushed, a.Target.File):
			a.Do = []string{"git push"}
		}
	}
}

// hintUnpushed says what keeps a checksum from Flux on this side.
func (s *arrivals) hintUnpushed(ctx context.Context, arrived *report.Arrived) {
	switch {
	case s.project.name != "worktree" || s.settings.quiet || len(unapplied(arrived)) == 0:
	case len(s.uncommitted) > 0:
		s.hint(s.uncommitted[0] + " is not as it is in HEAD: Flux sees what is committed and pushed")
	default:
		s.hintAhead(ctx)
	}
}

// unapplied are the files of the checksums that have not come to the cluster, and will.
func unapplied(arrived *report.Arrived) []string {
	var all []string
	for i := range arrived.All {
		if a := &arrived.All[i]; a.Unapplied && !a.Final {
			all = append(all, a.Target.File)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// otherIn are those of some files that are other ones in a commit; none where there is
// no such commit.
func (s *arrivals) otherIn(ctx context.Context, rev string, files []string) []string {
	commit, err := s.openCommit(ctx, where{rev: rev})
	if err != nil {
		return nil
	}
	defer commit.close()
	var other []string
	for _, name := range files {
		if ctx.Err() != nil {
			return nil
		}
		committed, err := fs.ReadFile(commit.tree, name)
		now, _ := stored(s.project.tree, name)
		if err != nil || !bytes.Equal(committed, now) {
			other = append(other, name)
		}
	}
	return other
}

// stored are the bytes that Git would store of a file.
func stored(tree fs.FS, name string) ([]byte, error) {
	t, ok := tree.(fluxsum.Storing)
	if !ok {
		return fs.ReadFile(tree, name)
	}
	f, err := t.OpenStored(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func (s *arrivals) hintAhead(ctx context.Context) {
	r, err := discover(ctx)
	if err != nil {
		return
	}
	ahead, err := r.Git().Line(ctx, "rev-list", "--count", "@{upstream}..HEAD")
	if err != nil || ahead == "0" {
		return // or there is no upstream
	}
	upstream, _ := r.Git().Line(ctx, "rev-parse", "--abbrev-ref", "@{upstream}")
	s.hint(fmt.Sprintf("HEAD is not pushed, it is ahead of %s by %s: Flux sees what is pushed", upstream, ahead))
}
