package fluxsum

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
)

const usesConfig = `version: 1
rules:
  - {name: all, annotation: all, files: "**/*.yaml", targets: web/app.yaml}
  - {name: one, annotation: one, files: web/a.yaml, targets: web/app.yaml}
`

// openings counts the folders that are read.
type openings struct {
	fs.FS
	n int
}

func (o *openings) ReadDir(name string) ([]fs.DirEntry, error) {
	o.n++
	return fs.ReadDir(o.FS, name)
}

func TestUses(t *testing.T) {
	config, err := ReadConfig("config", []byte(usesConfig))
	if err != nil {
		t.Fatal(err)
	}
	tree := &openings{FS: fstest.MapFS{
		"web/a.yaml": {}, "web/app.yaml": {}, "web/notes.txt": {}, "web/deep/b.yaml": {},
		"other/c.yaml": {}, "webs/d.yaml": {}, ".git/e.yaml": {},
	}}
	for _, c := range []struct {
		prefix, want string
		openings     int
	}{
		{"", "[{other/c.yaml [all] []} {web/a.yaml [all one] []} {web/app.yaml [all] [all one]} {web/deep/b.yaml [all] []} {webs/d.yaml [all] []}]", 5},
		{"web/", "[{web/a.yaml [all one] []} {web/app.yaml [all] [all one]} {web/deep/b.yaml [all] []}]", 2},
		{"web/d", "[{web/deep/b.yaml [all] []}]", 2},
		{"we", "[{web/a.yaml [all one] []} {web/app.yaml [all] [all one]} {web/deep/b.yaml [all] []} {webs/d.yaml [all] []}]", 4},
		{"nothing/here", "[]", 1},
	} {
		tree.n = 0
		if got := fmt.Sprint(config.Uses(tree, c.prefix)); got != c.want || tree.n > c.openings {
			t.Errorf("%q: %s after %d folders, expected %s after %d", c.prefix, got, tree.n, c.want, c.openings)
		}
	}
}

// A large tree is not searched to its end.
func TestUsesGivesUp(t *testing.T) {
	config, err := ReadConfig("config", []byte(usesConfig))
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for i := range maxSeen + 100 {
		tree[fmt.Sprintf("a%06d.yaml", i)] = &fstest.MapFile{}
	}
	got := config.Uses(tree, "")
	if len(got) < maxSeen-10 || len(got) > maxSeen+10 || got[0].File != "a000000.yaml" {
		t.Errorf("%d files", len(got))
	}
}
