package kustomize

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
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

// Once a tree is too large no more of its files is read.
func TestOverfull(t *testing.T) {
	for what, overfill := range map[string]func(*Loader){
		"512 MiB":  func(l *Loader) { l.kept.Store(maxKept + 1) },
		"4 GiB":    func(l *Loader) { l.seen.Store(maxSeen + 1) },
		"16000000": func(l *Loader) { l.nodes.Store(maxNodes + 1) },
	} {
		l := NewLoader(fstest.MapFS{"a.yaml": {Data: []byte("kind: ConfigMap\n")}})
		overfill(l)
		if f := l.Whole("a.yaml"); len(f.Docs) > 0 || l.Overfull() == nil || !strings.Contains(l.Overfull().Error(), what) {
			t.Errorf("%s: %d documents, %v", what, len(f.Docs), l.Overfull())
		}
	}
}
