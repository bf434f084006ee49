package torture_test

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// step does one thing at random.
func (s *sequence) step() {
	w := s.look()
	if s.unfinished(w) {
		s.goOn(w)
		return
	}
	total := 0
	for _, o := range operations {
		total += o.weight
	}
	n := s.rand.IntN(total)
	for _, o := range operations {
		if n -= o.weight; n < 0 {
			o.do(s, w)
			return
		}
	}
}

// operations are what may be done while nothing is half done; the more weight the
// likelier.
var operations = []struct {
	weight int
	do     func(*sequence, *world)
}{
	{10, (*sequence).editAndCommit},
	{5, (*sequence).editSource},
	{3, (*sequence).editTarget},
	{1, (*sequence).editChecksum},
	{1, (*sequence).update},
	{4, (*sequence).stage},
	{1, (*sequence).unstage},
	{5, (*sequence).commitStaged},
	{3, (*sequence).commitAll},
	{4, (*sequence).commitPaths},
	{3, (*sequence).amend},
	{2, (*sequence).commitWithoutHook},
	{1, (*sequence).giveUp},
	{2, (*sequence).branch},
	{5, (*sequence).checkout},
	{5, (*sequence).merge},
	{2, (*sequence).rebase},
	{2, (*sequence).pickOrRevert},
	{2, (*sequence).stash},
	{1, (*sequence).reset},
	{3, (*sequence).config},
	{2, (*sequence).moveOrRemove},
	{2, (*sequence).newFile},
	{1, (*sequence).flags},
	{1, (*sequence).worktree},
	{1, (*sequence).sparse},
}

// edited is a text with a change in a line, a line more, or one less.
func (s *sequence) edited(text string) string {
	eol := "\n"
	if strings.Contains(text, "\r\n") {
		eol = "\r\n"
	}
	lines := strings.Split(strings.TrimSuffix(text, eol), eol)
	comment := "# edit " + fmt.Sprint(s.rand.IntN(100))
	switch s.rand.IntN(6) {
	case 0:
		return text + comment + eol
	case 1:
		return comment + eol + text
	case 2:
		return strings.TrimSuffix(text, eol) // or back
	}
	for range 5 { // a value
		n := s.rand.IntN(len(lines))
		if i := strings.IndexAny(lines[n], "=:"); i > 0 && i < len(lines[n])-1 && lines[n][0] != ' ' {
			lines[n] = lines[n][:i+1] + " v" + fmt.Sprint(s.rand.IntN(100))
			return strings.Join(lines, eol) + eol
		}
	}
	return text + comment + eol
}

// sources are the files that a rule on disk reads, or might.
func (s *sequence) sources(w *world) (all []string) {
	for _, name := range keys(s.here(w)) {
		if base := path.Base(name); strings.HasPrefix(name, "apps/") && !slices.Contains(targetsOf, base) {
			all = append(all, name)
		}
	}
	return all
}

// targets are the files with checksums.
func (s *sequence) targets(w *world) (all []string) {
	for _, name := range keys(s.here(w)) {
		if slices.Contains(targetsOf, path.Base(name)) {
			all = append(all, name)
		}
	}
	return all
}

func (s *sequence) put(name, text string) {
	s.log = append(s.log, fmt.Sprintf("%s: write %q", s.repo.at, name))
	s.now = nil
	s.repo.write(name, text)
}

func (s *sequence) editSource(w *world) {
	if all := s.sources(w); len(all) > 0 {
		name := pick(s.rand, all)
		s.put(name, s.edited(s.repo.read(name)))
	}
}

// editTarget changes the top or the bottom of a target, or what is near a checksum.
func (s *sequence) editTarget(w *world) {
	all := s.targets(w)
	if len(all) > 0 {
		s.editNear(pick(s.rand, all))
	}
}

// editNear changes a comment.
func (s *sequence) editNear(name string) {
	text, mine := s.repo.read(name), fmt.Sprintf(" of mine %d", s.rand.IntN(100))
	comment := pick(s.rand, []string{"# top", "# bottom", "# of k1", "# of k2", "# why"})
	if path.Ext(name) == ".env" && comment == "# why" {
		comment = "# top"
	}
	s.put(name, strings.Replace(text, comment, comment+mine, 1))
}

// editChecksum is what should not be done.
func (s *sequence) editChecksum(w *world) {
	rules, err := rulesOf(s.here(w))
	if err != nil || len(rules) == 0 {
		return
	}
	r := pick(s.rand, rules)
	t := pick(s.rand, r.Targets)
	if text := s.repo.read(t.File); len(r.spans(t, text)) == 1 {
		s.put(t.File, r.replaced(t, text, fmt.Sprintf("beef%d", s.rand.IntN(1000))))
	}
}

