package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Step is a commit of a history, and what some paths were in its parents.
type Step struct {
	Commit string
	// Parents are those with a history of the paths. Without one the history of
	// the paths begins here, or this clone is shallow.
	Parents []Parent
}

// Parent is one of a commit, and how the paths differ from it.
type Parent struct {
	ID      string
	Changes []Change
}

// Change is a path that differs between two commits.
type Change struct {
	Path     string
	Was      string // its other name, where it was renamed
	From, To uint32 // modes; 0: not there
	Old, New string // ids
}

// Past is the history of some paths, newest first, and no parent before its
// children; commits that leave the paths as they are in all parents are left out. It
// must be closed.
type Past struct {
	commits, trees *pipe
	steps          chan Step // asked of trees, and not read yet
	listed         chan error
}

// Past starts to read the history that leads to a commit. Paths are from the
// top.
func (g Git) Past(ctx context.Context, from string, paths []string) (*Past, error) {
	g.Env = append(g.Env[:len(g.Env):len(g.Env)], "GIT_FLUSH=0") // or each line is a write of its own
	commits, err := g.pipe(ctx, false, append([]string{"rev-list", "--parents", "--full-history", "--date-order", from, "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	trees, err := g.pipe(ctx, true, append([]string{"diff-tree", "--stdin", "-r", "-z", "--raw", "--always", "--no-renames", "--no-abbrev", "--"}, paths...)...)
	if err != nil {
		commits.stop()
		return nil, err
	}
	p := &Past{commits: commits, trees: trees, steps: make(chan Step, 1<<10), listed: make(chan error, 1)}
	go p.list()
	return p, nil
}

// list asks for the changes of each commit that git lists.
func (p *Past) list() {
	defer close(p.steps)
	defer p.trees.end()
	for {
		line, err := p.commits.out.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) {
				p.listed <- p.commits.failed(err)
				return
			}
			p.listed <- p.commits.ended()
			return
		}
		s, err := step(line)
		if err != nil {
			p.listed <- p.commits.failed(err)
			return
		}
		for _, parent := range s.Parents {
			p.trees.send(s.Commit + " " + parent.ID)
		}
		p.steps <- s
	}
}

// step reads "<commit> <parent>...".
func step(line string) (s Step, err error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return s, fmt.Errorf("git rev-list said %q", line)
	}
	s.Commit = words[0]
	for _, id := range words[1:] {
		s.Parents = append(s.Parents, Parent{ID: id})
	}
	return s, nil
}

// Next returns the next commit; io.EOF at the end.
func (p *Past) Next() (Step, error) {
	s, ok := <-p.steps
	if !ok {
		if err := <-p.listed; err != nil {
			return s, err
		}
		return s, io.EOF
	}
	for i := range s.Parents {
		if err := heading(p.trees.out, s.Commit); err != nil {
			return s, p.trees.failed(err)
		}
		changes, err := rawChanges(p.trees.out)
		if err != nil {
			return s, p.trees.failed(err)
		}
		s.Parents[i].Changes = changes
	}
	return s, nil
}

// heading reads the id that stands before the changes of a commit.
func heading(r *bufio.Reader, commit string) error {
	id, err := r.ReadString(0)
	if err == nil && strings.TrimSuffix(id, "\x00") != commit {
		err = fmt.Errorf("git diff-tree said %q", id)
	}
	return err
}

// Close ends the reading.
func (p *Past) Close() {
	_ = p.commits.cmd.Process.Kill()
	p.trees.stop()
	go func() {
		for range p.steps { // lets list come to its end
		}
	}()
}

// Changes are the files below a folder that differ between two commits; those that
// have another name have much the same content.
func (g Git) Changes(ctx context.Context, from, to, folder string) ([]Change, error) {
	out, err := g.Run(ctx, nil, "diff-tree", "-r", "-z", "--raw", "-M", "--no-abbrev", from, to, "--", folder)
	if err != nil {
		return nil, err
	}
	return rawChanges(bufio.NewReader(bytes.NewReader(out)))
}

// MergeBase returns the commit from which two have parted; "" when there is
// none.
func (g Git) MergeBase(ctx context.Context, a, b string) (string, error) {
	id, err := g.Line(ctx, "merge-base", a, b)
	var failed *Error
	if errors.As(err, &failed) && failed.Status == 1 {
		return "", nil
	}
	return id, err
}

// Renames are, for each pair of a parent and a commit ("": the index), the files
// that have another name than in the parent, with much the same content.
func (g Git) Renames(ctx context.Context, pairs [][2]string) ([][]Change, error) {
	all := make([][]Change, len(pairs))
	p, err := g.pipe(ctx, true, "diff-tree", "--stdin", "-r", "-z", "--raw", "-M", "--diff-filter=R", "--always", "--no-abbrev")
	if err != nil {
		return nil, err
	}
	defer p.stop()
	for _, pair := range pairs {
		if pair[1] != "" {
			p.send(pair[1] + " " + pair[0])
		}
	}
	p.end()
	for i, pair := range pairs {
		if pair[1] == "" {
			all[i], err = g.stagedRenames(ctx, pair[0])
		} else if err = heading(p.out, pair[1]); err == nil {
			all[i], err = rawChanges(p.out)
		}
		if err != nil {
			return nil, p.failed(err)
		}
	}
	return all, nil
}

func (g Git) stagedRenames(ctx context.Context, commit string) ([]Change, error) {
	out, err := g.Run(ctx, nil, "diff-index", "--cached", "-r", "-z", "--raw", "-M", "--diff-filter=R", "--no-abbrev", commit)
	if err != nil {
		return nil, err
	}
	return rawChanges(bufio.NewReader(bytes.NewReader(out)))
}

// Merges lists the merges that lead to a commit, each with all its parents.
func (g Git) Merges(ctx context.Context, from string) ([][]string, error) {
	out, err := g.Run(ctx, nil, "rev-list", "--parents", "--min-parents=2", from)
	if err != nil {
		return nil, err
	}
	var all [][]string
	for line := range strings.Lines(string(out)) {
		all = append(all, strings.Fields(line))
	}
	return all, nil
}

// rawChanges reads the entries up to what is none:
// ":<mode> <mode> <id> <id> <status>\0<path>\0", with a second path after R
// (git-diff-tree, "Raw output format").
func rawChanges(r *bufio.Reader) ([]Change, error) {
	var all []Change
	for {
		start, err := r.Peek(1)
		if errors.Is(err, io.EOF) || err == nil && start[0] != ':' {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		c, err := rawChange(r)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
}

func rawChange(r *bufio.Reader) (c Change, err error) {
	head, err := r.ReadString(0)
	if err != nil {
		return c, err
	}
	words := strings.Fields(strings.TrimSuffix(head[1:], "\x00"))
	if len(words) != 5 {
		return c, fmt.Errorf("git diff-tree said %q", head)
	}
	if c.From, err = mode(words[0]); err != nil {
		return c, err
	}
	if c.To, err = mode(words[1]); err != nil {
		return c, err
	}
	c.Old, c.New = words[2], words[3]
	if c.Path, err = name(r); err == nil && words[4][0] == 'R' {
		c.Was = c.Path
		c.Path, err = name(r)
	}
	return c, err
}

func name(r *bufio.Reader) (string, error) {
	text, err := r.ReadString(0)
	return strings.TrimSuffix(text, "\x00"), err
}
