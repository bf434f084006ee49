package e2e_test

import (
	"testing"
	"time"
)

// TestRequestByHand: after flux reconcile, which writes another token, the next apply
// puts the checksum back. That costs a reconcile, and no upgrade.
func TestRequestByHand(t *testing.T) {
	eachHelm(t, func(s *site) {
		s.write(base.with(config(byRequest)))
		s.commit()
		s.deploy()
		s.settled(theApp)
		s.wake(theApp, s.look(theApp))
		before := s.look(theApp)

		s.write(files{"README.md": "no manifest\n"})
		s.commit()
		s.deploy()
		saw := s.watch(theApp, before, time.Now().Add(silence))
		results.note("`requestedAt` written by hand, and another commit", s, "", saw)
		if saw != (seen{Woken: true, After: saw.After}) {
			s.t.Errorf("seen %+v, expected one reconcile without an upgrade", saw)
		}
		s.expectHandled()
	})
}
