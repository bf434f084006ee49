//go:build !race

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// containerUser is that of the image.
const containerUser = 65532

// TestContainer runs fluxsum as the container image does: another user, and nothing
// there but the program and the clone; no git, no shell, no home, no folder for
// temporary files.
func TestContainer(t *testing.T) {
	onlyOnce(t)
	dockerfile := string(readFile(t, "Dockerfile"))
	for _, line := range []string{"FROM scratch", "USER 65532:65532", "WORKDIR /work", `ENTRYPOINT ["/usr/bin/fluxsum"]`} {
		if !strings.Contains(dockerfile, "\n"+line+"\n") {
			t.Errorf("the Dockerfile has no line %q", line)
		}
	}
	root := image(t)
	if _, err := inImage(root, "version"); errors.Is(err, syscall.EPERM) {
		t.Skip("needs chroot: this is not root, and user namespaces are off")
	}
	for _, args := range []string{"verify", "verify --staged", "verify --rev HEAD", "verify --range HEAD~1..main -o json", "explain", "update --dry-run", "version"} {
		if out, err := inImage(root, args); err != nil {
			t.Errorf("fluxsum %s: %v\n%s", args, err, out)
		}
	}
	out, err := inImage(root, "verify --rev HEAD~1")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(out, "stale  element-config") {
		t.Errorf("fluxsum verify --rev HEAD~1: %v, expected exit status 1\n%s", err, out)
	}
}

// image is the root of the container: the second commit of the clone is stale, the
// third cures it.
func image(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	clone := filepath.Join(root, "work")
	if err := os.CopyFS(clone, os.DirFS("../../testdata/matrix-gitops")); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(root, "usr", "bin", "fluxsum")
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, readFile(t, filepath.Join(binDir, "fluxsum")), 0o755); err != nil {
		t.Fatal(err)
	}
	runIn(t, clone, "sh", "-e", "-c", `git init -q -b main; git add -A; git commit -q -m one
		echo '# a new theme' >>apps/production/custom-configs/element-values.yaml; git commit -q -a -m two
		"$0" update --commit -q -m three`, program)
	return root
}

func inImage(root, args string) (out string, err error) {
	cmd := &exec.Cmd{Path: "/usr/bin/fluxsum", Args: append([]string{"fluxsum"}, strings.Fields(args)...), Dir: "/work", Env: []string{}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: containerUser, Gid: containerUser}
	} else {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: containerUser, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: containerUser, HostID: os.Getgid(), Size: 1}}
	}
	text, err := cmd.CombinedOutput()
	return string(text), err
}
