package kustomize

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"
)

// patchCase is a file of testdata/kustomize/patches, whose wants are those of
// the real kustomize: the module there holds them against it.
type patchCase struct {
	name     string
	sections map[string]string
}

func patchCases(tb testing.TB) (all []patchCase) {
	tb.Helper()
	files, err := filepath.Glob("../../testdata/kustomize/patches/*.txtar")
	if err != nil || len(files) == 0 {
		tb.Fatalf("%d cases, error %v", len(files), err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		c := patchCase{strings.TrimSuffix(filepath.Base(file), ".txtar"), map[string]string{}}
		for _, f := range a.Files {
			c.sections[f.Name] = string(f.Data)
		}
		all = append(all, c)
	}
	return all
}

func TestPatchesAsKustomize(t *testing.T) {
	for _, c := range patchCases(t) {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

func (c patchCase) check(t *testing.T) {
	object, deleted, err := c.apply(t)
	want, wanted := c.sections["want.yaml"]
	message, isNot := c.sections["not-followed"]
	switch {
	case isNot:
		if err == nil || err.Error() != "not followed: "+strings.TrimSpace(message) {
			t.Errorf("error %v, want not followed: %s", err, message)
		}
	case !wanted:
		if err == nil {
			t.Errorf("no error, kustomize says %s", c.sections["want-error"])
		}
	case err != nil:
		t.Errorf("error %v, kustomize gives\n%s", err, want)
	case deleted != (strings.TrimSpace(want) == "" || want == "{}\n"):
		t.Errorf("deleted %v, kustomize gives\n%s", deleted, want)
	case !deleted && !reflect.DeepEqual(decoded(t, object), decoded(t, parsed(t, want))):
		t.Errorf("got\n%s\nkustomize gives\n%s", written(object), want)
	}
}

// apply patches as the builder does.
func (c patchCase) apply(t *testing.T) (object *yaml.Node, deleted bool, err error) {
	object, patch := clone(parsed(t, c.sections["object.yaml"]), nil), clone(parsed(t, c.sections["patch.yaml"]), nil)
	if patch.Kind == yaml.SequenceNode {
		return object, false, applyOperations(object, patch)
	}
	if _, ok := c.sections["target"]; ok {
		if err := targetPatch(patch); err != nil {
			return object, false, err
		}
	}
	deleted, err = mergePatch(object, patch)
	return object, deleted, err
}

func parsed(tb testing.TB, text string) *yaml.Node {
	tb.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		tb.Fatal(err)
	}
	return doc.Content[0]
}

// decoded is what JSON has of a node, with annotations as the end of a build
// makes them: text, or not there at all (Resource.SetOrigin).
func decoded(t *testing.T, n *yaml.Node) (v any) {
	t.Helper()
	n = clone(n, nil)
	if annotations := get(n, "metadata", "annotations"); annotations != nil {
		pairs(annotations, func(_, value *yaml.Node) { value.Tag = "!!str" })
		if len(annotations.Content) == 0 {
			removeKey(entry(n, "metadata"), "annotations")
		}
	}
	var raw any
	if err := n.Decode(&raw); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func written(n *yaml.Node) string {
	text, err := yaml.Marshal(n)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestGraftedNodesAreThePatchsOwn(t *testing.T) {
	for _, c := range patchCases(t) {
		t.Run(c.name, func(t *testing.T) {
			object, patch := clone(parsed(t, c.sections["object.yaml"]), nil), clone(parsed(t, c.sections["patch.yaml"]), nil)
			own := scalarsOf(object, patch)
			if patch.Kind == yaml.SequenceNode {
				if applyOperations(object, patch) != nil {
					return
				}
			} else if _, err := mergePatch(object, patch); err != nil {
				return
			}
			for _, n := range strangers(object, own) {
				t.Errorf("line %d: %q is neither of the object nor of the patch", n.Line, n.Value)
			}
		})
	}
}

func scalarsOf(roots ...*yaml.Node) map[*yaml.Node]bool {
	all := map[*yaml.Node]bool{}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			all[n] = true
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	for _, n := range roots {
		walk(n)
	}
	return all
}

// strangers are the values that stand in no text, but for nulls.
func strangers(n *yaml.Node, own map[*yaml.Node]bool) (all []*yaml.Node) {
	if n.Kind == yaml.ScalarNode && !own[n] && !isNull(n) {
		return []*yaml.Node{n}
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			all = append(all, strangers(c, own)...)
		}
	}
	return all
}

func TestCloneNotesOriginals(t *testing.T) {
	n := parsed(t, "a: &x {b: c}\nd: *x\ne: {<<: *x, f: g}\n")
	from := map[*yaml.Node]*yaml.Node{}
	made := clone(n, func(copy, original *yaml.Node) { from[copy] = original })
	original := get(n, "a", "b")
	for _, keys := range [][]string{{"a", "b"}, {"d", "b"}, {"e", "b"}} {
		copied := get(made, keys...)
		if copied == nil || copied == original || from[copied] != original {
			t.Errorf("%v: %v comes from %v", keys, copied, from[copied])
		}
	}
}

func TestCloneEnds(t *testing.T) {
	bomb := "a0: &a0 [x, x]\n"
	for _, i := range "123456789" {
		before := string(i - 1)
		bomb += "a" + string(i) + ": &a" + string(i) + " [" + strings.Repeat("*a"+before+", ", 9) + "*a" + before + "]\n"
	}
	for _, text := range []string{bomb, "a: &a [*a]\n", "a: &a {<<: *a}\n", "a: &a {b: *a}\n", "<<: x\n", "a: &a [b]\n<<: *a\n"} {
		if clone(parsed(t, text), nil) != nil {
			t.Errorf("copied %.40q", text)
		}
	}
}

// parsedPair reads an object and a patch; nil when they are none.
func parsedPair(object, patch []byte) (o, p *yaml.Node) {
	var docs [2]yaml.Node
	for i, text := range [][]byte{object, patch} {
		if len(text) > 10_000 || yaml.Unmarshal(text, &docs[i]) != nil || len(docs[i].Content) == 0 {
			return nil, nil
		}
	}
	return clone(docs[0].Content[0], nil), clone(docs[1].Content[0], nil)
}

func addCases(f *testing.F) {
	for _, c := range patchCases(f) {
		f.Add([]byte(c.sections["object.yaml"]), []byte(c.sections["patch.yaml"]))
	}
}

func FuzzApplyOperations(f *testing.F) {
	addCases(f)
	f.Fuzz(func(t *testing.T, object, patch []byte) {
		o, p := parsedPair(object, patch)
		if o == nil || p == nil {
			return
		}
		own, before := scalarsOf(o, p), shot(o)
		if applyOperations(o, p) != nil {
			if !reflect.DeepEqual(before, shot(o)) {
				t.Errorf("failed and changed the object to\n%s", written(o))
			}
		} else if s := strangers(o, own); len(s) > 0 {
			t.Errorf("%q is neither of the object nor of the patch", s[0].Value)
		}
	})
}

// shot is all nodes of a tree, each by its identity.
func shot(n *yaml.Node) []*yaml.Node {
	all := []*yaml.Node{n}
	for _, c := range n.Content {
		all = append(append(all, shot(c)...), nil)
	}
	return all
}

func FuzzMergePatch(f *testing.F) {
	addCases(f)
	f.Fuzz(func(t *testing.T, object, patch []byte) {
		o, p := parsedPair(object, patch)
		if o == nil || p == nil {
			return
		}
		own := scalarsOf(o, p)
		if _, err := mergePatch(o, p); err != nil {
			return
		}
		if s := strangers(o, own); len(s) > 0 {
			t.Errorf("%q is neither of the object nor of the patch", s[0].Value)
		}
	})
}
