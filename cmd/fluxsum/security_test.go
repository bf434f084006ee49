package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThreatModel holds that each line of the threat model names tests, and that they
// are there.
func TestThreatModel(t *testing.T) {
	_, model, _ := strings.Cut(string(readFile(t, "../../SECURITY.md")), "\n## Threat model\n")
	model, _, _ = strings.Cut(model, "\n## ")
	lines := threats(model)
	if len(lines) == 0 {
		t.Fatal("SECURITY.md has no threat model")
	}
	there := testNames(t)
	for _, line := range lines {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		names := quotedName.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(cells) != 3 || len(names) == 0 {
			t.Errorf("names no test: %s", line)
		}
		for _, name := range names {
			if !there[name[1]] {
				t.Errorf("there is no test %s: %s", name[1], line)
			}
		}
	}
}

var quotedName = regexp.MustCompile("`([^`]+)`")

// threats are the lines of tables, without their heads.
func threats(model string) (lines []string) {
	for line := range strings.Lines(model) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "| He ") || strings.HasPrefix(line, "| ---") || !strings.HasPrefix(line, "|") {
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

var testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(\w+ \*testing\.[TF]\)`)

// testNames are those of all scripts and test functions, also for other systems.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
		case filepath.Ext(path) == ".txtar" && filepath.Base(filepath.Dir(path)) == "script":
			names[strings.TrimSuffix(d.Name(), ".txtar")] = true
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range testFunc.FindAllSubmatch(text, -1) {
				names[string(m[1])] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
