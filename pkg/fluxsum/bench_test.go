package fluxsum

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeTree makes a folder with n rules over n files of one KiB, all stale.
func writeTree(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	var config, release strings.Builder
	config.WriteString("version: 1\nrules:\n")
	release.WriteString("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\n  annotations:\n")
	for i := range n {
		name := fmt.Sprintf("values/%05d.yaml", i)
		fmt.Fprintf(&config, "  - name: rule-%d\n    files: %s\n    annotation: sum-%d\n    targets:\n      - file: release.yaml\n        kind: HelmRelease\n        name: app\n", i, name, i)
		fmt.Fprintf(&release, "    sum-%d: \"%032x\"\n", i, i)
		write(tb, filepath.Join(dir, name), fmt.Sprintf("key%d: %s\n", i, strings.Repeat("x", 1010)))
	}
	write(tb, filepath.Join(dir, "release.yaml"), release.String())
	write(tb, filepath.Join(dir, ConfigName), config.String())
	return dir
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkBuild reads config, sources and target from disk and plans all
// edits; ns/rule stays level when growth is linear.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			dir := writeTree(b, n)
			text, _ := os.ReadFile(filepath.Join(dir, ConfigName))
			for b.Loop() {
				config, err := ReadConfig(ConfigName, text)
				if err != nil {
					b.Fatal(err)
				}
				plan, err := Build(b.Context(), config, os.DirFS(dir))
				if err != nil || plan.Count(Stale) != n || len(plan.Changes) != 1 {
					b.Fatal(err, plan)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/rule")
		})
	}
}
