package torture_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// checkAlways holds after every operation: fluxsum says of worktree, index and HEAD what
// the oracle says, git sees all edits and no others, and nothing is left behind.
func (s *sequence) checkAlways() {
	s.repo.t.Helper()
	w := s.look()
	s.checkVerify("HEAD", w.tree, false, "--rev", "HEAD")
	s.checkVerify("the index", s.staged(w.index), hasConflicts(w.index), "--staged")
	s.checkVerify("the worktree", s.stored(w), false)
	s.checkSeen(w)
	s.checkNothingLeft()
}

func hasConflicts(index map[string]entry) bool {
	for _, e := range index {
		if e.stage != "0" {
			return true
		}
	}
	return false
}

// Modes of files that git does not look at: left out by a sparse checkout, or targets
// with a flag, which are read on disk, but as sources in the index.
const (
	leftOut = "left out"
	frozen  = "frozen"
)

// stored is the worktree as Git stores it.
func (s *sequence) stored(w *world) tree {
	files := s.here(w)
	for name, f := range files {
		if s.converts {
			f.text = strings.ReplaceAll(f.text, "\r\n", "\n")
			files[name] = f
		}
	}
	staged := s.staged(w.index)
	for key, e := range w.index {
		name, _, _ := strings.Cut(key, "\t")
		f, there := files[name]
		switch flagged := e.flag == "S" || e.flag == strings.ToLower(e.flag); {
		case !there && strings.EqualFold(e.flag, "s"):
			files[name] = file{leftOut, staged[name].text}
		case there && flagged && slices.Contains(targetsOf, path.Base(name)):
			files[name] = file{frozen, f.text}
		case there && flagged:
			files[name] = staged[name]
		}
	}
	return files
}

// verified is what verify -o json tells.
type verified struct {
	OK      bool `json:"ok"`
	Tree    string
	Results []struct {
		Rule, State, Recorded, Computed string
		Target                          struct{ File string }
	}
	Commits []json.RawMessage
}

// verify runs fluxsum verify.
func (s *sequence) verify(args ...string) (verified, ran) {
	var v verified
	out := s.repo.run(nil, "", "fluxsum", append([]string{"verify", "-o", "json"}, args...)...)
	if out.stdout != "" {
		if err := json.Unmarshal([]byte(out.stdout), &v); err != nil {
			s.fail("verify %q: %v\n%s", args, err, out.stdout)
		}
	}
	return v, out
}

// checkVerify holds verify against the oracle. In an index with conflicts the entries in
// conflict are missing from the tree.
func (s *sequence) checkVerify(what string, t tree, conflicts bool, args ...string) {
	s.repo.t.Helper()
	got, out := s.verify(args...)
	rules, err := rulesOf(t)
	if err != nil {
		s.check(out.status == 2, "%s: exit status %d, but: %v", what, out.status, err)
		return
	}
	if conflicts && out.status == 2 {
		return
	}
	s.checkStates(what, judge(rules, t, nil).verdicts, got, out)
}

// checkStates compares each place.
func (s *sequence) checkStates(what string, verdicts map[place]verdict, got verified, out ran) {
	s.repo.t.Helper()
	want := 0
	for p, v := range verdicts {
		state, recorded, computed := s.said(got, p, v)
		ok := state == v.state || v.state == unknown || v.state == either && (state == "missing" || state == "error")
		s.check(ok, "%s: %v is %s for fluxsum, %s for the oracle (%v)\n%s%s", what, p, state, v.state, v, out.stdout, out.stderr)
		if state == "ok" || state == "stale" {
			s.check(recorded == v.recorded && (computed == v.computed || v.computed == unknown), "%s: %v: %s, %s for fluxsum, %v for the oracle", what, p, recorded, computed, v)
		}
		want = max(want, map[string]int{"ok": 0, "stale": 1, "missing": 1, "error": 2}[state])
	}
	s.check(out.status == want, "%s: exit status %d, expected %d\n%s%s", what, out.status, want, out.stdout, out.stderr)
}

