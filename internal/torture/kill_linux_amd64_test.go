package torture_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Each file is the old or the new one, the repository is sound, and another run ends
// as if nothing had been, wherever the first is killed: before and after each system
// call that changes something, made by fluxsum or by a git that it has started.
func TestKilledAtEachBoundary(t *testing.T) {
	kills := 0
	for _, j := range jobs {
		t.Run(j.name, func(t *testing.T) {
			s, before, after := j.subject(t)
			all := countBoundaries(t, j, s)
			for i, program := range []string{binary, ""} { // fluxsum alone, or all that runs
				for n := times(i*all/4, 0); n < all; n += times(all/2, 1) {
					kills++
					killAt(t, j, s, before, after, n, program)
				}
			}
		})
	}
	figure("kills at boundaries of system calls", kills)
}

// countBoundaries counts those of fluxsum and of what it starts.
func countBoundaries(t *testing.T, j job, s *subject) int {
	once := s.clone()
	defer once.remove()
	n := 0
	trace(t, command(t, once.dir, j.args...), func(b boundary) {
		if b.isInside() {
			n++
		}
	})
	if n == 0 {
		t.Fatal("no system call that changes something was seen")
	}
	return n
}

// killAt kills a program, or all that runs, at one boundary.
func killAt(t *testing.T, j job, s *subject, before, after state, n int, program string) {
	victim := s.clone()
	defer victim.remove()
	at, seen := "", 0
	trace(t, command(t, victim.dir, j.args...), func(b boundary) {
		if !b.isInside() {
			return
		}
		if seen == n {
			at = b.String()
			b.kill(program)
		}
		seen++
	})
	if err := victim.survived(j, before, after, program == ""); err != nil {
		t.Errorf("killed %s (%s): %v", at, map[bool]string{true: "all", false: "fluxsum"}[program == ""], err)
	}
}

// survived says what is not as it must be after a kill.
func (s *subject) survived(j job, before, after state, all bool) error {
	// A git that is killed leaves its locks: it says so, and the user removes them.
	for _, lock := range s.locks() {
		if !all {
			return fmt.Errorf("%s is left", lock)
		}
		os.Remove(lock)
	}
	if err := s.sound(); err != nil {
		return err
	}
	now := s.state()
	if err := now.between(before, after); err != nil {
		return err
	}
	out, status := s.try(j.args...)
	again := s.state()
	committed := now.head == after.head && strings.Contains(j.name, "commit")
	if status != 0 && !committed {
		return fmt.Errorf("another run ended with %d\n%s", status, out)
	}
	if err := again.between(after, after); err != nil {
		return fmt.Errorf("after another run: %w\n%s", err, out)
	}
	return s.sound()
}

// The same, at any moment.
func TestKilledAtRandomMoments(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	kills := 0
	for _, j := range jobs {
		t.Run(j.name, func(t *testing.T) {
			s, before, after := j.subject(t)
			took := duration(t, j, s)
			for range times(1, 100) {
				kills++
				moment := time.Duration(random.Int64N(int64(took) * 5 / 4))
				victim := s.clone()
				cmd := command(t, victim.dir, j.args...)
				cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(moment)
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
				_ = cmd.Wait()
				if err := victim.survived(j, before, after, true); err != nil {
					t.Errorf("killed after %s (seed %d): %v", moment, seed, err)
				}
				victim.remove()
			}
		})
	}
	figure("kills at random moments", kills)
}

func duration(t *testing.T, j job, s *subject) time.Duration {
	var took []time.Duration
	for range 3 {
		once := s.clone()
		began := time.Now()
		once.run(j.args...)
		took = append(took, time.Since(began))
		once.remove()
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// The hook that was there before runs at any time: by itself or by ours, wherever the
// installing or the uninstalling is killed; and another run completes it.
func TestKilledWhileHooksChange(t *testing.T) {
	const old = "#!/bin/sh\necho old hook\n"
	install, uninstall := []string{"fluxsum", "hooks", "install"}, []string{"fluxsum", "hooks", "uninstall"}
	for _, args := range [][]string{install, uninstall} {
		t.Run(args[2], func(t *testing.T) {
			s := newSubject(t, func(s *subject) {
				s.run(uninstall...)
				s.write(".git/hooks/pre-commit", old)
				s.run("chmod", "755", ".git/hooks/pre-commit")
				if args[2] == "uninstall" {
					s.run(install...)
				}
			})
			all := countBoundaries(t, job{args: args}, s)
			for n := 0; n < all; n += times(all/3+1, 1) {
				victim := s.clone()
				at, seen := "", 0
				trace(t, command(t, victim.dir, args...), func(b boundary) {
					if b.isInside() {
						if seen == n {
							at = b.String()
							b.kill("")
						}
						seen++
					}
				})
				if out, _ := victim.try(".git/hooks/pre-commit"); !strings.Contains(out, "old hook") {
					t.Errorf("killed %s: the old hook does not run\n%s", at, out)
				}
				victim.run(install...)
				victim.run("fluxsum", "hooks", "status")
				victim.run(uninstall...)
				if now := victim.read(".git/hooks/pre-commit"); now != old || victim.read(".git/hooks/pre-commit.fluxsum-previous") == old {
					t.Errorf("killed %s: the old hook is not back:\n%s", at, now)
				}
				victim.remove()
			}
		})
	}
}
