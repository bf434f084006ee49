package kustomize

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What passes a limit is left out as a whole, and a message says so with the limit.
func TestLimits(t *testing.T) {
	trees := hostileTrees()
	var many, patches strings.Builder
	for i := range 400 {
		fmt.Fprintf(&many, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c%d\n", i)
		fmt.Fprintf(&patches, "- {patch: '{metadata: {labels: {a: b%d}}}', target: {kind: Config.*}}\n", i)
	}
	lists := "-- kustomization.yaml --\nresources: [" + strings.Repeat("m.yaml, ", 20) + "m.yaml]\n-- m.yaml --\n" + many.String()
	for _, c := range []struct{ name, tree, dir, want string }{
		{"objects", trees["doubling"], "a0", "it builds more than 500 objects"},
		{"components", trees["components"], "r", "components are used more than 500 times in one build"},
		{"objects handed on", lists, ".", "hand objects on more than 5000 times"},
		{"patches", "-- kustomization.yaml --\nresources: [m.yaml]\npatches:\n" + patches.String() + "-- m.yaml --\n" + many.String(), ".", "look at objects more than 50000 times"},
		{"patterns", "-- kustomization.yaml --\nresources: [m.yaml]\npatches: [{patch: '{a: b}', target: {name: '" + strings.Repeat("a?", 4000) + "'}}]\n-- m.yaml --\n" + manifestText, ".", "a pattern of 8000 characters, expected at most 4096"},
	} {
		t.Run(c.name, func(t *testing.T) {
			built := small(txtarFS([]byte(c.tree))).Build(c.dir, nil)
			if !slices.ContainsFunc(built.Unknown, func(u Unknown) bool { return strings.Contains(u.Message, c.want) }) {
				t.Errorf("%v, expected one with %q", built.Unknown, c.want)
			}
			if c.name != "patterns" && len(built.Objects) > 0 {
				t.Errorf("%d objects, expected none", len(built.Objects))
			}
		})
	}
}
