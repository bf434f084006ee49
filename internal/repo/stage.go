package repo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Staging is a change of the index that has begun: git holds its lock, and waits
// for the entries.
type Staging struct {
	index   *Index
	entries []*git.Entry
	running *git.Feed // nil when flags must be set too
	written chan written
}

// written is the ids of new blobs.
type written struct {
	ids []string
	err error
}

// Begin begins to put the new text of files into the index, and nothing else:
// modes and flags of the entries stay, and the worktree is not looked at. What
// has begun must be finished.
func (i *Index) Begin(ctx context.Context, changes []fluxsum.Change) (*Staging, error) {
	s := &Staging{index: i}
	flagged := false
	for _, c := range changes {
		e, err := i.Entry(c.File)
		if err != nil {
			return nil, err
		}
		if e == nil || e.Mode != git.ModeFile && e.Mode != git.ModeExec {
			return nil, fluxsum.Problems{{File: c.File, Message: "is no regular file of this repository's index", Hint: "fluxsum can stage it only in the repository that it belongs to"}}
		}
		s.entries = append(s.entries, e)
		flagged = flagged || e.SkipWorktree || e.AssumeUnchanged
	}
	s.written = make(chan written, 1)
	go func() {
		ids, err := i.write(ctx, changes)
		s.written <- written{ids, err}
	}()
	if flagged {
		i.LetGo()
		return s, nil
	}
	i.Prepare(ctx)
	s.running = <-i.feed
	i.feed = nil
	return s, nil
}

// Prepare starts git for a change that is likely to come: it takes the lock of
// the index, and leaves the index alone when no change comes.
func (i *Index) Prepare(ctx context.Context) {
	if i.feed != nil {
		return
	}
	g := i.feeder()
	started := make(chan *git.Feed, 1)
	i.feed = started
	go func() {
		feed, _ := g.Feed(ctx, updateIndex...)
		started <- feed
	}()
}

// updateIndex is the git that puts entries into the index, and nothing else.
var updateIndex = []string{"update-index", "-z", "--index-info"}

// feeder is the git to which entries are given: it works on a copy of an index that is
// locked by the git which waits for us.
func (i *Index) feeder() git.Git {
	g := i.git
	if strings.HasSuffix(i.File(), ".lock") {
		g.Env = append(g.Env[:len(g.Env):len(g.Env)], i.copyLocked()...)
	}
	return g
}

// Close lets go of the index.
func (i *Index) Close() error {
	i.LetGo()
	return i.Tree.Close()
}

// LetGo ends a git that was started ahead, and leaves the index as it is.
func (i *Index) LetGo() {
	if i.feed == nil {
		return
	}
	if feed := <-i.feed; feed != nil {
		_ = feed.End(nil)
	}
	i.feed = nil
	i.dropCopy()
}

// Finish writes the blobs and the index, unless somebody else has changed an
// entry meanwhile.
func (s *Staging) Finish(ctx context.Context) error {
	blobs := <-s.written
	if blobs.err != nil {
		s.GiveUp()
		return blobs.err
	}
	if s.running == nil {
		return s.update(ctx, blobs.ids)
	}
	if err := s.patiently(ctx, func() error { return s.give(ctx, blobs.ids) }); err != nil {
		s.index.dropCopy()
		return err
	}
	return s.index.publishCopy()
}

// GiveUp leaves the index as it is.
func (s *Staging) GiveUp() {
	if s.running != nil {
		_ = s.running.End(nil)
		s.running = nil
	}
	s.index.dropCopy()
}

// give gives the git that runs the entries, once it has asked for the lock of the index:
// while it holds that they stay what they are now, and without it git fails at the end.
func (s *Staging) give(ctx context.Context, ids []string) (err error) {
	running := s.running
	s.running = nil
	if running == nil {
		if running, err = s.index.feeder().Feed(ctx, updateIndex...); err != nil {
			return err
		}
	}
	s.waitForLock(running)
	if err := s.unchanged(ctx, ids); err != nil {
		_ = running.End(nil)
		return err
	}
	var lines bytes.Buffer
	for n, e := range s.entries {
		fmt.Fprintf(&lines, "%o %s 0\t%s\x00", e.Mode, ids[n], e.Path)
	}
	return running.End(lines.Bytes())
}

// waitForLock waits until git reads its input: it takes the lock before that, and
// reads the index. It gets an entry that it passes over, since no path goes through
// .git.
func (s *Staging) waitForLock(running *git.Feed) {
	running.WaitFor("100644 "+strings.Repeat("0", len(s.entries[0].ID))+" 0\t.git/", 'x', "\x00")
}

// copyLocked copies an index whose lock is held, or which is the lock: by the git
// that waits for our hook, so that nobody else changes it. That git drops it when
// we are killed; an update-index that goes on must not put it back, so it works on
// the copy, and we rename that. The environment for the copy is returned.
func (i *Index) copyLocked() []string {
	dir, err := scratchDir(i.repo.Dir)
	if err != nil {
		return nil
	}
	i.copyDir = dir
	if err := copyIndex(i.File(), filepath.Join(dir, "index")); err != nil {
		i.dropCopy()
		return nil
	}
	return []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
}

// publishCopy puts the copy, if there is one, in the place of the index.
func (i *Index) publishCopy() error {
	if i.copyDir == "" {
		return nil
	}
	defer i.dropCopy()
	return os.Rename(filepath.Join(i.copyDir, "index"), i.File())
}

