package repo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Stage puts the new text of files into the index, and nothing else: modes and
// flags of the entries stay, and the worktree is not looked at.
func (i *Index) Stage(ctx context.Context, changes []fluxsum.Change) error {
	entries := make([]*git.Entry, len(changes))
	for n, c := range changes {
		e, err := i.Entry(c.File)
		if err != nil {
			return err
		}
		if e == nil || e.Mode != git.ModeFile && e.Mode != git.ModeExec {
			return fluxsum.Problems{{File: c.File, Message: "is no regular file of this repository's index", Hint: "fluxsum can stage it only in the repository that it belongs to"}}
		}
		entries[n] = e
	}
	ids, err := i.store(ctx, changes)
	if err != nil {
		return err
	}
	return i.update(ctx, entries, ids)
}

// store writes the blobs and returns their ids.
func (i *Index) store(ctx context.Context, changes []fluxsum.Change) ([]string, error) {
	if len(changes) == 1 {
		id, err := i.git.Run(ctx, nonNil(changes[0].After), "hash-object", "-w", "--no-filters", "--stdin")
		return strings.Fields(string(id)), err
	}
	dir, err := os.MkdirTemp(i.repo.Dir, "fluxsum-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var names bytes.Buffer
	for n, c := range changes {
		name := filepath.Join(dir, strconv.Itoa(n))
		if err := os.WriteFile(name, c.After, 0o600); err != nil {
			return nil, err
		}
		fmt.Fprintln(&names, name)
	}
	out, err := i.git.Run(ctx, names.Bytes(), "hash-object", "-w", "--no-filters", "--stdin-paths")
	ids := strings.Fields(string(out))
	if err == nil && len(ids) != len(changes) {
		err = fmt.Errorf("git hash-object wrote %d of %d objects", len(ids), len(changes))
	}
	return ids, err
}

// nonNil is an input that is there, however empty.
func nonNil(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}

// update gives entries of the index new content. Git clears flags when it does
// so; they are set again in the same run.
func (i *Index) update(ctx context.Context, entries []*git.Entry, ids []string) error {
	var plain bytes.Buffer
	for n, e := range entries {
		if e.SkipWorktree || e.AssumeUnchanged {
			if err := i.updateFlagged(ctx, e, ids[n]); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(&plain, "%o %s 0\t%s\x00", e.Mode, ids[n], e.Path)
	}
	if plain.Len() == 0 {
		return nil
	}
	return i.patiently(ctx, plain.Bytes(), "update-index", "-z", "--index-info")
}

func (i *Index) updateFlagged(ctx context.Context, e *git.Entry, id string) error {
	args := []string{"update-index", "--cacheinfo", fmt.Sprintf("%o,%s,%s", e.Mode, id, e.Path)}
	if e.SkipWorktree {
		args = append(args, "--skip-worktree", "--", e.Path)
	} else {
		args = append(args, "--assume-unchanged", "--", e.Path)
	}
	if err := i.patiently(ctx, nil, args...); err != nil || !e.SkipWorktree || !e.AssumeUnchanged {
		return err
	}
	return i.patiently(ctx, nil, "update-index", "--assume-unchanged", "--", e.Path)
}

// pauses are how long to wait for another git to let go of the index.
var pauses = []time.Duration{20 * time.Millisecond, 60 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond}

// patiently runs a git that writes the index, and waits for another one.
func (i *Index) patiently(ctx context.Context, stdin []byte, args ...string) error {
	_, err := i.git.Run(ctx, stdin, args...)
	for _, pause := range pauses {
		if !git.IsLocked(err) {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		_, err = i.git.Run(ctx, stdin, args...)
	}
	if git.IsLocked(err) {
		return &LockedError{i.File() + ".lock"}
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
