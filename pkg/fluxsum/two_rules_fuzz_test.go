package fluxsum

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"
)

// FuzzTwoRules: whatever two rules do to one file, either the file is refused
// or one update makes both true at once.
func FuzzTwoRules(f *testing.F) {
	for _, g := range goldens(f) {
		for name, file := range g.tree {
			if name != ConfigName && len(file.Data) > 8 {
				f.Add(file.Data, "checksum/config", "sum", "metadata.annotations", "m")
				f.Add(file.Data, "x", "annotations", "metadata", "")
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, one, two, path, marker string) {
		target := fmt.Sprintf(`{"file": "t.yaml", "path": %q}`, path)
		if marker != "" {
			target = fmt.Sprintf(`{"file": "t.yaml", "marker": %q}`, marker)
		}
		config := fmt.Sprintf(`{"version": 1, "rules": [{"name": "one", "files": "v", "annotation": %q, "targets": "t.yaml"}, {"name": "two", "files": "w", "annotation": %q, "targets": [%s]}]}`, one, two, target)
		tree := fstest.MapFS{ConfigName: {Data: []byte(config)}, "v": {Data: []byte("v\n")}, "w": {Data: []byte("w\n")}, "t.yaml": {Data: text}}
		plan, err := buildTree(tree)
		if err != nil || len(plan.Problems()) > 0 {
			return
		}
		for _, c := range plan.Changes {
			tree[c.File] = &fstest.MapFile{Data: c.After}
		}
		c, err := ReadConfig(ConfigName, []byte(config))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Build(context.Background(), c, tree)
		if err != nil || !again.InSync() {
			t.Fatalf("after update: %v\n%+v\n%q\n%q", err, again, text, tree["t.yaml"].Data)
		}
	})
}
