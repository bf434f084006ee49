package torture_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// needsTool skips a test where a program is not installed.
func needsTool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip(name + " is not installed")
	}
}

// forbidden skips a test where the system does not let a program do its work, as in a
// container. Any other failure is one of the test.
func forbidden(t *testing.T, program, said string) {
	t.Helper()
	for _, words := range []string{"ermission denied", "not permitted", "not supported", "not implemented", "Inappropriate ioctl", "/dev/fuse", "fuse: device not found"} {
		if strings.Contains(said, words) {
			t.Skipf("%s is not allowed here: %s", program, said)
		}
	}
	t.Fatalf("%s: %s", program, said)
}

// mounted mounts something over a folder for the time of a test.
func mounted(t *testing.T, dir string, args ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	needsTool(t, args[0])
	if out, err := exec.Command(args[0], append(args[1:], dir)...).CombinedOutput(); err != nil {
		forbidden(t, args[0], string(out))
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
}

// movedTo is a copy of a subject in another folder.
func (s *subject) movedTo(dir string) *subject {
	s.t.Helper()
	s.run("cp", "-a", s.dir+"/.", dir)
	return &subject{s.t, dir}
}

// refused runs each job where it cannot be done: nothing changes, and a message says
// what is wrong.
func refused(t *testing.T, why string, where func(t *testing.T, s *subject) *subject, mend func(s *subject)) {
	for _, j := range someJobs() {
		t.Run(j.name, func(t *testing.T) {
			s, before, after := j.subject(t)
			s = where(t, s)
			out, status := s.try(j.args...)
			if status == 0 || !strings.Contains(strings.ToLower(out), why) {
				t.Errorf("status %d, expected %q in\n%s", status, why, out)
			}
			if err := s.state().between(before, before); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			mend(s)
			if out, status := s.try(j.args...); status != 0 {
				t.Errorf("after it was mended: status %d\n%s", status, out)
			}
			if err := s.state().between(after, after); err != nil {
				t.Errorf("after it was mended: %v", err)
			}
			if err := s.sound(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDiskFull(t *testing.T) {
	refused(t, "no space left on device", func(t *testing.T, s *subject) *subject {
		disk := filepath.Join(t.TempDir(), "disk")
		mounted(t, disk, "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs")
		s = s.movedTo(disk)
		_, _ = s.try("sh", "-c", "dd if=/dev/zero of=.git/ballast bs=4096 2>/dev/null") // until it is full
		return s
	}, func(s *subject) { os.Remove(s.path(".git/ballast")) })
}

func TestReadOnlyFileSystem(t *testing.T) {
	refused(t, "read-only file system", func(t *testing.T, s *subject) *subject {
		disk := filepath.Join(t.TempDir(), "disk")
		mounted(t, disk, "mount", "-t", "tmpfs", "tmpfs")
		s = s.movedTo(disk)
		s.run("mount", "-o", "remount,ro", disk)
		return s
	}, func(s *subject) { s.run("mount", "-o", "remount,rw", s.dir) })
}

func TestImmutableTarget(t *testing.T) {
	for _, name := range []string{"apps/two.yaml", "apps"} {
		t.Run(name, func(t *testing.T) {
			refused(t, "not permitted", func(t *testing.T, s *subject) *subject {
				needsTool(t, "chattr")
				if out, status := s.try("chattr", "+i", name); status != 0 {
					forbidden(t, "chattr", out)
				}
				t.Cleanup(func() { _, _ = s.try("chattr", "-i", name) })
				return s
			}, func(s *subject) { s.run("chattr", "-i", name) })
		})
	}
}

// What another user owns, and nobody else may write.
func TestNoPermission(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	const nobody = 65534
	for name, mode := range map[string]os.FileMode{"apps/two.yaml": 0o444, "apps": 0o555} {
		t.Run(name, func(t *testing.T) {
			s := newSubject(t, func(*subject) {})
			open(t, s.dir)
			s.run("chown", "-R", "65534:65534", s.dir)
			if err := os.Chmod(s.path(name), mode); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"update"}, {"update", "--staged"}} {
				as(t, s, nobody, "git", "add", "values")
				old := s.read("apps/one.yaml") + s.read("apps/two.yaml")
				out, status := tryAs(s, nobody, append([]string{binary}, args...)...)
				if status != 2 || !strings.Contains(out, "permission denied") || !strings.Contains(out, "hint: no file was changed") {
					t.Errorf("%v: status %d\n%s", args, status, out)
				}
				if now := s.read("apps/one.yaml") + s.read("apps/two.yaml"); now != old {
					t.Errorf("%v: files have changed\n%s", args, now)
				}
			}
		})
	}
}

// open lets everybody go through the folders to one.
func open(t *testing.T, dir string) {
	t.Helper()
	for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755)
	}
	_ = os.Chmod(scratch, 0o755)
}

func as(t *testing.T, s *subject, uid uint32, args ...string) {
	t.Helper()
	if out, status := tryAs(s, uid, args...); status != 0 {
		t.Fatalf("%v: status %d\n%s", args, status, out)
	}
}

func tryAs(s *subject, uid uint32, args ...string) (string, int) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// Git's folder, or that of a target, may be on another file system.
func TestOtherFileSystem(t *testing.T) {
	for name, move := range map[string]func(t *testing.T, s *subject){
		"Git's folder": func(t *testing.T, s *subject) {
			disk := filepath.Join(t.TempDir(), "disk")
			mounted(t, disk, "mount", "-t", "tmpfs", "tmpfs")
			s.run("cp", "-a", s.path(".git"), filepath.Join(disk, "git"))
			s.run("rm", "-rf", s.path(".git"))
			s.write(".git", "gitdir: "+filepath.Join(disk, "git")+"\n")
		},
		"a target": func(t *testing.T, s *subject) {
			aside := filepath.Join(t.TempDir(), "apps")
			s.run("cp", "-a", s.path("apps"), aside)
			mounted(t, s.path("apps"), "mount", "-t", "tmpfs", "tmpfs")
			s.run("cp", "-a", aside+"/.", s.path("apps"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, j := range someJobs() {
				s, _, after := j.subject(t)
				move(t, s)
				s.write("apps/.fluxsum-LEFT.tmp", "of a run that was killed\n")
				s.run(j.args...)
				if err := s.state().between(after, after); err != nil {
					t.Errorf("%s: %v", j.name, err)
				}
				if err := s.sound(); err != nil {
					t.Errorf("%s: %v", j.name, err)
				}
			}
		})
	}
}

// Other names of a target keep the old content, and that is said.
func TestHardLinks(t *testing.T) {
	s := newSubject(t, func(s *subject) { s.git("add", "-A") })
	old := s.read("apps/one.yaml")
	err := os.Link(s.path("apps/one.yaml"), s.path(".git/other-name"))
	switch {
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, fs.ErrPermission):
		t.Skipf("hard links are not possible here: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	const want = "apps/one.yaml: had another name, a hard link, which keeps the old content\nhint: "
	if out := s.run("fluxsum", "update"); !strings.Contains(out, want) {
		t.Errorf("expected %q in\n%s", want, out)
	}
	if s.read(".git/other-name") != old || s.read("apps/one.yaml") == old {
		t.Error("the wrong name has the new content")
	}
}

// Rules that are for two files elsewhere may be for one where case does not count.
func TestCaseDoesNotCount(t *testing.T) {
	image := filepath.Join(t.TempDir(), "image")
	disk := filepath.Join(t.TempDir(), "disk")
	needsTool(t, "mkntfs") // Debian package ntfs-3g
	if out, err := exec.Command("sh", "-c", "truncate -s 16M "+image+" && mkntfs -q -F "+image).CombinedOutput(); err != nil {
		t.Fatalf("mkntfs: %v: %s", err, out)
	}
	mounted(t, disk, "lowntfs-3g", "-o", "ignore_case", image)
	s := newSubject(t, func(s *subject) {
		s.write(".fluxsum.yaml", "version: 1\nrules:\n  - {annotation: sum-a, files: values/a.yaml, targets: apps/one.yaml}\n  - {annotation: sum-all, files: values/b.yaml, targets: apps/ONE.yaml}\n")
	}).movedTo(disk)
	old := s.read("apps/one.yaml")
	for _, args := range [][]string{{"fluxsum", "update"}, {"fluxsum", "update", "sum-a"}, {"fluxsum", "verify"}} {
		out, status := s.try(args...)
		if !strings.Contains(out, " is the same file as apps/") || status != 2 {
			t.Errorf("%v: status %d\n%s", args, status, out)
		}
	}
	if s.read("apps/one.yaml") != old {
		t.Errorf("it has changed:\n%s", s.read("apps/one.yaml"))
	}
	s.write(".fluxsum.yaml", strings.ReplaceAll(s.read(".fluxsum.yaml"), "ONE", "one"))
	s.run("fluxsum", "update") // this file system cannot swap files
	s.run("fluxsum", "verify")
	if err := s.sound(); err != nil {
		t.Error(err)
	}
}
