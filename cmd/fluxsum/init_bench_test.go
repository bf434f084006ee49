package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// apps is how many folders of three YAML files a tree for init has.
const apps = 5000

// BenchmarkInit15000Files: `init --dry-run` in a tree of 15,000 YAML files,
// against reading and parsing these files with yaml/v3 on all cores.
func BenchmarkInit15000Files(b *testing.B) {
	dir := manyReleases(b, apps)
	commands := [][]string{{"init", "--dry-run"}}
	againstParsing(b, dir, commands, goal{"`init --dry-run` of 15,000 YAML files", "3"})
}

// BenchmarkVerify15000Files: `verify` of one rule in that tree, with its
// findings.
func BenchmarkVerify15000Files(b *testing.B) {
	dir := manyReleases(b, apps)
	write(b, filepath.Join(dir, ".fluxsum.yaml"), "version: 1\nrules:\n  - name: one\n    files: apps/00000/values.yaml\n    annotation: reconcile.fluxcd.io/requestedAt\n    targets: apps/00000/release.yaml\n")
	againstParsing(b, dir, [][]string{{"update", "-q"}, {"verify", "-o", "json"}}, goal{"`verify` with its findings in that tree", ""})
}

// againstParsing measures the last of some commands; those before it make it
// ready.
func againstParsing(b *testing.B, dir string, commands [][]string, g goal) {
	b.Helper()
	last := len(commands) - 1
	for _, args := range commands[:last] {
		timed(b, command{dir: dir, args: append([]string{filepath.Join(binDir, "fluxsum")}, args...)})
	}
	var ours, theirs []time.Duration
	for b.Loop() {
		for range 5 {
			ours = append(ours, timed(b, command{dir: dir, args: append([]string{filepath.Join(binDir, "fluxsum")}, commands[last]...)}))
			theirs = append(theirs, parseAll(b, dir))
		}
	}
	note(g.what, "parsing them with yaml/v3", float64(median(ours))/float64(median(theirs)), g.budget)
	b.ReportMetric(float64(median(ours))/float64(median(theirs)), "x-yaml")
	b.ReportMetric(float64(median(ours).Milliseconds()), "ms/fluxsum")
	b.ReportMetric(float64(median(theirs).Milliseconds()), "ms/yaml")
	b.ReportMetric(0, "ns/op")
}

// parseAll reads and parses the YAML files of a tree on all cores.
func parseAll(b *testing.B, dir string) time.Duration {
	b.Helper()
	start := time.Now()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if filepath.Ext(name) == ".yaml" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				parse(b, names[i])
			}
		})
	}
	wait.Wait()
	return time.Since(start)
}

func parse(b *testing.B, name string) {
	text, err := os.ReadFile(name)
	if err != nil {
		b.Error(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		if decoder.Decode(&doc) != nil {
			return
		}
	}
}

// manyReleases makes a tree of n releases, each with a kustomization and a
// values file, in a Git repository.
func manyReleases(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	for i := range n {
		app := fmt.Sprintf("%s/apps/%05d/", dir, i)
		write(b, app+"kustomization.yaml", fmt.Sprintf("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: app-%d\nresources:\n  - release.yaml\nconfigMapGenerator:\n  - name: values\n    files:\n      - values.yaml\n    options:\n      disableNameSuffixHash: true\n", i))
		write(b, app+"release.yaml", fmt.Sprintf("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app-%d\nspec:\n  interval: 1h\n  chart:\n    spec:\n      chart: app\n      version: \"1.x\"\n      sourceRef:\n        kind: HelmRepository\n        name: charts\n        namespace: flux-system\n  valuesFrom:\n    - kind: ConfigMap\n      name: values\n", i))
		values := "replicas: 2\nimage:\n  repository: registry.example.org/app\n  tag: \"1.2.3\"\nresources:\n  limits: {cpu: 500m, memory: 256Mi}\n"
		for j := range 30 {
			values += fmt.Sprintf("# setting %d\nsetting%d:\n  enabled: true\n  value: \"%d\"\n", j, j, i*j)
		}
		write(b, app+"values.yaml", values)
	}
	return dir
}
