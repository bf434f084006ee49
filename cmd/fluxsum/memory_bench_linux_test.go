package main

import (
	"bytes"
	"fmt"
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
		cmd := exec.Command(filepath.Join(binDir, "fluxsum"), "diff")
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil || !strings.Contains(string(out), "last true in") {
			b.Fatalf("%v\n%s", err, out)
		}
		b.ReportMetric(float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)/1024, "MiB")
	}
	b.ReportMetric(0, "ns/op")
}
