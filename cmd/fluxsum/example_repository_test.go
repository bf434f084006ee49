package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// exampleRepository is a copy of the example as a Git repository at work: main and
// origin/main, a branch theme one commit ahead, a tag, and on disk an edit whose
// checksum is stale.
func exampleRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/matrix-gitops")); err != nil {
		t.Fatal(err)
	}
	const values = "apps/production/custom-configs/element-values.yaml"
	inShell(t, dir, "git init -q -b main && git add -A && git commit -q -m 'The example' && git tag v1 && git update-ref refs/remotes/origin/main HEAD")
	inShell(t, dir, "git checkout -q -b theme && echo '# a theme' >>"+values+" && fluxsum update -q && git commit -q -a -m 'A theme'")
	inShell(t, dir, "echo '# another' >>"+values)
	return dir
}

// inShell runs a line that must not fail.
func inShell(t *testing.T, dir, line string) {
	t.Helper()
	if out, status := shell(t, dir, "sh", line); status != 0 {
		t.Fatalf("%s: exit status %d\n%s", line, status, out)
	}
}

// shell runs a line of a shell with the program on PATH, and returns what it prints.
func shell(t *testing.T, dir, name, line string) (out string, status int) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, name, "-c", line)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	cmd.Env = append(os.Environ(), "PATH="+binDir+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+filepath.Dir(dir), "NO_COLOR=1",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=Test", "GIT_AUTHOR_EMAIL=test@example.org", "GIT_COMMITTER_NAME=Test", "GIT_COMMITTER_EMAIL=test@example.org")
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// needs skips a test where a program is not installed.
func needs(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip(name + " is not installed")
	}
}
