package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

var findingRow = regexp.MustCompile("(?m)^\\| `[a-z-]+` \\| (?:warning|note) \\| .*$")

// TestDocsFindings holds the table of findings in docs/flux.md against the texts that
// explain has for them.
func TestDocsFindings(t *testing.T) {
	doc, err := os.ReadFile("../../docs/flux.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range fluxsum.Meanings() {
		want = append(want, "| `"+m.Code+"` | "+m.Level+" | "+m.When+" | "+m.Cure+" |")
	}
	if got := strings.Join(findingRow.FindAllString(string(doc), -1), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("docs/flux.md has\n%s\nexpected\n%s", got, strings.Join(want, "\n"))
	}
}
