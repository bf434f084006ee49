package torture_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestSequences does random things with git in random repositories in which the hooks
// are installed, and holds what comes of each against the same without hooks, and
// against what git and coreutils say. TORTURE_SEED=N runs the sequence N alone.
func TestSequences(t *testing.T) {
	needCoreutils(t)
	if runtime.GOOS == "windows" {
		t.Skip("the hooks beside ours, and the copies, are made by the tools of Unix")
	}
	first, last := 1, times(6, 300)
	if only, err := strconv.Atoi(os.Getenv("TORTURE_SEED")); err == nil {
		first, last = only, only
	}
	t.Cleanup(sum.tell)
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			t.Parallel()
			runSequence(t, uint64(seed))
		})
	}
}

// sequence is one repository, and what is done with it.
type sequence struct {
	layout
	repo      *repository
	log       []string // what was done
	hookLog   string   // to which the hooks beside ours write
	worktrees []string
	branches  int
	converts  bool              // line endings are converted
	split     bool              // the index is split
	now       *world            // what was seen last; nil when something was done since
	trees     map[string]tree   // of commits, by id
	headers   map[string]string // of commits
	blobs     map[string]string // by id
	count     counts
}

// counts is what was done and checked.
type counts struct {
	sync.Mutex
	sequences, operations, commits, written, stopped, checks int
}

var sum counts

// tell enters the figures of docs/reliability.md.
func (c *counts) tell() {
	figure("random sequences of git operations", c.sequences)
	figure("git operations and edits in them", c.operations)
	figure("commits and merges that the hook saw", c.commits)
	figure("of these, with checksums written by the hook", c.written)
	figure("of these, rightly stopped by it", c.stopped)
	figure("comparisons with the model, git and coreutils", c.checks)
}

func (c *counts) add(o *counts) {
	c.Lock()
	defer c.Unlock()
	c.sequences++
	c.operations += o.operations
	c.commits += o.commits
	c.written += o.written
	c.stopped += o.stopped
	c.checks += o.checks
}

func runSequence(t *testing.T, seed uint64) {
	s := &sequence{layout: layout{rand: rand.New(rand.NewPCG(seed, 0))}, trees: map[string]tree{}, headers: map[string]string{}, blobs: map[string]string{}}
	t.Cleanup(func() {
		sum.add(&s.count)
		if t.Failed() {
			t.Logf("TORTURE_SEED=%d; what was done:\n%s", seed, strings.Join(s.log, "\n"))
		}
	})
	s.begin(t)
	length := 20 + s.rand.IntN(21)
	if !full() && os.Getenv("TORTURE_SEED") == "" {
		length /= 3
	}
	s.checkAlways()
	for range length {
		s.repo.clock++
		s.step()
		s.count.operations++
		s.checkAlways()
	}
	s.checkHistory()
}

// begin makes the repository, with the hooks beside others, and its first commits.
func (s *sequence) begin(t *testing.T) {
	s.plan()
	s.repo = newRepository(t, pick(s.rand, [][]string{nil, nil, nil, {"--object-format=sha256"}})...)
	s.worktrees = []string{"main"}
	s.settings()
	for name, text := range s.layout.files() {
		s.repo.write(name, text)
	}
	s.repo.must("git", "add", "-A")
	s.repo.must("git", "commit", "-q", "-m", "all of it is stale")
	s.hookLog = filepath.Join(filepath.Dir(s.repo.bed), "hooks.log")
	for _, hook := range []string{"pre-commit", "pre-merge-commit"} {
		s.otherHook(hook)
	}
	s.repo.must("fluxsum", "hooks", "install", "-q")
	s.put(configName, render(s.rules)+"# all rules are touched\n")
	a := s.commit("git", "commit", "-q", "-a", "-m", "begin")
	s.check(a.ran.status == 0 && a.after.head != a.before.head, "nothing was committed")
}

// otherHook is a hook that was there before; it writes down that it ran.
func (s *sequence) otherHook(name string) {
	path := filepath.Join(s.repo.bed, "main", ".git", "hooks", name)
	err := os.WriteFile(path, []byte(fmt.Sprintf("#!/bin/sh\necho %s >>'%s'\n", name, s.hookLog)), 0o755)
	if err != nil {
		s.repo.t.Fatal(err)
	}
}

// settings chooses what the repository is like.
func (s *sequence) settings() {
	switch s.rand.IntN(8) {
	case 0:
		s.do("git", "config", "index.version", "4")
	case 1:
		s.do("git", "config", "core.splitIndex", "true")
		s.split = true
	case 2:
		s.do("git", "config", "core.untrackedCache", "true")
	case 3:
		s.do("git", "config", "core.autocrlf", "true")
		s.converts = true
	case 4:
		s.repo.write(".gitattributes", "*.yaml text eol=crlf\n*.properties text eol=crlf\n*.env text eol=crlf\n")
		s.converts = true
	case 5:
		s.do("git", "config", "feature.manyFiles", "true")
	}
}

// do runs something that starts no hook of ours.
func (s *sequence) do(program string, args ...string) ran {
	s.repo.t.Helper()
	s.log = append(s.log, fmt.Sprintf("%s: %s %q", s.repo.at, program, args))
	out := s.repo.run(nil, "", program, args...)
	s.now = nil
	if out.status != 0 {
		s.log = append(s.log, fmt.Sprintf("  exit status %d: %s", out.status, strings.TrimSpace(out.stdout+out.stderr)))
	}
	if ran := s.hooksRan(); ran != "" {
		s.fail("%s %q ran %s", program, args, ran)
	}
	return out
}

// hooksRan says which hooks have run since it was asked the last time.
func (s *sequence) hooksRan() string {
	text, _ := os.ReadFile(s.hookLog)
	_ = os.Remove(s.hookLog)
	return strings.TrimSpace(string(text))
}

func (s *sequence) fail(format string, args ...any) {
	s.repo.t.Helper()
	s.repo.t.Fatalf(format, args...)
}

// check counts a check.
func (s *sequence) check(ok bool, format string, args ...any) {
	s.repo.t.Helper()
	s.count.checks++
	if !ok {
		s.fail(format, args...)
	}
}
