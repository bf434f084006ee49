package yamledit

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v3"
)

// FuzzMarked: a marked scalar that is replaced reads back, the bytes around it
// stay, and what was YAML before, also inside of block scalars, still is.
func FuzzMarked(f *testing.F) {
	for _, text := range []string{
		"a: old # m\n", "a: \"old\" # {\"$fluxsum\": \"m\"}\r\nb: c\n", "KEY=old # m\n", "- SUM=old # m\n", "a: # m\n  b: c\n", "a: # m\n",
		"p: |\n  metadata:\n    annotations: # m\n      x: y\n", "p: |-\n  - op: add\n    value: 'old' # m\n", "a: &x old # m\nb: *x\n", "{{ if }}\nfi # m\nx: 00000000 # m\n", "{a: old, # m\n b: c}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		marks, err := FindMarks(text, []string{"m"})
		if err != nil {
			return
		}
		const value = "61230315635059227299115225839792" // reads as a number
		after, err := marks.Replace([]MarkEdit{{"m", value}})
		if err != nil {
			return
		}
		again, err := FindMarks(after, []string{"m"})
		if err != nil {
			t.Fatal(err)
		}
		found, err := again.Find("m")
		if err != nil || len(found) != 1 || found[0].Value != value || !found[0].IsString {
			t.Fatalf("%q reads back as %v, %v", after, found, err)
		}
		before, _ := marks.Find("m")
		tail := text[before[0].span.End:]
		if !bytes.HasPrefix(after, text[:before[0].span.Start]) || !bytes.HasSuffix(after, tail) {
			t.Fatalf("more than the value changed:\n%q\n%q", text, after)
		}
		if texts(after) < texts(text) {
			t.Fatalf("no longer YAML:\n%q\n%q", text, after)
		}
	})
}

// texts counts the texts in a file that are YAML: the file, and block scalars.
func texts(text []byte) int {
	file, err := Parse(text)
	if err != nil || isFreeText(file.Docs()) {
		return 0
	}
	count := 1
	for _, doc := range file.Docs() {
		count += textsBelow(doc)
	}
	return count
}

func textsBelow(n *yaml.Node) int {
	count := 0
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		count += texts([]byte(n.Value))
	}
	for _, c := range n.Content {
		count += textsBelow(c)
	}
	return count
}
