package torture_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Eight updates at once all end well, whether they do the same or each its own part of
// one file.
func TestEightUpdatesAtOnce(t *testing.T) {
	rounds := times(3, 60)
	for round := range rounds {
		s := newSubject(t, func(*subject) {})
		update, verify := []string{"fluxsum", "update"}, []string{"fluxsum", "verify"}
		if round%2 == 1 {
			update, verify = append(update, "--staged"), append(verify, "--staged")
		}
		var rules []string
		text := "version: 1\nrules:\n"
		target := "kind: HelmRelease\nmetadata:\n  name: one\n  annotations:\n"
		for i := range 8 {
			name := fmt.Sprintf("rule-%d", i)
			rules = append(rules, name)
			text += "  - {annotation: " + name + ", files: values/a.yaml, targets: apps/one.yaml}\n"
			target += "    " + name + ": none\n"
		}
		s.write(".fluxsum.yaml", text)
		s.write("apps/one.yaml", target)
		s.git("add", "-A")
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				args := update[:len(update):len(update)]
				if i%2 == 0 {
					args = append(args, rules[i], rules[(i+1)%8])
				}
				if out, status := s.try(args...); status != 0 {
					t.Errorf("%v: status %d\n%s", args, status, out)
				}
			})
		}
		all.Wait()
		s.run(verify...)
		if err := s.sound(); err != nil {
			t.Error(err)
		}
	}
	figure("times eight updates ran at once", rounds)
}

// What `git add` has staged while `update --staged` runs stays staged.
func TestUpdateBesideGitAdd(t *testing.T) {
	rounds := times(10, 500)
	s := newSubject(t, func(*subject) {})
	added, updated := 0, 0
	var both sync.WaitGroup
	both.Go(func() {
		for i := range rounds {
			s.write("apps/other.txt", fmt.Sprintf("%d\n", i))
			s.write("values/b.yaml", fmt.Sprintf("b: %d\n", i))
			out, status := s.try("git", "add", "apps/other.txt", "values/b.yaml")
			switch {
			case status == 0:
				added++
				if staged := s.git("cat-file", "-p", ":apps/other.txt") + s.git("cat-file", "-p", ":values/b.yaml"); staged != fmt.Sprintf("%d\nb: %d\n", i, i) {
					t.Errorf("round %d: what was staged is lost: %q", i, staged)
				}
			case !strings.Contains(out, "index.lock"):
				t.Errorf("git add: status %d\n%s", status, out)
			}
		}
	})
	both.Go(func() {
		for i := range rounds {
			s.write("values/a.yaml", fmt.Sprintf("a: %d\n", i))
			out, status := s.try("sh", "-c", "git add values/a.yaml 2>/dev/null; fluxsum update --staged")
			switch {
			case status == 0:
				updated++
			case status != 2 || !strings.Contains(out, "hint: "):
				t.Errorf("update --staged: status %d\n%s", status, out)
			}
		}
	})
	both.Wait()
	if added == 0 || updated == 0 {
		t.Errorf("%d adds and %d updates were made", added, updated)
	}
	s.run("fluxsum", "update", "--staged")
	s.run("fluxsum", "verify", "--staged")
	if err := s.sound(); err != nil {
		t.Error(err)
	}
	figure("times update --staged ran beside git add", rounds)
}

// Commits in two terminals: each that git makes holds what it should, and true
// checksums.
func TestCommitsInTwoTerminals(t *testing.T) {
	rounds := times(5, 200)
	s := newSubject(t, func(s *subject) { s.git("commit", "-qam", "second") })
	first := strings.TrimSpace(s.git("rev-parse", "HEAD"))
	var both sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		both.Go(func() {
			for i := range rounds {
				s.write("values/"+name+".yaml", fmt.Sprintf("%s: round %d\n", name, i))
				out, status := s.try("git", "commit", "-qm", name, "--", "values/"+name+".yaml")
				if status != 0 && strings.TrimSpace(out) == "" {
					t.Errorf("git commit: status %d, and not a word", status)
				}
			}
		})
	}
	both.Wait()
	s.run("fluxsum", "verify", "--range", first+"..HEAD")
	if locks := s.locks(); len(locks) > 0 {
		t.Errorf("%v are left", locks)
	}
	if err := s.sound(); err != nil {
		t.Error(err)
	}
	made := strings.Count(s.git("rev-list", first+"..HEAD"), "\n")
	if made < 2 {
		t.Errorf("%d commits were made", made)
	}
	figure("commits in two terminals at once", 2*rounds)
}
