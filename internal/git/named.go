package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
)

// Named lists the files of some names, in any folder of the index, and with
// others those of the worktree that Git neither tracks nor ignores.
func (g Git) Named(ctx context.Context, names []string, others bool) ([]string, error) {
	g.Env = append(g.Env[:len(g.Env):len(g.Env)], "GIT_LITERAL_PATHSPECS=0")
	args := []string{"ls-files", "-z", "--cached"}
	if others {
		args = append(args, "--others", "--exclude-standard")
	}
	args = append(args, "--")
	for _, name := range names {
		args = append(args, ":(glob)**/"+name)
	}
	out, err := g.Run(ctx, nil, args...)
	found := Names(out)
	slices.Sort(found)
	return slices.Compact(found), err
}

// NamedIn lists the files of some names in a commit.
func (g Git) NamedIn(ctx context.Context, commit string, names []string) ([]string, error) {
	p, err := g.pipe(ctx, false, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	var found []string
	for {
		file, err := p.out.ReadSlice(0)
		if errors.Is(err, io.EOF) {
			return found, p.ended()
		}
		if err != nil {
			return nil, p.failed(err)
		}
		if name := string(bytes.TrimSuffix(file, []byte{0})); slices.Contains(names, path.Base(name)) {
			found = append(found, name)
		}
	}
}
