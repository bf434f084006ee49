package e2e_test

import "strings"

// compare compares what was seen with what is expected and with what was foretold.
func (r row) compare(s *site, told story, saw seen) {
	s.t.Helper()
	if got := (seen{saw.Woken, saw.Upgraded, saw.Rolled, r.want.Fails, 0}); got != r.want || (saw.Fails != "") != (r.want.Fails != "") || !strings.Contains(saw.Fails, r.want.Fails) {
		s.t.Errorf("seen %+v, expected %+v", saw, r.want)
	}
	f := told.of(r.subject)
	if s.suspended(r.subject) && f.Verdict.When != nothing || !r.unasked && !f.Verdict.fits(saw) {
		s.t.Errorf("explain says %q (%s), seen %+v", f.Verdict.When, f.Verdict.Why, saw)
	}
	if r.target != "" && (len(told.Targets) == 0 || told.Targets[0].Verdict.When != r.target) {
		s.t.Errorf("explain says of the targets %+v, expected %q", told.Targets, r.target)
	}
}

// afterwards shows of a silence that it was one: a request ends it. Then what explain
// says of the upgrade is compared with what came of it.
func (r row) afterwards(s *site, told foretold, saw seen) {
	s.t.Helper()
	if r.want.Fails != "" {
		return
	}
	if before := s.look(r.subject); !saw.Upgraded && !saw.Rolled && (!saw.Woken || s.suspended(r.subject)) {
		s.wake(r.subject, before)
		saw.compare(before, s.look(r.subject))
	}
	if r.subject.kind == "HelmRelease" {
		r.compareUpgrade(s, told, saw)
	}
}

// compareUpgrade compares what came of a release in the end with what explain says of it.
func (r row) compareUpgrade(s *site, told foretold, saw seen) {
	s.t.Helper()
	if saw.Upgraded == r.same && r.old == nil {
		s.t.Errorf("upgraded in the end: %t, and the values stayed the same: %t", saw.Upgraded, r.same)
	}
	resumed := strings.HasPrefix(told.Upgrade.Why, "not while ") // since it was told
	if will := map[bool]string{true: "yes", false: "no"}[saw.Upgraded && !resumed]; told.Upgrade.Will != will && !r.unasked {
		s.t.Errorf("explain says of the upgrade %q (%s), seen %q", told.Upgrade.Will, told.Upgrade.Why, will)
	}
	r.checkDigest(s)
}

// checkDigest compares the digest that explain tells of HEAD with that of the cluster,
// and runs the commands that explain has for that where nobody else asked meanwhile.
func (r row) checkDigest(s *site) {
	s.t.Helper()
	told := r.explain(s).of(r.subject)
	if got := s.look(r.subject).digest; got != told.Upgrade.Digest {
		s.t.Errorf("status.history[0].configDigest is %s, foretold %s", got, told.Upgrade.Digest)
	}
	if r.want.Woken && !s.suspended(r.subject) && len(r.rules) > 0 {
		s.confirm(told)
	}
}