func (s *sequence) update(*world) {
	s.do("fluxsum", append([]string{"update", "-q"}, pick(s.rand, [][]string{nil, {"--staged"}})...)...)
}

// edits returns files that git sees as edited.
func (s *sequence) edits() []string {
	out := s.repo.must("git", "status", "--porcelain", "-z", "-uall", "--no-renames")
	var all []string
	for line := range strings.SplitSeq(out, "\x00") {
		if len(line) > 3 {
			all = append(all, line[3:])
		}
	}
	return all
}

// stage stages one file or all; after that it may be edited on.
func (s *sequence) stage(*world) {
	all := s.edits()
	if len(all) == 0 || s.rand.IntN(4) == 0 {
		s.do("git", "add", "-A")
		return
	}
	name := pick(s.rand, all)
	s.do("git", "add", "-A", "--", name)
	if s.rand.IntN(2) == 0 && exists(s.repo.path(name)) {
		s.editOn(name)
	}
}

// editOn edits one more time, so that a file still parses.
func (s *sequence) editOn(name string) {
	switch text := s.repo.read(name); {
	case slices.Contains(targetsOf, path.Base(name)):
		s.editNear(name)
	case name != configName:
		s.put(name, s.edited(text))
	}
}

func (s *sequence) unstage(*world) {
	if all := s.edits(); len(all) > 0 {
		s.do("git", append(pick(s.rand, [][]string{{"reset", "-q"}, {"checkout", "-q"}, {"restore", "-S", "-W"}}), "--", pick(s.rand, all))...)
	}
}

// message is that of the next commit.
func (s *sequence) message() string { return fmt.Sprintf("commit %d", s.repo.clock) }

// editAndCommit is what is done all day.
func (s *sequence) editAndCommit(w *world) {
	s.editSource(w)
	if s.rand.IntN(3) == 0 {
		s.editTarget(w)
	}
	pick(s.rand, []func(*world){s.commitAll, s.commitPaths, s.stageAndCommit, s.stageAndCommit})(w)
}

func (s *sequence) stageAndCommit(w *world) {
	s.stage(w)
	s.commitStaged(w)
}

func (s *sequence) commitStaged(*world) { s.commit("git", "commit", "-q", "-m", s.message()) }

func (s *sequence) commitAll(*world) { s.commit("git", "commit", "-q", "-a", "-m", s.message()) }

// commitPaths commits one or two files alone, or with what is staged.
func (s *sequence) commitPaths(w *world) {
	paths := s.edits()
	if s.rand.IntN(8) == 0 {
		paths = append(s.targets(w), s.sources(w)...)
	}
	if len(paths) == 0 {
		return
	}
	words := append([]string{"git", "commit", "-q", "-m", s.message()}, pick(s.rand, [][]string{{"--only", "--"}, {"--"}, {"-i", "--"}})...)
	words = append(words, pick(s.rand, paths))
	if s.rand.IntN(2) == 0 {
		words = append(words, pick(s.rand, paths))
	}
	if s.rand.IntN(6) == 0 {
		words[len(words)-1] = path.Dir(words[len(words)-1])
	}
	s.commit(words...)
}

func (s *sequence) amend(*world) {
	s.commit(append([]string{"git", "commit", "-q", "--amend"}, pick(s.rand, [][]string{{"--no-edit"}, {"-a", "--no-edit"}, {"-m", s.message()}, {"--no-edit", "--only"}})...)...)
}

func (s *sequence) commitWithoutHook(*world) {
	s.commit(append(pick(s.rand, [][]string{{"git", "commit", "-n"}, {"FLUXSUM_SKIP=1", "git", "commit"}, {"FLUXSUM_SKIP=quiet", "git", "commit"}}), "-q", "-a", "-m", s.message())...)
}

// giveUp is a commit whose message is empty.
func (s *sequence) giveUp(*world) { s.commit("git", "commit", "-q", "-m", "") }

func (s *sequence) branch(*world) {
	s.branches++
	s.do("git", "checkout", "-q", "-b", fmt.Sprintf("branch-%d", s.branches), pick(s.rand, []string{"HEAD", "HEAD", "HEAD~1", "main"}))
}