// said is what fluxsum says of a place. An error may be told of the rule.
func (s *sequence) said(got verified, p place, v verdict) (state, recorded, computed string) {
	for _, r := range got.Results {
		if r.Rule == p.rule && (r.Target.File == p.file || r.State == "error" && v.state == "error") {
			return r.State, r.Recorded, r.Computed
		}
	}
	return "not told", "", ""
}

// verifyTouched holds that the rules which a commit touches are true in it.
func (s *sequence) verifyTouched(rules []rule) {
	s.repo.t.Helper()
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	if len(names) > 0 {
		out := s.repo.run(nil, "", "fluxsum", append([]string{"verify", "--rev", "HEAD"}, names...)...)
		s.check(out.status == 0, "verify --rev HEAD %q: exit status %d\n%s%s", names, out.status, out.stdout, out.stderr)
	}
}

// checkSeen holds that git sees what is edited, and nothing else: a wrong time in the
// index would have it take an edited file for clean.
func (s *sequence) checkSeen(w *world) {
	s.repo.t.Helper()
	staged, disk := s.staged(w.index), s.stored(w)
	want := map[string]bool{}
	for key, e := range w.index {
		name, stage, _ := strings.Cut(key, "\t")
		f, there := disk[name]
		if stage != "0" || e.flag == "H" && (!there || f != staged[name]) {
			want[name] = true
		}
	}
	got := map[string]bool{}
	for name := range strings.SplitSeq(s.repo.must("git", "--no-optional-locks", "diff", "--name-only", "-z", "--no-renames"), "\x00") {
		if name != "" {
			got[name] = true
		}
	}
	s.check(maps.Equal(want, got), "edited but not staged: %v, for git %v", want, got)
}

// checkNothingLeft looks for temporary files and locks, and has git check its objects.
func (s *sequence) checkNothingLeft() {
	s.repo.t.Helper()
	err := filepath.WalkDir(s.repo.bed, func(name string, d fs.DirEntry, err error) error {
		base := filepath.Base(name)
		left := strings.Contains(base, "fluxsum-tmp") || strings.HasPrefix(base, ".fluxsum-") || strings.HasPrefix(base, "tmp_obj") ||
			strings.HasPrefix(base, "next-index-") || strings.HasSuffix(base, ".lock")
		s.check(!left, "%s is left behind", name)
		return err
	})
	s.check(err == nil, "%v", err)
	out := s.repo.git("fsck", "--strict", "--no-dangling", "--no-progress")
	said := regular(`(?m)^.* unmerged \(.*\n`).ReplaceAllString(out.stdout+out.stderr, "")
	s.check(out.status == 0 && said == "", "git fsck: exit status %d\n%s", out.status, said)
}

// checkHistory holds verify --range against verify --rev of each commit.
func (s *sequence) checkHistory() {
	s.repo.t.Helper()
	ids := strings.Fields(s.repo.must("git", "rev-list", "HEAD"))
	if len(ids) < 2 {
		return
	}
	roots := s.repo.must("git", "rev-list", "--max-parents=0", "HEAD")
	all, out := s.verify("--range", strings.TrimSpace(roots)+"..HEAD")
	s.check(len(all.Commits) == len(ids)-1, "--range has %d of %d commits\n%s", len(all.Commits), len(ids)-1, out.stderr)
	status := 0
	for _, raw := range all.Commits {
		var one verified
		s.check(json.Unmarshal(raw, &one) == nil, "%s", raw)
		s.check(slices.Contains(ids, one.Tree), "%s is no commit of the range", one.Tree)
		if s.treeOf(one.Tree)[configName].text == "" {
			s.check(one.OK, "%s has no config, and is not in sync", one.Tree)
			continue
		}
		alone, ran := s.verify("--rev", one.Tree)
		s.check(one.OK == alone.OK && slices.Equal(one.Results, alone.Results), "%s: --range and --rev differ:\n%s\n%s", one.Tree, raw, ran.stdout)
		s.check(one.OK == (ran.status == 0), "%s: ok is %t, exit status %d", one.Tree, one.OK, ran.status)
		status = max(status, ran.status)
	}
	s.check(out.status == status, "--range: exit status %d, of the commits %d", out.status, status)
}
