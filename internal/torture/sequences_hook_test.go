package torture_test

import (
	"cmp"
	"fmt"
	"strings"
)

// attempt is one command that may run hooks: before it, what comes of it without
// hooks, and what has come of it.
type attempt struct {
	command             string
	before, twin, after *world
	twinRan, ran        ran
	hook                string
}

// commit runs a command that may run hooks, first in a twin without them, and judges
// what comes of it. An environment may stand before the command, as in a shell.
func (s *sequence) commit(words ...string) *attempt {
	s.repo.t.Helper()
	a := &attempt{command: fmt.Sprintf("%q", words), before: s.look()}
	s.log = append(s.log, s.repo.at+": "+a.command)
	var env []string
	for !strings.HasPrefix(words[0], "git") {
		env, words = append(env, words[0]), words[1:]
	}
	s.repo.inTwin(func() {
		a.twinRan = s.repo.run(env, "", "git", append([]string{"-c", "core.hooksPath=/dev/null"}, words[1:]...)...)
		a.twin = s.lookAnew()
	})
	a.ran = s.repo.run(env, "", "git", words[1:]...)
	s.now = nil
	a.after, a.hook = s.look(), s.hooksRan()
	s.log = append(s.log, fmt.Sprintf("  hook %q, exit status %d, %d without: %s", a.hook, a.ran.status, a.twinRan.status, strings.TrimSpace(a.ran.stdout+a.ran.stderr)))
	s.judge(a, len(env) > 0)
	return a
}

// judge tells whether the hook has done right.
func (s *sequence) judge(a *attempt, skipped bool) {
	s.repo.t.Helper()
	if a.hook == "" || skipped {
		s.same("without a hook", a.twin, a.after)
		s.check(a.ran.status == a.twinRan.status, "exit status %d, %d without a hook", a.ran.status, a.twinRan.status)
		return
	}
	s.count.commits++
	seen := a.twin.tree // which is HEAD's when there is nothing to commit
	if strings.Contains(a.twinRan.stderr, "empty commit message") {
		seen = s.staged(a.twin.index)
	}
	committed := s.outcome(seen, a.before.tree, a.after.tree)
	left := s.outcome(s.staged(a.twin.index), a.before.tree, s.staged(a.after.index))
	switch {
	case committed.stops == "", committed.stops == either && a.ran.status == 0:
		s.passed(a, committed, left)
	default:
		s.stopped(a, committed.stops)
	}
}

// outcome is what the hook has to make of a tree.
type outcome struct {
	rules   []rule // touched
	seen    tree
	fixed   tree
	changes bool
	stops   string // why it stops
}

// outcome tells what the hook does with a tree that is committed on another one; actual
// is what has come of it.
func (s *sequence) outcome(seen, head, actual tree) *outcome {
	o := &outcome{seen: seen, fixed: seen}
	rules, err := rulesOf(seen)
	switch {
	case seen[configName].text == "":
		return o
	case err != nil:
		o.stops = err.Error()
		return o
	}
	o.rules = touched(rules, seen, head)
	j := judge(o.rules, seen, actual)
	for p, v := range j.verdicts {
		switch v.state {
		case "error":
			o.stops = fmt.Sprintf("%v: error", p)
		case either:
			o.stops = cmp.Or(o.stops, either)
		}
	}
	o.fixed = j.tree
	o.changes = len(differing("", o.seen, o.fixed)) > 0
	return o
}

// passed holds a commit that the hook let pass against the model.
func (s *sequence) passed(a *attempt, committed, left *outcome) {
	s.repo.t.Helper()
	if a.hook == "pre-merge-commit" && committed.changes {
		s.stoppedMerge(a, committed)
		return
	}
	made := a.twin.head != a.before.head
	if !a.before.merging && committed.changes && len(differing("", committed.fixed, a.before.tree)) == 0 {
		s.stopped(a, "it would be empty")
		return
	}
	s.check(a.ran.status == a.twinRan.status, "exit status %d, %d without a hook", a.ran.status, a.twinRan.status)
	if made {
		s.sameTree("the commit", committed.fixed, a.after.tree)
		s.check(a.twin.commit == a.after.commit, "the commit is %q, %q without a hook", a.after.commit, a.twin.commit)
		s.check(a.twin.branch == a.after.branch && a.twin.others == a.after.others, "branch %s, %s without a hook", a.after.branch, a.twin.branch)
	} else {
		s.check(a.after.head == a.before.head, "there is a commit, and none without a hook")
	}
	if !committed.changes && len(differing("", committed.seen, a.before.tree)) == 0 {
		s.same("nothing to commit", a.twin, a.after)
	} else {
		s.followed(a, left)
	}
	if committed.changes {
		s.count.written++
	}
	if made {
		s.verifyTouched(committed.rules)
	}
}

