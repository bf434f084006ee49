package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// TestCommitWithoutTheHook: what --no-verify leaves behind is not rolled out, verify
// fails on it, and update --commit rolls it out.
func TestCommitWithoutTheHook(t *testing.T) {
	eachHelm(t, func(s *site) {
		s.write(base.with(config(byRequest)))
		s.commit()
		s.deploy()
		before := s.settled(theApp)

		s.write(two)
		s.commit("--no-verify")
		s.deploy()
		saw := s.watch(theApp, before, time.Now().Add(silence))
		results.note("a commit with `--no-verify`", s, "", saw)
		if saw.Woken {
			s.t.Errorf("seen %+v, expected nothing", saw)
		}
		if out := s.run("fluxsum", "verify"); out.status != 1 {
			s.t.Errorf("fluxsum verify: exit status %d, expected 1\n%s%s", out.status, out.stdout, out.stderr)
		}

		s.must("fluxsum", "update", "--commit")
		s.must("fluxsum", "verify")
		told := s.told("r0")
		s.deploy()
		s.until("the release is upgraded", func() bool { return s.look(theApp).version != before.version })
		results.note("a commit with `--no-verify`, then `fluxsum update --commit`", s, told, s.watch(theApp, before, time.Now().Add(pause)))
		s.settled(theApp)
		s.confirm(s.explain("r0").of(theApp))
		s.expectHandled()
	})
}

// expectHandled expects that status.lastHandledReconcileAt is the checksum in HEAD.
func (s *site) expectHandled() {
	s.t.Helper()
	_, rest, _ := strings.Cut(s.must("git", "show", "HEAD:app/release.yaml"), requestedAt+":")
	recorded, _, _ := strings.Cut(rest, "\n")
	if got := s.get("HelmRelease", "app").text("status.lastHandledReconcileAt"); got == "" || got != strings.Trim(recorded, ` "'`) {
		s.t.Errorf("status.lastHandledReconcileAt is %q, recorded %s", got, recorded)
	}
}
