package fluxsum

import (
	"fmt"
	"strings"
	"testing"
)

// TestManyRulesAreReadLikeFew: rules that are read on all cores come in their
// order, with all their errors.
func TestManyRulesAreReadLikeFew(t *testing.T) {
	var text strings.Builder
	text.WriteString("version: 1\nrules:\n")
	for i := range 2 * manyRules {
		key := "files"
		if i == 3 || i == 2*manyRules-3 {
			key = "fils"
		}
		fmt.Fprintf(&text, "- {name: r%d, %s: v%d, annotation: a, targets: t}\n", i, key, i)
	}
	_, err := ReadConfig("c", []byte(text.String()))
	want := fmt.Sprintf("c:6:14: unknown key \"fils\"\nc:%d:17: unknown key \"fils\"", 2*manyRules)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, expected %s", err, want)
	}
	config, err := ReadConfig("c", []byte(strings.ReplaceAll(text.String(), "fils:", "files:")))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range config.Rules {
		if r.Name != fmt.Sprintf("r%d", i) || r.Files[0] != fmt.Sprintf("v%d", i) {
			t.Fatalf("rule %d is %s of %s", i, r.Name, r.Files)
		}
	}
}
