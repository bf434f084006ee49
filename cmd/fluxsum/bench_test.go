package main

import (
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// runs of each program; they alternate, and the median counts.
const runs = 21

// BenchmarkVerify10000Rules: 10,000 rules over as many files of one KiB,
// against md5sum for the same files in one call.
func BenchmarkVerify10000Rules(b *testing.B) {
	md5sum, err := exec.LookPath("md5sum")
	if err != nil {
		b.Skip("md5sum is not installed")
	}
	dir, files := manyRules(b, 10000)
	ratio(b, dir, "md5sum", append([]string{md5sum}, files...), goal{"`verify` of 10,000 rules over as many files of 1 KiB", "1.5"})
}

// BenchmarkVerifyExample: the two rules of the example, against the start of
// git, which a hook pays in any case.
func BenchmarkVerifyExample(b *testing.B) {
	git, err := exec.LookPath("git")
	if err != nil {
		b.Skip("git is not installed")
	}
	ratio(b, "../../testdata/matrix-gitops", "git --version", []string{git, "--version"}, goal{"`verify` of the two rules of the example", ""})
}

// ratio measures `fluxsum verify` against another command in the same folder.
func ratio(b *testing.B, dir, name string, other []string, g goal) {
	against(b, name, g, nothing,
		command{dir: dir, args: []string{filepath.Join(binDir, "fluxsum"), "verify", "-q"}},
		command{dir: dir, args: other})
}

// command is what is measured.
type command struct {
	dir    string
	args   []string
	env    []string
	status int // that it ends with
}

func nothing() {}

// goal is what a benchmark is about, and the ratio that it should not pass, "" for
// none.
type goal struct{ what, budget string }

// against measures ours against theirs; before runs before each of them.
func against(b *testing.B, name string, g goal, before func(), ours, theirs command) {
	b.Helper()
	var a, z []time.Duration
	for b.Loop() {
		for range runs {
			before()
			a = append(a, timed(b, ours))
			before()
			z = append(z, timed(b, theirs))
		}
	}
	note(g.what, name, float64(median(a))/float64(median(z)), g.budget)
	unit := strings.ReplaceAll(name, " ", "-")
	b.ReportMetric(float64(median(a))/float64(median(z)), "x-"+unit)
	b.ReportMetric(float64(median(a).Microseconds())/1000, "ms/fluxsum")
	b.ReportMetric(float64(median(z).Microseconds())/1000, "ms/"+unit)
	b.ReportMetric(0, "ns/op") // of no meaning here
}

func timed(b *testing.B, c command) time.Duration {
	b.Helper()
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != c.status {
		b.Fatalf("%q: %v", c.args, err)
	}
	return took
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// manyRules makes a folder whose n checksums are true, and names its sources.
func manyRules(b *testing.B, n int) (dir string, files []string) {
	b.Helper()
	dir = b.TempDir()
	var config, release strings.Builder
	config.WriteString("version: 1\nrules:\n")
	release.WriteString("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\n  annotations:\n")
	for i := range n {
		name, text := fmt.Sprintf("values/%05d.yaml", i), fmt.Sprintf("key: %05d%s\n", i, strings.Repeat("x", 1013))
		files = append(files, name)
		fmt.Fprintf(&config, "  - name: rule-%d\n    files: %s\n    annotation: sum-%d\n    targets:\n      - file: release.yaml\n        kind: HelmRelease\n        name: app\n", i, name, i)
		fmt.Fprintf(&release, "    sum-%d: \"%x\"\n", i, md5.Sum([]byte(text)))
		write(b, filepath.Join(dir, name), text)
	}
	write(b, filepath.Join(dir, "release.yaml"), release.String())
	write(b, filepath.Join(dir, ".fluxsum.yaml"), config.String())
	return dir, files
}

func write(b *testing.B, path, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}
