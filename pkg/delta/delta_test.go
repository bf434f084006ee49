package delta

import (
	"strings"
	"testing"
)

func side(name, text string) *Side {
	return &Side{Name: name, Text: []byte(text), Size: int64(len(text)), Digest: "md5 abc"}
}

func TestNew(t *testing.T) {
	large := &Side{Name: "f", Size: MaxText + 1, Digest: "md5 def"}
	for name, c := range map[string]struct {
		was, is *Side
		secret  string
		want    Change
	}{
		"modified": {side("f", "a: 1\nb: 2\n"), side("f", "a: 1\nb: 3\n"), "",
			Change{File: "f", Status: Modified, Added: 1, Removed: 1, Keys: 1, Diff: "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n"}},
		"renamed": {side("e", "a: 1\n"), side("f", "a: 2\n"), "",
			Change{File: "f", Was: "e", Status: Renamed, Added: 1, Removed: 1, Keys: 1, Diff: "--- a/e\n+++ b/f\n@@ -1,1 +1,1 @@\n-a: 1\n+a: 2\n"}},
		"renamed, equal": {side("e", "a: 1\n"), side("f", "a: 1\n"), "", Change{File: "f", Was: "e", Status: Renamed}},
		"added": {nil, side("f", "a: 1\nb: 2\n"), "",
			Change{File: "f", Status: Added, Added: 2, Keys: 2, Diff: "--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+a: 1\n+b: 2\n"}},
		"deleted": {side("f", "a: 1\n"), nil, "",
			Change{File: "f", Status: Deleted, Removed: 1, Keys: 1, Diff: "--- a/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a: 1\n"}},
		"secret":    {side("f", "a: 1\n"), side("f", "a: 2\n"), "a Secret", Change{File: "f", Status: Modified, Added: 1, Removed: 1, Keys: 1, Secret: "a Secret"}},
		"binary":    {side("f", "a: 1\n"), side("f", "a\x00"), "", Change{File: "f", Status: Modified, Note: "binary: 5 bytes, md5 abc -> 2 bytes, md5 abc"}},
		"binary, a": {nil, side("f", "a\x00"), "", Change{File: "f", Status: Added, Note: "binary: 2 bytes, md5 abc"}},
		"too large": {side("f", "a: 1\n"), large, "", Change{File: "f", Status: Modified, Note: "too large for a diff: 5 bytes, md5 abc -> " + size(large)}},
		"large, d":  {large, nil, "", Change{File: "f", Status: Deleted, Note: "too large for a diff: " + size(large)}},
		"CRLF": {side("f", "a: 1\r\nb: 2\r\n"), side("f", "a: 1\nb: 2\r\n"), "",
			Change{File: "f", Status: Modified, Added: 1, Removed: 1, Diff: "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a: 1\r\n+a: 1\n b: 2\r\n"}},
		"no final newline": {side("f", "a: 1"), side("f", "a: 1\n"), "",
			Change{File: "f", Status: Modified, Added: 1, Removed: 1, Diff: "--- a/f\n+++ b/f\n@@ -1,1 +1,1 @@\n-a: 1\n\\ No newline at end of file\n+a: 1\n"}},
	} {
		if got := New(c.was, c.is, c.secret); got != c.want {
			t.Errorf("%s:\n%#v, expected\n%#v", name, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for name, want := range map[string]string{
		"a/b c.yaml": "a/b c.yaml",
		"ä":          `"\303\244"`,
		"a\"b":       `"a\"b"`,
		"a\\b":       `"a\\b"`,
		"a\tb\nc\rd": `"a\tb\nc\rd"`,
		"\a\b\v\f":   `"\a\b\v\f"`,
		"\x01\x7f":   `"\001\177"`,
		"\xff":       `"\377"`,
		"'$(x)":      "'$(x)",
		"":           "",
	} {
		if got := quote(name); got != want {
			t.Errorf("%q: %s, git has %s", name, got, want)
		}
	}
}

func TestPatch(t *testing.T) {
	for name, want := range map[string]string{
		"f":   "diff --git a/f b/f\n--- a/f\n+++ b/f\n",
		"a b": "diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n",
		"ä b": "diff --git \"a/\\303\\244 b\" \"b/\\303\\244 b\"\n--- \"a/\\303\\244 b\"\t\n+++ \"b/\\303\\244 b\"\t\n",
	} {
		if got := Patch(name, []byte("a\n"), []byte("b\n")); got != want+"@@ -1,1 +1,1 @@\n-a\n+b\n" {
			t.Errorf("%q:\n%s", name, got)
		}
	}
	if got := Patch("f", []byte("a\n"), []byte("a\n")); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestSecretBeside(t *testing.T) {
	const (
		plain   = "kind: ConfigMap\nmetadata:\n  annotations:\n    sum: a\n  name: c\n  x: 1\n  y: 2\n  z: 3\n"
		private = "kind: Secret\nmetadata:\n  annotations:\n    sum: a\ndata:\n  p: Q0FOQVJZ\n"
	)
	for name, c := range map[string]struct {
		text string
		edit int // the line
		want int
	}{
		"nothing secret":  {plain, 4, 0},
		"in a Secret":     {private, 4, 1},
		"far before it":   {plain + "---\n" + private, 4, 0},
		"right before it": {plain + "---\n" + private, 7, 9},
		"far behind it":   {private + "---\n" + plain, 11, 0},
		"behind it":       {private + "---\n" + plain, 9, 6},
		"of all":          {plain + "sops: {mac: a}\n", 4, 1},
		"a certificate":   {"kind: Secret\ndata: \"\n-----BEGIN X\nCANARY\n-----END\"\nsum: a\n", 6, 3},
	} {
		lines := strings.Split(c.text, "\n")
		lines[c.edit-1] += "b"
		patch := Patch("f", []byte(c.text), []byte(strings.Join(lines, "\n")))
		if got := SecretBeside(patch, []byte(c.text)); got != c.want {
			t.Errorf("%s: line %d, expected %d of\n%s", name, got, c.want, patch)
		}
	}
}