// otherBranch is one that is not checked out here.
func (s *sequence) otherBranch(w *world) string {
	var all []string
	for name := range strings.FieldsSeq(s.repo.must("git", "for-each-ref", "--format=%(refname:short)", "refs/heads")) {
		if "refs/heads/"+name != w.branch {
			all = append(all, name)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return pick(s.rand, all)
}

func (s *sequence) checkout(w *world) {
	if other := s.otherBranch(w); other != "" {
		s.do("git", append(pick(s.rand, [][]string{{"checkout", "-q"}, {"checkout", "-q"}, {"checkout", "-q", "-f"}, {"checkout", "-q", "-m"}}), other)...)
	}
}

// merge merges another branch, which is best made first.
func (s *sequence) merge(w *world) {
	other := s.otherBranch(w)
	if other == "" {
		s.branch(w)
		return
	}
	s.forget(w)
	s.commit(append(append([]string{"git", "merge", "-q"}, pick(s.rand, [][]string{{"--no-ff", "-m", s.message()}, {"--no-ff", "--no-edit"}, {}, {"--no-commit", "--no-ff"}, {"--squash"}, {"-X", "ours", "--no-edit"}})...), other)...)
}

// forget takes flags away of files that are assumed to be unchanged: in the twin they
// have other times, and git would not merge into them there.
func (s *sequence) forget(w *world) {
	for key, e := range w.index {
		if name, _, _ := strings.Cut(key, "\t"); e.flag == "h" {
			s.do("git", "update-index", "--no-assume-unchanged", "--", name)
		}
	}
}

func (s *sequence) rebase(w *world) {
	if other := s.otherBranch(w); other != "" {
		s.do("git", append(append([]string{"rebase", "-q"}, pick(s.rand, [][]string{nil, {"--autostash"}, {"-X", "theirs"}, {"-i"}})...), other)...)
	}
}

func (s *sequence) pickOrRevert(w *world) {
	other := s.otherBranch(w)
	s.forget(w)
	if other == "" || s.rand.IntN(2) == 0 {
		s.commit("git", "revert", "--no-edit", pick(s.rand, []string{"HEAD", "HEAD~1"}))
		return
	}
	s.commit("git", "cherry-pick", pick(s.rand, []string{"-x", "--no-commit", "--allow-empty"}), other)
}

func (s *sequence) stash(*world) {
	s.do("git", pick(s.rand, [][]string{{"stash", "-q"}, {"stash", "-q", "-k"}, {"stash", "-q", "-u"}, {"stash", "pop", "-q"}, {"stash", "pop", "-q", "--index"}, {"stash", "pop", "-q"}})...)
}

func (s *sequence) reset(*world) {
	s.do("git", "reset", "-q", pick(s.rand, []string{"--soft", "--mixed", "--hard", "--keep"}), pick(s.rand, []string{"HEAD", "HEAD~1"}))
}

// config changes the rules, as they stand on disk.
func (s *sequence) config(w *world) {
	rules, err := rulesOf(s.here(w))
	if err != nil || len(rules) == 0 {
		return
	}
	i := s.rand.IntN(len(rules))
	switch s.rand.IntN(6) {
	case 0:
		rules = slices.Delete(rules, i, i+1)
	case 1:
		rules[i].Name = "renamed-" + s.key()
	case 2:
		rules[i].Algorithm = pick(s.rand, algorithms)
	case 3, 4:
		rules = append(rules, s.addRule())
	case 5:
		rules[i].Targets = rules[i].Targets[:1]
	}
	s.put(configName, render(rules))
}

// addRule is a new rule, with its places, but for one now and then.
func (s *sequence) addRule() rule {
	r := s.rule()
	for _, t := range r.Targets {
		text, tail := s.repo.read(t.File), tails[path.Base(t.File)]
		if crlf := strings.ReplaceAll(tail, "\n", "\r\n"); strings.Contains(text, "\r\n") {
			tail = crlf
		}
		tail, _, _ = strings.Cut(tail, "\n")
		if at := strings.LastIndex(text, tail); at >= 0 && s.rand.IntN(5) > 0 {
			s.put(t.File, text[:at]+s.spot(r, t)+text[at:])
		}
	}
	return r
}

func (s *sequence) moveOrRemove(w *world) {
	all := s.sources(w)
	if len(all) == 0 {
		return
	}
	name := pick(s.rand, all)
	switch s.rand.IntN(4) {
	case 0:
		s.do("git", "rm", "-q", "-f", "--", name)
	case 1:
		s.do("rm", "--", name)
	default:
		s.do("git", "mv", "--", name, path.Join(path.Dir(name), "moved"+path.Ext(name)))
		if s.rand.IntN(2) == 0 {
			text := strings.ReplaceAll(s.repo.read(configName), name, path.Join(path.Dir(name), "moved"+path.Ext(name)))
			s.put(configName, text)
		}
	}
}

func (s *sequence) newFile(*world) {
	s.put(fmt.Sprintf("%s/conf/new-%d.yaml", pick(s.rand, folders), s.rand.IntN(3)), fmt.Sprintf("new: %d\n", s.rand.IntN(5)))
}

func (s *sequence) flags(w *world) {
	all := append(s.targets(w), s.sources(w)...)
	if len(all) == 0 {
		return
	}
	name := pick(s.rand, all)
	s.do("git", "update-index", pick(s.rand, []string{"--assume-unchanged", "--no-assume-unchanged", "--skip-worktree", "--no-skip-worktree", "--chmod=+x"}), "--", name)
}

// worktree goes to another worktree, or makes one.
func (s *sequence) worktree(*world) {
	if len(s.worktrees) == 1 {
		at := filepath.Join("..", "linked")
		if s.do("git", "worktree", "add", "-q", "-b", "linked", at, pick(s.rand, []string{"HEAD", "main"})).status == 0 {
			s.worktrees = append(s.worktrees, "linked")
		}
	}
	s.now, s.repo.at = nil, pick(s.rand, s.worktrees)
}

func (s *sequence) sparse(*world) {
	kinds := [][]string{{"set", folders[0], "top"}, {"set", folders[1], folders[2]}, {"disable"}}
	if !s.split { // git cannot have both
		kinds = append(kinds, []string{"set", "--sparse-index", folders[0], folders[1], "top"})
	}
	s.do("git", append([]string{"sparse-checkout"}, pick(s.rand, kinds)...)...)
}

// unfinished says whether something is half done.
func (s *sequence) unfinished(w *world) bool {
	return hasConflicts(w.index) || slices.ContainsFunc([]string{"MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge"}, w.has)
}

// goOn resolves conflicts, and completes what is half done or gives it up.
func (s *sequence) goOn(w *world) {
	switch n := s.rand.IntN(10); {
	case n == 0:
		s.abort(w)
	case n == 1:
		s.commitAll(w) // with the markers in it
	case n == 2 && !hasConflicts(w.index):
		s.editSource(w)
	default:
		s.resolve(w)
		s.complete(w)
	}
}

// resolve takes one side of each file, or of the values both.
func (s *sequence) resolve(w *world) {
	done := map[string]bool{}
	for _, key := range keys(w.index) {
		name, stage, _ := strings.Cut(key, "\t")
		if stage == "0" || done[name] {
			continue
		}
		done[name] = true
		union := regular(`(?m)^(?:<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|).*\n`)
		if text := s.repo.read(name); path.Ext(name) == ".properties" && text != "" && s.rand.IntN(2) == 0 {
			s.put(name, union.ReplaceAllString(text, ""))
		} else if s.do("git", "checkout", "-q", pick(s.rand, []string{"--ours", "--theirs"}), "--", name).status != 0 {
			s.do("git", "rm", "-q", "-f", "--", name) // that side has none
			continue
		}
		s.do("git", "add", "--sparse", "--", name)
	}
}

func (s *sequence) complete(w *world) {
	switch {
	case w.has("rebase-merge"):
		s.do("git", "rebase", "--continue")
	case w.has("CHERRY_PICK_HEAD"):
		s.commit(pick(s.rand, [][]string{{"git", "cherry-pick", "--continue"}, {"git", "commit", "-q", "--no-edit"}})...)
	case w.has("REVERT_HEAD"):
		s.commit("git", "revert", "--continue")
	default:
		s.commit(pick(s.rand, [][]string{{"git", "commit", "-q", "--no-edit", "-m", s.message()}, {"git", "commit", "-q", "-a", "-m", s.message()}})...)
	}
}

// abort gives up what is half done.
func (s *sequence) abort(w *world) {
	switch {
	case w.has("rebase-merge"):
		s.do("git", "rebase", "--abort")
	case w.has("CHERRY_PICK_HEAD"):
		s.do("git", "cherry-pick", "--abort")
	case w.has("REVERT_HEAD"):
		s.do("git", "revert", "--abort")
	case w.has("MERGE_HEAD"):
		s.do("git", "merge", "--abort")
	default:
		s.do("git", "reset", "-q", "--hard")
	}
}
