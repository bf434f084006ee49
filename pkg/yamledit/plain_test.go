package yamledit

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestPlainReadsTheExamples: the fast reader takes real files, not only those
// made for it.
func TestPlainReadsTheExamples(t *testing.T) {
	taken := 0
	for path, text := range yamlFiles(t, "../../testdata") {
		if root, ok := parsePlain(text); ok {
			taken++
			sameAsYAML(t, path, text, root)
		}
	}
	if taken < 10 {
		t.Errorf("the fast reader took %d of the example files, expected at least 10", taken)
	}
}

func FuzzPlain(f *testing.F) {
	for _, text := range yamlFiles(f, "../../testdata") {
		f.Add(text)
	}
	for _, text := range oddTexts {
		f.Add([]byte(text))
	}
	for _, text := range plainTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if root, ok := parsePlain(text); ok && checkEncoding(text) == nil {
			sameAsYAML(t, "input", text, root)
		}
	})
}

var plainTexts = []string{
	"a: b\nc:\n  d: e\n  f:\n  - g\n  - h: i\n    j: k\nl: m # n\n",
	"- a\n- b: c\n-\n  d: e\n- f\n",
	"a: \"b\" # c\nd: 'e'\nf: 1\ng: true\nh: 0f1e\ni: /x/y~1z\n",
	"# ä\na: b\n\n  # c\nd: e f # ü\n",
	"a:\n  - b\n   - c\n", "a: b\n c: d\n", "a:\nb: c\n", "a:\n- b\nc:\n- d\n", "- - a\n", "a: b: c\n", "a: 2001-01-01\n", "a: 0x1f\nb: 1e5\n", "a: b\n---\nc: d\n",
}

// sameAsYAML compares with what yaml/v3 reads, which must take the text too.
func sameAsYAML(t *testing.T, name string, text []byte, root *yaml.Node) {
	t.Helper()
	docs, err := parseAny(text)
	if err != nil || len(docs) != 1 {
		t.Fatalf("%s: yaml/v3 reads %d documents (%v):\n%q", name, len(docs), err, text)
	}
	compareNodes(t, name, text, root, docs[0])
}

func compareNodes(t *testing.T, name string, text []byte, got, want *yaml.Node) {
	t.Helper()
	if !sameHead(got, want) || got.Value != want.Value || got.Line != want.Line || got.Column != want.Column || len(got.Content) != len(want.Content) {
		t.Fatalf("%s:\n%q\ngot  %+v\nwant %+v", name, text, *got, *want)
	}
	for i := range got.Content {
		compareNodes(t, name, text, got.Content[i], want.Content[i])
	}
}

func BenchmarkParse(b *testing.B) {
	text := yamlFiles(b, "../../testdata/matrix-gitops")["../../testdata/matrix-gitops/.fluxsum.yaml"]
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, ok := parsePlain(text); !ok {
				b.Fatal("not taken")
			}
		}
	})
	b.Run("yaml.v3", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := parseAny(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
