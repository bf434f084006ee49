package torture_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// errnos are what a system call that changes something may answer.
var errnos = []unix.Errno{unix.ENOSPC, unix.EDQUOT, unix.EIO, unix.EROFS, unix.EACCES, unix.EINTR}

// Where any one system call fails that would change something, made by fluxsum or by a
// git that it has started, either all is done, and the status says so, or nothing is,
// and the status and a message say so.
func TestFaultOfEachCall(t *testing.T) {
	faults := 0
	for _, j := range jobs {
		t.Run(j.name, func(t *testing.T) {
			s, before, after := j.subject(t)
			calls := countBoundaries(t, j, s) / 2
			for i, errno := range errnos {
				for n := times(i*calls/len(errnos), i%2); n < calls; n += times(calls, 2) {
					faults++
					faultAt(t, j, s, before, after, n, errno)
				}
			}
		})
	}
	figure("system calls that failed (ENOSPC, EDQUOT, EIO, EROFS, EACCES, EINTR)", faults)
}

func faultAt(t *testing.T, j job, s *subject, before, after state, n int, errno unix.Errno) {
	victim := s.clone()
	defer victim.remove()
	at, seen := "", 0
	cmd := command(t, victim.dir, j.args...)
	status := trace(t, cmd, func(b boundary) {
		if !b.before || !b.isInside() {
			return
		}
		if seen == n {
			at = b.call
			b.fail(errno)
		}
		seen++
	})
	said, _ := os.ReadFile(cmd.Stdout.(*os.File).Name())
	want := after
	if status != 0 {
		want = before
	}
	switch now := victim.state(); {
	case strings.Contains(string(said), "goroutine "):
		t.Errorf("%s gives %v: panic\n%s", at, errno, said)
	case status != 0 && status != 1 && status != 2 || status != 0 && len(said) == 0:
		t.Errorf("%s gives %v: status %d\n%s", at, errno, status, said)
	case now.between(want, want) != nil:
		t.Errorf("%s gives %v: status %d, but %v\n%s", at, errno, status, now.between(want, want), said)
	case victim.sound() != nil:
		t.Errorf("%s gives %v: status %d, but %v\n%s", at, errno, status, victim.sound(), said)
	case len(victim.locks()) > 0 && !strings.HasSuffix(at, ".lock"): // but the one that could not be removed
		t.Errorf("%s gives %v: %v is left\n%s", at, errno, victim.locks(), said)
	}
}

// meddling is what somebody else does while fluxsum runs.
type meddling struct {
	name  string
	do    func(*subject) (done bool)
	check func(*subject) bool
}

const theirs = "# theirs\n"

var meddlings = []meddling{
	{"appends to a target", func(s *subject) bool {
		f, err := os.OpenFile(s.path("apps/one.yaml"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return false
		}
		defer f.Close()
		_, err = f.WriteString(theirs)
		return err == nil
	}, func(s *subject) bool { return strings.Count(s.read("apps/one.yaml"), theirs) == 1 }},
	{"replaces a target", func(s *subject) bool {
		s.write("apps/one.new", subjectFiles["apps/one.yaml"]+theirs)
		return os.Rename(s.path("apps/one.new"), s.path("apps/one.yaml")) == nil
	}, func(s *subject) bool { return strings.Count(s.read("apps/one.yaml"), theirs) == 1 }},
	{"removes a target", func(s *subject) bool {
		return os.Remove(s.path("apps/one.yaml")) == nil
	}, func(s *subject) bool { _, err := os.Lstat(s.path("apps/one.yaml")); return os.IsNotExist(err) }},
	{"stages a target", func(s *subject) bool {
		_, status := s.try("sh", "-c", `id=$( (git cat-file -p :apps/two.yaml; echo "# theirs") | git hash-object -w --stdin) && git update-index --cacheinfo 100644,$id,apps/two.yaml`)
		return status == 0
	}, func(s *subject) bool { return strings.Count(s.git("cat-file", "-p", ":apps/two.yaml"), theirs) == 1 }},
}

// What somebody else writes while fluxsum runs is never lost, at whatever boundary
// that is.
func TestNothingOfOthersIsLost(t *testing.T) {
	meddled := 0
	for _, j := range someJobs() {
		t.Run(j.name, func(t *testing.T) {
			s, _, _ := j.subject(t)
			all := countBoundaries(t, j, s)
			for i, m := range meddlings {
				for n := times(i*all/len(meddlings), i); n < all; n += times(all, len(meddlings)) {
					meddled++
					meddleAt(t, j, s, m, n)
				}
			}
		})
	}
	figure("times somebody else wrote in between", meddled)
}

func meddleAt(t *testing.T, j job, s *subject, m meddling, n int) {
	victim := s.clone()
	defer victim.remove()
	at, seen, done := "", 0, false
	cmd := command(t, victim.dir, j.args...)
	status := trace(t, cmd, func(b boundary) {
		if !b.isInside() {
			return
		}
		if seen == n {
			at = b.String()
			done = m.do(victim)
		}
		seen++
	})
	said, _ := os.ReadFile(cmd.Stdout.(*os.File).Name())
	if done && !m.check(victim) {
		t.Errorf("somebody %s %s: it is lost, status %d\n%s", m.name, at, status, said)
	}
	if err := victim.git("fsck", "--strict"); strings.Contains(err, "error") {
		t.Errorf("somebody %s %s: %s", m.name, at, err)
	}
}
