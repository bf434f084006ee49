package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// BenchmarkDiffMemory100000Files: what diff needs in a repository of 100,000
// files, in MiB.
func BenchmarkDiffMemory100000Files(b *testing.B) {
	dir := b.TempDir()
	run(b, dir, "git", "init", "-q", "-b", "main")
	var stream bytes.Buffer
	stream.WriteString(longHistory(2, 10))
	stream.WriteString("commit refs/heads/main\ncommitter T <t@t> 1800000000 +0000\ndata 4\nmany\n")
	for i := range 100_000 {
		fmt.Fprintf(&stream, "M 100644 inline many/%03d/%05d.yaml\ndata <<E\nname: x%d\nE\n", i/100, i, i)
	}
	imported(b, dir, stream.String())
	for b.Loop() {
		out, peak := peakOf(b, dir, "diff")
		if !strings.Contains(out, "last true in") {
			b.Fatal(out)
		}
		noteMemory("memory of `diff` among 100,000 files", peak, "128")
		b.ReportMetric(peak, "MiB")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkMemory2GiB: what a source of 2 GiB takes, in MiB; of a commit, where it
// stands in a pack, too.
func BenchmarkMemory2GiB(b *testing.B) {
	dir := b.TempDir()
	write(b, filepath.Join(dir, ".fluxsum.yaml"), "version: 1\nrules:\n  - name: one\n    annotation: sum\n    files: big\n    targets: app.yaml\n")
	write(b, filepath.Join(dir, "app.yaml"), "kind: Deployment\nmetadata:\n  name: app\n  annotations:\n    sum: 00000000000000000000000000000000\n")
	write(b, filepath.Join(dir, "big"), "")
	if err := os.Truncate(filepath.Join(dir, "big"), 2<<30); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, args := range [][]string{{"update"}, {"verify"}} {
			measureMemory(b, dir, args...)
		}
		for _, line := range []string{"git init -q", "git add -A", "git -c user.name=t -c user.email=t@t commit -q -m big", "git repack -q -a -d"} {
			run(b, dir, strings.Fields(line)...)
		}
		measureMemory(b, dir, "verify", "--rev", "HEAD")
	}
	b.ReportMetric(0, "ns/op")
}

func measureMemory(b *testing.B, dir string, args ...string) {
	b.Helper()
	_, peak := peakOf(b, dir, args...)
	noteMemory("memory of `"+strings.Join(args, " ")+"` with a source of 2 GiB", peak, "128")
	b.ReportMetric(peak, "MiB-"+strings.Join(args, ""))
}

// peakOf runs fluxsum and returns its output and its peak of memory in MiB.
func peakOf(b *testing.B, dir string, args ...string) (out string, mib float64) {
	b.Helper()
	cmd := exec.Command(filepath.Join(binDir, "fluxsum"), args...)
	cmd.Dir = dir
	text, err := cmd.Output()
	if err != nil {
		b.Fatalf("%q: %v\n%s", args, err, text)
	}
	return string(text), float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}
