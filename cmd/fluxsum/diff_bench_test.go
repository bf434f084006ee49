package main

import (
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkDiff5000Commits: the recorded checksum is that of the first of 5,000
// commits that all touch the source; against git listing these commits and reading
// their blobs.
func BenchmarkDiff5000Commits(b *testing.B) {
	dir := b.TempDir()
	run(b, dir, "git", "init", "-q", "-b", "main")
	imported(b, dir, longHistory(5000, 100))
	script := filepath.Join(b.TempDir(), "git-alone")
	write(b, script, "git log --format=%H -- "+longSource+" >commits\nsed 's|$|:"+longSource+"|' commits | git cat-file --batch >/dev/null\n")
	against(b, "git log and git cat-file", goal{"`diff` through 5,000 commits of a source", "2"}, nothing,
		command{dir: dir, args: []string{filepath.Join(binDir, "fluxsum"), "diff"}},
		command{dir: dir, args: []string{"sh", script}})
}

const longSource = "apps/production/values.yaml"

// longHistory is a stream for git fast-import: commits that change one line each
// of a source, whose recorded checksum is that of the first.
func longHistory(commits, lines int) string {
	var out strings.Builder
	source := func(n int) string {
		var text strings.Builder
		text.WriteString("values:\n")
		for i := range lines {
			value := i
			if i == n%lines {
				value = n + lines
			}
			fmt.Fprintf(&text, "  key%d: %d\n", i, value)
		}
		return text.String()
	}
	file := func(name, text string) {
		fmt.Fprintf(&out, "M 100644 inline %s\ndata %d\n%s\n", name, len(text), text)
	}
	for n := range commits {
		fmt.Fprintf(&out, "commit refs/heads/main\ncommitter T <t@t> %d +0000\ndata 6\nchange\n", 1700000000+60*n)
		file(longSource, source(n))
		if n == 0 {
			file(".fluxsum.yaml", "version: 1\nrules:\n  - name: app\n    files: "+longSource+"\n    annotation: sum\n    targets: release.yaml\n")
			file("release.yaml", fmt.Sprintf("kind: HelmRelease\nmetadata:\n  name: app\n  annotations:\n    sum: \"%x\"\n", md5.Sum([]byte(source(0)))))
		}
	}
	return out.String()
}

func imported(b *testing.B, dir, stream string) {
	b.Helper()
	cmd := exec.Command("git", "fast-import", "--quiet")
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, strings.NewReader(stream), os.Stderr
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	run(b, dir, "git", "reset", "-q", "--hard")
}
