package fluxsum

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is a file of testdata/golden: a tree with its config, and what Build
// makes of it. The section "want" holds the results, "want/FILE" the edited
// target.
type golden struct {
	name string
	tree fstest.MapFS
	want []txtar.File
}

func goldens(tb testing.TB) (all []golden) {
	tb.Helper()
	paths, err := filepath.Glob("../../testdata/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		tb.Fatalf("%d golden files, error %v", len(paths), err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, newGolden(path, a))
	}
	return all
}

func newGolden(path string, a *txtar.Archive) golden {
	g := golden{path, fstest.MapFS{}, nil}
	for _, f := range a.Files {
		if f.Name == "want" || strings.HasPrefix(f.Name, "want/") {
			g.want = append(g.want, f)
		} else {
			g.tree[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
		}
	}
	return g
}

// wanted returns the golden text of a target after update.
func (g golden) wanted(name string) ([]byte, bool) {
	for _, f := range g.want {
		if f.Name == "want/"+name {
			return f.Data, true
		}
	}
	return nil, false
}

func buildTree(tree fstest.MapFS) (*Plan, error) {
	config, err := ReadConfig(ConfigName, tree[ConfigName].Data)
	if err != nil {
		return nil, err
	}
	return Build(context.Background(), config, tree)
}

// outcome is what the sections "want" hold.
func outcome(plan *Plan, err error) []txtar.File {
	if err != nil {
		return []txtar.File{{Name: "want", Data: []byte(err.Error() + "\n")}}
	}
	var b bytes.Buffer
	for _, r := range plan.Results {
		fmt.Fprintf(&b, "%s %s %s:%d:%d\n", r.State, r.Rule, r.Target.File, r.Target.Line, r.Target.Column)
		if r.Message != "" {
			fmt.Fprintln(&b, r.Message)
		}
		for _, p := range r.Problems {
			if p.Hint != "" {
				fmt.Fprintln(&b, "hint: "+p.Hint)
			}
		}
	}
	files := []txtar.File{{Name: "want", Data: b.Bytes()}}
	for _, c := range plan.Changes {
		files = append(files, txtar.File{Name: "want/" + c.File, Data: c.After})
	}
	return files
}

func TestGolden(t *testing.T) {
	for _, g := range goldens(t) {
		t.Run(strings.TrimSuffix(filepath.Base(g.name), ".txtar"), func(t *testing.T) {
			got := txtar.Format(&txtar.Archive{Files: outcome(buildTree(g.tree))})
			want := txtar.Format(&txtar.Archive{Files: g.want})
			switch {
			case bytes.Equal(got, want):
			case *update:
				g.rewrite(t, got)
			default:
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func (g golden) rewrite(t *testing.T, want []byte) {
	text, err := os.ReadFile(g.name)
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.Index(text, []byte("\n-- want")); i >= 0 {
		text = text[:i+1]
	}
	if err := os.WriteFile(g.name, append(text, want...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestGoldenTwice: after an update everything is in sync.
func TestGoldenTwice(t *testing.T) {
	for _, g := range goldens(t) {
		plan, err := buildTree(g.tree)
		if err != nil {
			continue
		}
		failed := len(plan.Problems())
		for _, c := range plan.Changes {
			g.tree[c.File] = &fstest.MapFile{Data: c.After}
		}
		again, err := buildTree(g.tree)
		if err != nil || len(again.Changes) > 0 || again.Count(OK) != len(plan.Results)-failed {
			t.Errorf("%s: after update: %v, %s", g.name, err, outcome(again, err))
		}
	}
}

// A rewriting of a target file must not change what is done to it: the edits
// of the rewritten file are the edited file, rewritten.
var rewritings = map[string]func([]byte) []byte{
	"CRLF":             func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) },
	"CR":               func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r")) },
	"BOM":              func(b []byte) []byte { return append([]byte("\ufeff"), b...) },
	"no final newline": func(b []byte) []byte { return bytes.TrimSuffix(b, []byte("\n")) },
	"head":             func(b []byte) []byte { return append([]byte("# ü\u2028\r\n\n"), b...) },
	"tail":             func(b []byte) []byte { return append(b[:len(b):len(b)], " \n\n# ü\n"...) },
}

func TestGoldenRewritten(t *testing.T) {
	for _, g := range goldens(t) {
		for how, rewrite := range rewritings {
			t.Run(strings.TrimSuffix(filepath.Base(g.name), ".txtar")+"/"+how, func(t *testing.T) {
				g.checkRewritten(t, rewrite, how == "head")
			})
		}
	}
}

func (g golden) checkRewritten(t *testing.T, rewrite func([]byte) []byte, moved bool) {
	tree := fstest.MapFS{}
	for name, f := range g.tree {
		tree[name] = f
		if _, ok := g.wanted(name); ok {
			tree[name] = &fstest.MapFile{Data: rewrite(f.Data)}
		}
	}
	plan, err := buildTree(tree)
	got := outcome(plan, err)
	if !moved && !bytes.Equal(got[0].Data, g.want[0].Data) {
		t.Errorf("got\n%s\nwant\n%s", got[0].Data, g.want[0].Data)
	}
	for _, f := range g.want {
		name, ok := strings.CutPrefix(f.Name, "want/")
		if want := rewrite(f.Data); ok && (err != nil || !bytes.Equal(changed(plan, name), want)) {
			t.Errorf("%s: got\n%q\nwant\n%q\n%s", name, changed(plan, name), want, got[0].Data)
		}
	}
}

func changed(plan *Plan, name string) []byte {
	for _, c := range plan.Changes {
		if c.File == name {
			return c.After
		}
	}
	return nil
}
