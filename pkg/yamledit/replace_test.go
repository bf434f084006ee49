package yamledit

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// newValues: a word, a number that must be quoted, and text that needs quotes.
var newValues = []string{"0f1e2d3c4b5a69788796a5b4c3d2e1f0", "12345678", "12e34567", "it's: #\"x\" é", ""}

// scalars calls visit for every scalar of f and of the texts inside its
// scalars, aliases and keys left out.
func scalars(f *File, visit func(*File, *yaml.Node)) {
	for _, doc := range f.Docs() {
		scalarsOf(f, doc, visit)
	}
}

func scalarsOf(f *File, n *yaml.Node, visit func(*File, *yaml.Node)) {
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			scalarsOf(f, c, visit)
		}
	}
	if n.Kind != yaml.ScalarNode {
		return
	}
	visit(f, n)
	if inner, err := f.Inner(n); err == nil && len(inner.Docs()) > 0 && inner.Docs()[0].Kind != yaml.ScalarNode {
		scalars(inner, visit)
	}
}

// replaceAll replaces every scalar of text on its own and checks that exactly
// its span changed. It returns how many were replaced, and the refusals.
func replaceAll(t *testing.T, text []byte, value string) (replaced int, refused []error) {
	t.Helper()
	file, err := Parse(text)
	if err != nil {
		return 0, nil
	}
	scalars(file, func(f *File, n *yaml.Node) {
		edits := NewEdits(file)
		err := edits.Replace(f, n, value)
		var got []byte
		if err == nil {
			got, err = edits.Bytes()
		}
		if err != nil {
			refused = append(refused, err)
			return
		}
		replaced++
		checkReplaced(t, f, n, text, got, value)
	})
	return replaced, refused
}

// checkReplaced finds the span by its own way (from the ends of the text, not
// from the editor) and reads the value back.
func checkReplaced(t *testing.T, f *File, n *yaml.Node, before, after []byte, value string) {
	t.Helper()
	span, _ := f.Span(n)
	for l := f; l.layer != nil; l = l.layer.outer {
		span, _ = l.layer.lift(span)
	}
	tail := len(before) - span.End
	if len(after) < span.Start+tail || !bytes.Equal(before[:span.Start], after[:span.Start]) || !bytes.Equal(before[span.End:], after[len(after)-tail:]) {
		t.Fatalf("bytes outside of %v changed:\n%q\n%q", span, before, after)
	}
	again, err := Parse(after)
	if err != nil {
		t.Fatalf("does not parse: %v\n%q", err, after)
	}
	found := false
	scalars(again, func(_ *File, m *yaml.Node) { found = found || m.Value == value && IsString(m) })
	if !found {
		t.Fatalf("%q does not read back from\n%q", value, after)
	}
}

// yamlFiles returns the YAML and JSON files of the example trees, which stand in
// folders of testdata; beside them are schemas, too large to try each scalar.
func yamlFiles(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(path) == filepath.Clean("../../testdata") {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
			files[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestReplaceEveryScalarOfTheExamples: each scalar that stands on one line can
// be replaced, and exactly its bytes change.
func TestReplaceEveryScalarOfTheExamples(t *testing.T) {
	for path, text := range yamlFiles(t, "../../testdata") {
		for _, value := range newValues {
			replaced, refused := replaceAll(t, text, value)
			for _, err := range refused {
				if !strings.Contains(err.Error(), "block scalar") && !strings.Contains(err.Error(), "more than one line") {
					t.Errorf("%s: %v", path, err)
				}
			}
			if _, err := Parse(text); err == nil && replaced == 0 {
				t.Errorf("%s: nothing was replaced", path)
			}
		}
	}
}

func FuzzReplace(f *testing.F) {
	for _, text := range yamlFiles(f, "../../testdata") {
		f.Add(text, "abc")
	}
	for _, text := range oddTexts {
		f.Add([]byte(text), "12345678")
	}
	f.Fuzz(func(t *testing.T, text []byte, value string) {
		if len(text) > 4096 {
			return
		}
		replaceAll(t, text, value)
	})
}

// oddTexts: what is easily got wrong.
var oddTexts = []string{
	"a: 'x''y'\r\nb: \"c\\\"d\\u00e9\" # e\r\n",
	"\ufeffa: b\n",
	"a: b\rc: d\r",
	"a: b\u0085c: d\u2028e: f\n",
	"é: ü # ö\nß: {ä: ö, \"ü\": 'ï'}\n",
	"a: |+\n  b: c\n\n  d: e\n\nf: g\n",
	"a: |2\n    b: c\n  d\ne: f\n",
	"a: >-\n  {\"b\": \"c\",\n  \"d\": \"e\"}\n",
	"a: '[{\"b\": \"c''d\"}]'\nb: \"{\\\"c\\\": \\\"d\\\"}\"\n",
	"a: |\n  b: |\n    c: '{\"d\": \"e\"}'\n",
	"a: &x b\nc: *x\nd: &y e\n",
	"a: !!str 1\nb: !!int \"2\"\nc: ! d\n",
	"a:\nb: ~\nc: null\nd: {e: , f}\n- g\n",
	"---\na: b\n---\n\n...\n---\nc: d",
	"{\"a\": {\"b\": [1, \"c\", null]},\n\t\"d\": \"e\"}\n",
	"? a\n: b\n? [c]\n: d\n",
	"a: b c\n  d\ne: \"f\n  g\"\n",
	"- - a\n  - b: c\n-\td\n",
	"%YAML 1.1\n---\na: b # c\n#d\n",
}
