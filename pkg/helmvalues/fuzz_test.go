package helmvalues

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"
)

// FuzzMerge: nothing panics, the same texts give the same digest, a comment and the order of keys do not count, and
// every error is a *PartError.
func FuzzMerge(f *testing.F) {
	for _, path := range goldenPaths(f) {
		seed(f, path)
	}
	f.Fuzz(func(t *testing.T, file, value []byte, path string, literal bool, spec []byte) {
		parts := []Part{{Text: file}, {Text: value, TargetPath: path, Literal: literal}}
		want := fuzzed(t, parts, spec)
		if got := fuzzed(t, parts, spec); got != want {
			t.Fatalf("first %s, then %s", want, got)
		}
		parts[0].Text = commented(file)
		if got := fuzzed(t, parts, spec); got != want {
			t.Fatalf("%s, but %s behind a comment", want, got)
		}
		parts[0].Text = sorted(file)
		if got := fuzzed(t, parts, spec); got != want && got != "" {
			t.Fatalf("%s, but %s with sorted keys", want, got)
		}
	})
}

// seed adds the first part of a golden that has no targetPath and the first that has one.
func seed(f *testing.F, path string) {
	parts, spec, _ := golden(f, path)
	var file, value Part
	for _, part := range parts {
		if part.TargetPath == "" && file.Text == nil {
			file = part
		} else if part.TargetPath != "" && value.Text == nil {
			value = part
		}
	}
	f.Add(file.Text, value.Text, value.TargetPath, value.Literal, spec)
}

// fuzzed returns the digest, empty when there is none.
func fuzzed(t *testing.T, parts []Part, spec []byte) string {
	t.Helper()
	values, err := Merge(parts, spec)
	if err != nil {
		if part := new(PartError); !errors.As(err, &part) {
			t.Fatalf("no *PartError: %v", err)
		}
		return ""
	}
	digest, err := Digest(values)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// commented puts a comment in front, where that leaves the encoding alone: a byte order mark stands first.
func commented(text []byte) []byte {
	if !utf8.Valid(text) || bytes.HasPrefix(text, []byte("\ufeff")) {
		return text
	}
	return append([]byte("# comment\n"), text...)
}

// sorted writes a text as JSON, whose keys Go sorts. Beyond ASCII not all JSON is YAML: a next line (U+0085) becomes
// a blank.
func sorted(text []byte) []byte {
	values, err := readValues(text)
	if err != nil {
		return text
	}
	object, err := json.Marshal(values)
	if err != nil || bytes.ContainsFunc(object, func(r rune) bool { return r > '~' }) {
		return text
	}
	return object
}
