package rollout

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// FuzzPropose: whatever stands in a tree, nothing panics; what is proposed is a
// config that can do its work, and once it has, nothing is missing.
func FuzzPropose(f *testing.F) {
	scripts, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		f.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, name := range scripts {
		base := filepath.Base(name)
		if text, err := os.ReadFile(name); err != nil {
			f.Fatal(err)
		} else if strings.HasPrefix(base, "init_") || strings.HasPrefix(base, "f") || strings.HasPrefix(base, "explain_") {
			f.Add(text)
		}
	}
	for _, tree := range []string{"matrix-gitops", "layouts", "overlays"} {
		f.Add(archive(f, os.DirFS("../../testdata/"+tree)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<20 {
			return
		}
		settled(t, treeOf(text))
	})
}

// settled proposes rules for a tree, carries them out, and proposes again.
func settled(t *testing.T, tree fstest.MapFS) {
	t.Helper()
	first := propose(t, tree, "version: 1\nrules: []\n")
	if len(first.Rules) == 0 {
		return
	}
	plan, err := try(context.Background(), first, tree)
	if err != nil {
		t.Fatalf("the proposed config: %v\n%s", err, first.Config())
	}
	if bad := failing(plan); len(bad) > 0 {
		t.Fatalf("%v\n%s", bad, first.Config())
	}
	for _, c := range plan.Changes {
		tree[c.File] = &fstest.MapFile{Data: c.After, Mode: 0o644}
	}
	if again := propose(t, tree, first.Config()); len(again.Rules) > 0 {
		t.Errorf("missing after init and update:\n%s\nthe config:\n%s", again.RulesText(), first.Config())
	}
	if text := propose(t, tree, "version: 1\nrules: []\n").Config(); text != propose(t, tree, "version: 1\nrules: []\n").Config() {
		t.Errorf("two runs propose two configs")
	}
}

func propose(t *testing.T, tree fs.FS, config string) *Proposal {
	t.Helper()
	ctx := context.Background()
	c, err := fluxsum.ReadConfig(fluxsum.ConfigName, []byte(config))
	if err != nil {
		t.Fatalf("%v\n%s", err, config)
	}
	plan, err := fluxsum.Build(ctx, c, tree)
	if err != nil {
		t.Fatalf("%v\n%s", err, config)
	}
	g, err := flux.Read(ctx, tree, flux.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := New(plan, g)
	r.Findings()
	r.Coverage()
	for i := range c.Rules {
		r.Story(c.Rules[i].Name, g)
	}
	for _, file := range g.SourceFiles() {
		r.FileStory(file, nil)
	}
	p := r.Propose()
	if err := p.Settle(ctx, tree, readAgain); err != nil {
		t.Fatal(err)
	}
	return p
}

func readAgain(ctx context.Context, edited fs.FS) (*flux.Graph, error) {
	return flux.Read(ctx, edited, flux.Options{})
}

// treeOf is the tree of an archive, as far as its names can be files.
func treeOf(text []byte) fstest.MapFS {
	tree := fstest.MapFS{}
	for _, file := range parsed(text).Files {
		if fs.ValidPath(file.Name) && file.Name != "." && file.Name != fluxsum.ConfigName && free(tree, file.Name) {
			tree[file.Name] = &fstest.MapFile{Data: file.Data, Mode: 0o644}
		}
	}
	return tree
}

// parsed is an archive; empty where txtar panics, as it does on a marker that
// is cut off.
func parsed(text []byte) (a *txtar.Archive) {
	defer func() {
		if recover() != nil {
			a = &txtar.Archive{}
		}
	}()
	return txtar.Parse(text)
}

// free says whether a name is no folder of another one, and the other way
// round.
func free(tree fstest.MapFS, name string) bool {
	for other := range tree {
		if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") || strings.EqualFold(name, other) {
			return false
		}
	}
	return true
}

func archive(f *testing.F, tree fs.FS) []byte {
	f.Helper()
	var a txtar.Archive
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, err := fs.ReadFile(tree, name)
			a.Files = append(a.Files, txtar.File{Name: name, Data: text})
			return err
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	return txtar.Format(&a)
}