func (i *Index) dropCopy() {
	if i.copyDir != "" {
		os.RemoveAll(i.copyDir)
		i.copyDir = ""
	}
}

// unchanged refuses entries that are no longer those which the changes were made
// for; those that another fluxsum has made what ours will be are right.
func (s *Staging) unchanged(ctx context.Context, ids []string) error {
	var paths []string
	for _, e := range s.entries {
		paths = append(paths, e.Path)
	}
	now, err := s.index.readAnew(ctx, paths)
	if err != nil {
		return err
	}
	for n, e := range s.entries {
		if !slices.ContainsFunc(now, func(now git.Entry) bool {
			return now.Path == e.Path && (now.ID == e.ID || now.ID == ids[n]) && now.Mode == e.Mode && now.Stage == 0
		}) {
			return fluxsum.Problems{{File: e.Path, Message: "was staged anew by somebody else while fluxsum ran", Hint: "try again"}}
		}
	}
	return nil
}

// Refresh has git look at the files again that were staged without being looked
// at: until then commands like `git merge --abort` take them for edited. (With
// paths, git would add their content.)
func (i *Index) Refresh(ctx context.Context) {
	_, _ = i.git.Run(ctx, nil, "update-index", "-q", "--refresh") // a matter of comfort
}

// Stage puts the new text of files into the index.
func (i *Index) Stage(ctx context.Context, changes []fluxsum.Change) error {
	if len(changes) == 0 {
		return nil
	}
	s, err := i.Begin(ctx, changes)
	if err != nil {
		return err
	}
	return s.Finish(ctx)
}

// write stores the blobs and returns their ids.
func (i *Index) write(ctx context.Context, changes []fluxsum.Change) ([]string, error) {
	ids := make([]string, len(changes))
	for n, c := range changes {
		id, err := i.writeBlob(ctx, c.After)
		if err != nil {
			return nil, err
		}
		ids[n] = id
	}
	return ids, nil
}

// writeBlob stores a blob with go-git, which needs no process, or else with
// git.
func (i *Index) writeBlob(ctx context.Context, text []byte) (id string, err error) {
	if i.store.goGit != nil {
		if id, err := i.store.goGit.Write(text); err == nil {
			return id, nil
		}
	}
	out, err := i.git.Run(ctx, nonNil(text), "hash-object", "-w", "--no-filters", "--stdin")
	return strings.TrimSpace(string(out)), err
}

// nonNil is an input that is there, however empty.
func nonNil(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}

// update gives entries of the index new content, and their flags, which git clears
// when it does so, in the same run.
func (s *Staging) update(ctx context.Context, ids []string) error {
	var plain bytes.Buffer
	for n, e := range s.entries {
		if e.SkipWorktree || e.AssumeUnchanged {
			if err := s.updateFlagged(ctx, ids, e, ids[n]); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(&plain, "%o %s 0\t%s\x00", e.Mode, ids[n], e.Path)
	}
	if plain.Len() == 0 {
		return nil
	}
	return s.run(ctx, ids, plain.Bytes(), updateIndex...)
}

func (s *Staging) updateFlagged(ctx context.Context, ids []string, e *git.Entry, id string) error {
	args := []string{"update-index", "--cacheinfo", fmt.Sprintf("%o,%s,%s", e.Mode, id, e.Path)}
	if e.SkipWorktree {
		args = append(args, "--skip-worktree", "--", e.Path)
	} else {
		args = append(args, "--assume-unchanged", "--", e.Path)
	}
	if err := s.run(ctx, ids, nil, args...); err != nil || !e.SkipWorktree || !e.AssumeUnchanged {
		return err
	}
	return s.run(ctx, ids, nil, "update-index", "--assume-unchanged", "--", e.Path)
}

// run runs a git that writes the index.
func (s *Staging) run(ctx context.Context, ids []string, stdin []byte, args ...string) error {
	return s.patiently(ctx, func() error {
		if err := s.unchanged(ctx, ids); err != nil {
			return err
		}
		_, err := s.index.git.Run(ctx, stdin, args...)
		return err
	})
}

// pauses are how long to wait for another git to let go of the index.
var pauses = []time.Duration{20 * time.Millisecond, 60 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond}

// patiently does what writes the index, and waits for another git that holds it.
func (s *Staging) patiently(ctx context.Context, do func() error) error {
	err := do()
	for _, pause := range pauses {
		if !git.IsLocked(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		err = do()
	}
	if git.IsLocked(err) {
		return &LockedError{s.index.File() + ".lock"}
	}
	return err
}

// LockedError says that another git holds the index.
type LockedError struct{ Path string }

// Error names the lock.
func (e *LockedError) Error() string { return e.Path + " is held by another git" }

// File returns the path of the index.
func (i *Index) File() string {
	name := os.Getenv("GIT_INDEX_FILE")
	for _, v := range i.git.Env {
		if value, ok := strings.CutPrefix(v, "GIT_INDEX_FILE="); ok {
			name = value
		}
	}
	if name == "" {
		return filepath.Join(i.repo.Dir, "index")
	}
	return beside(i.repo.Top, name)
}

// Below returns the path, relative to the folder of the tree, of a path from
// the top.
func (t *Tree) Below(p string) (name string, ok bool) {
	if !inside(p, t.prefix) {
		return "", false
	}
	if t.prefix == "." {
		return p, true
	}
	return strings.TrimPrefix(p, t.prefix+"/"), true
}
