package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shellHook does what the hook does that fluxsum replaces (the manual of that
// hook describes it): for each mapped file that is staged, md5sum, sed, git add.
const shellHook = `#!/bin/bash
set -e
kustomization=apps/production/kustomization.yaml
update() {
	if git diff --cached --name-only | grep -q "^$1$"; then
		if command -v md5sum >/dev/null 2>&1; then sum=$(md5sum "$1" | cut -d' ' -f1); else sum=$(md5 -q "$1"); fi
		sed -i "s|value: \"[a-f0-9]*\" # $2|value: \"$sum\" # $2|" "$kustomization"
		git add "$kustomization"
		echo "updated $2: $sum"
	fi
}
update apps/production/custom-configs/element-values.yaml element-config
update apps/production/custom-configs/synapse-values.yaml synapse-config
`

const mappedFile = "apps/production/custom-configs/element-values.yaml"

// BenchmarkHookChanges: a mapped file is staged, the checksum changes; against
// the shell hook.
func BenchmarkHookChanges(b *testing.B) {
	dir := hookRepository(b, 0)
	shell := filepath.Join(b.TempDir(), "hook")
	write(b, shell, shellHook)
	if err := os.Chmod(shell, 0o755); err != nil {
		b.Fatal(err)
	}
	n := 0
	stage := func() {
		run(b, dir, "git", "reset", "-q", "--hard")
		n++
		write(b, filepath.Join(dir, mappedFile), fmt.Sprintf("edit: %d\n", n))
		run(b, dir, "git", "add", mappedFile)
	}
	against(b, "the shell hook", goal{"the hook, a checksum changes", "0.6"}, stage, hookOf(dir), command{dir: dir, args: []string{shell}})
}

// BenchmarkHookQuiet: something is staged, but nothing mapped; against the
// cheapest question that git answers about it.
func BenchmarkHookQuiet(b *testing.B) {
	dir := hookRepository(b, 0)
	against(b, "git diff --cached --quiet", goal{"the hook, nothing mapped is staged", "2"}, nothing, hookOf(dir),
		command{dir: dir, args: []string{"git", "diff", "--cached", "--quiet"}, status: 1})
}

// BenchmarkHook100000Files: the same in a large repository; against a list of
// what is staged.
func BenchmarkHook100000Files(b *testing.B) {
	dir := hookRepository(b, 100_000)
	against(b, "git diff --cached --name-only", goal{"the same among 100,000 files", "1.5"}, nothing, hookOf(dir),
		command{dir: dir, args: []string{"git", "diff", "--cached", "--name-only"}})
}

// hookOf runs the hook of a repository as git does.
func hookOf(dir string) command {
	return command{dir: dir, args: []string{".git/hooks/pre-commit"}, env: []string{"GIT_INDEX_FILE=.git/index"}}
}

// hookRepository is the example tree as a repository, with more files, the hooks
// installed, something staged that is not mapped, and one commit behind it that
// went through the hook.
func hookRepository(b *testing.B, files int) string {
	b.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		b.Skip("git is not installed")
	}
	b.Setenv("PATH", binDir+string(os.PathListSeparator)+os.Getenv("PATH"))
	dir := b.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/matrix-gitops")); err != nil {
		b.Fatal(err)
	}
	for i := range files {
		write(b, filepath.Join(dir, fmt.Sprintf("many/%03d/%05d", i/1000, i)), "")
	}
	for _, line := range []string{"git init -q", "git add -A", "git -c user.name=t -c user.email=t@t commit -q -m start", "fluxsum hooks install -q"} {
		run(b, dir, strings.Fields(line)...)
	}
	write(b, filepath.Join(dir, "README.md"), "something else\n")
	run(b, dir, "git", "add", "README.md")
	run(b, dir, "git", "hook", "run", "pre-commit")
	return dir
}

func run(b *testing.B, dir string, words ...string) {
	b.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%q: %v\n%s", words, err, out)
	}
}
