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

// hintUnpushed says what keeps a checksum from Flux on this side: a file that is not
// committed, or a commit that is not pushed.
func (s *arrivals) hintUnpushed(ctx context.Context, arrived *report.Arrived) {
	if s.project.name != "worktree" || s.settings.quiet {
		return
	}
	files := unapplied(arrived)
	if len(files) == 0 {
		return
	}
	if file := s.uncommitted(ctx, files); file != "" {
		s.hint(file + " is not as it is in HEAD: Flux sees what is committed and pushed")
		return
	}
	s.hintAhead(ctx)
}

// unapplied are the files of the checksums that have not come to the cluster.
func unapplied(arrived *report.Arrived) []string {
	var all []string
	for i := range arrived.All {
		if arrived.All[i].Unapplied {
			all = append(all, arrived.All[i].Target.File)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// uncommitted is the first of some files that is another one in HEAD.
func (s *arrivals) uncommitted(ctx context.Context, files []string) string {
	head, err := s.openCommit(ctx, "HEAD")
	if err != nil {
		return ""
	}
	defer head.close()
	for _, name := range files {
		if ctx.Err() != nil {
			return ""
		}
		committed, err := fs.ReadFile(head.tree, name)
		now, _ := stored(s.project.tree, name)
		if err != nil || !bytes.Equal(committed, now) {
			return name
		}
	}
	return ""
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
