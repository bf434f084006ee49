package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// benchTable gathers what the benchmarks measure; TestMain prints it at their end.
var benchTable []benchRow

// benchRow is a line of the table in docs/performance.md.
type benchRow struct{ what, measured, budget string }

// note puts a ratio into the table; budget is "" where none is set.
func note(what, against string, ratio float64, budget string) {
	benchTable = append(benchTable, benchRow{what, fmt.Sprintf("%.2f x %s", ratio, against), budget})
}

// noteMemory puts a peak of memory into the table.
func noteMemory(what string, mib float64, budget string) {
	benchTable = append(benchTable, benchRow{what, fmt.Sprintf("%.0f MiB", mib), budget})
}

// markdown is the table, with the machine named.
func markdown(rows []benchRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "On %s:\n\n| what | measured | budget |\n| --- | --- | --- |\n", machine())
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.what, r.measured, r.budget)
	}
	return b.String()
}

// machine names what the figures depend on.
func machine() string {
	parts := []string{processor(), fmt.Sprintf("%d cores", runtime.NumCPU()), runtime.GOOS + "/" + runtime.GOARCH}
	for _, command := range [][]string{{"uname", "-sr"}, {"git", "--version"}} {
		if out, err := exec.Command(command[0], command[1:]...).Output(); err == nil {
			parts = append(parts, strings.TrimSpace(string(out)))
		}
	}
	return strings.Join(append(parts, runtime.Version()), ", ")
}

// processor is its name where the system tells it as Linux does.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unnamed processor"
}

const (
	benchBegin = "<!-- make bench: begin -->\n"
	benchEnd   = "<!-- make bench: end -->\n"
)

// writeBench prints the table and keeps it in bin/bench.md; with UPDATE=1 it is put
// into docs/performance.md too.
func writeBench() error {
	if len(benchTable) == 0 {
		return nil
	}
	table := markdown(benchTable)
	fmt.Print("\n" + table)
	if err := os.MkdirAll("../../bin", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile("../../bin/bench.md", []byte(table), 0o644); err != nil || os.Getenv("UPDATE") == "" {
		return err
	}
	const page = "../../docs/performance.md"
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), benchBegin)
	_, after, ends := strings.Cut(rest, benchEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for the table: expected the lines %sand %s", page, benchBegin, benchEnd)
	}
	return os.WriteFile(page, []byte(before+benchBegin+table+benchEnd+after), 0o644)
}

// TestBenchTable: the table is Markdown, a line for each benchmark.
func TestBenchTable(t *testing.T) {
	got := markdown([]benchRow{{"verify", "1.20 x md5sum", "1.5"}})
	if _, table, _ := strings.Cut(got, "\n\n"); table != "| what | measured | budget |\n| --- | --- | --- |\n| verify | 1.20 x md5sum | 1.5 |\n" {
		t.Errorf("%q", got)
	}
}