// followed holds the index and the worktree against the model.
func (s *sequence) followed(a *attempt, left *outcome) {
	s.repo.t.Helper()
	s.sameTree("the index", left.fixed, s.staged(a.after.index))
	s.check(len(differing("flags", flagsOf(a.twin.index), flagsOf(a.after.index))) == 0, "flags of the index: %v", differing("flags", flagsOf(a.twin.index), flagsOf(a.after.index)))
	s.sameTree("the worktrees", s.follow(a.twin, left.rules, left.seen, left.fixed, a.after.files), a.after.files)
}

// flagsOf is an index without the contents of what is not in conflict.
func flagsOf(index map[string]entry) map[string]entry {
	flags := map[string]entry{}
	for key, e := range index {
		if e.stage == "0" {
			e.id = ""
		}
		flags[key] = e
	}
	return flags
}

// follow is the worktrees, with the changes of the index where they showed the old
// checksum. Where one was inserted, actual tells how.
func (s *sequence) follow(twin *world, rules []rule, old, new, actual tree) tree {
	files := tree{}
	for name, f := range twin.files {
		files[name] = f
	}
	for _, r := range rules {
		for _, t := range r.Targets {
			name := s.repo.at + "/" + t.File
			f, ok := files[name]
			before, wasThere := r.recorded(t, old[t.File].text)
			after, isThere := r.recorded(t, new[t.File].text)
			here, shows := r.recorded(t, f.text)
			switch {
			case !ok || !isThere || before == after:
				continue
			case wasThere && shows && here == before:
				f.text = r.replaced(t, f.text, after)
			case !wasThere && !shows:
				f.text = inserted(r, f.text, actual[name].text)
			}
			files[name] = f
		}
	}
	return files
}

// stopped holds a commit that had to be stopped against that.
func (s *sequence) stopped(a *attempt, why string) {
	s.repo.t.Helper()
	s.count.stopped++
	s.check(a.ran.status == 1, "exit status %d, but: %s", a.ran.status, why)
	s.check(strings.Contains(a.ran.stderr, "\nhint: nothing was committed; "), "stops without a word")
	s.same("stopped, because "+why, a.before, a.after)
}

// stoppedMerge holds a clean merge that makes checksums stale against the model: all but
// the commit is there, and completes it.
func (s *sequence) stoppedMerge(a *attempt, committed *outcome) {
	s.repo.t.Helper()
	s.count.stopped++
	s.check(a.ran.status == 1 && a.after.head == a.before.head && a.after.merging, "exit status %d, HEAD %s, merging %t", a.ran.status, a.after.head, a.after.merging)
	staged := s.outcome(committed.seen, a.before.tree, s.staged(a.after.index))
	s.followed(a, staged)
	if s.rand.IntN(3) == 0 && !s.editedBeside(a, staged) {
		s.do("git", "merge", "--abort")
		s.same("merge --abort", a.before, s.look())
		return
	}
	done := s.commit("git", "commit", "-q", "--no-edit")
	s.sameTree("the merge", staged.fixed, done.after.tree)
	s.check(done.ran.status == 0 && !done.after.merging, "the merge cannot be completed")
	s.check(parents(done.after) == parents(a.twin), "parents of the merge: %s, %s without a hook", parents(done.after), parents(a.twin))
}

// editedBeside says whether a file that the hook has staged has edits that are not:
// git merge --abort refuses then.
func (s *sequence) editedBeside(a *attempt, staged *outcome) bool {
	disk := s.stored(a.before)
	for name, f := range staged.fixed {
		if f != staged.seen[name] && disk[name] != a.before.tree[name] {
			return true
		}
	}
	return false
}

// parents are those of HEAD.
func parents(w *world) string {
	var all []string
	for line := range strings.Lines(w.commit) {
		if parent, ok := strings.CutPrefix(line, "parent "); ok {
			all = append(all, strings.TrimSpace(parent))
		}
	}
	return strings.Join(all, " ")
}

// same fails when two worlds are not the same.
func (s *sequence) same(what string, a, b *world) {
	s.repo.t.Helper()
	d := difference(a, b)
	s.check(d == "", "%s: not the same:\n%s", what, d)
}

func (s *sequence) sameTree(what string, want, got tree) {
	s.repo.t.Helper()
	d := differing(what, want, got)
	s.check(len(d) == 0, "wanted and got:\n%s", strings.Join(d, "\n"))
}
