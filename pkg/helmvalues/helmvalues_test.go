package helmvalues

import (
	"encoding/json"
	"testing"
)

// TestWhoWins shows as values what the goldens of the same shapes hold as digests.
func TestWhoWins(t *testing.T) {
	set := func(path, text string) Part { return Part{TargetPath: path, Text: []byte(text)} }
	file := func(text string) Part { return Part{Text: []byte(text)} }
	for _, c := range []struct {
		name, spec string
		parts      []Part
		want       string
	}{
		{"spec over a file", `{"a":"own"}`, []Part{file("a: new")}, `{"a":"own"}`},
		{"spec over a targetPath", `{"a":"own"}`, []Part{set("a", "new")}, `{"a":"own"}`},
		{"a targetPath into a map of spec", `{"a":{"b":"own"}}`, []Part{set("a.b", "new")}, `{"a":{"b":"new"}}`},
		{"the same where a file has the map too", `{"a":{"b":"own"}}`, []Part{file("a: {x: 1}"), set("a.b", "new")}, `{"a":{"b":"own","x":1}}`},
		{"a second targetPath into a map of spec", `{"a":{"b":"own","c":"own"}}`, []Part{set("a.b", "new"), set("a.c", "new")}, `{"a":{"b":"new","c":"own"}}`},
		{"a targetPath into a list of spec", `{"a":["own","own"]}`, []Part{file("x: 1"), set("a[1]", "new")}, `{"a":["own","new"],"x":1}`},
		{"one that makes the list longer", `{"a":["own"]}`, []Part{set("a[1]", "new")}, `{"a":["own"]}`},
		{"no name", ``, []Part{set("[0]", "new")}, `{}`},
		{"empty braces", ``, []Part{set("a", "{}")}, `{"a":[""]}`},
		{"one quote", ``, []Part{set("a", "'")}, `{"a":""}`},
		{"nothing", ``, nil, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			values, err := Merge(c.parts, []byte(c.spec))
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := json.Marshal(values); string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestNothingHasTheDigestOfNothing: in all its forms.
func TestNothingHasTheDigestOfNothing(t *testing.T) {
	const nothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, values := range []map[string]any{nil, {}} {
		if got, err := Digest(values); got != nothing || err != nil {
			t.Errorf("got %s, error %v", got, err)
		}
	}
}

// TestMergeLeavesTextsAlone: parts and spec may be used again.
func TestMergeLeavesTextsAlone(t *testing.T) {
	parts := []Part{{Text: []byte("a: {b: 1}")}, {Text: []byte("2"), TargetPath: "a.b"}}
	spec := []byte(`{"c":[1]}`)
	first := digestOf(t, parts, spec)
	if second := digestOf(t, parts, spec); first != second {
		t.Errorf("first %s, then %s", first, second)
	}
}
