package helmvalues

import (
	"errors"
	"strings"
	"testing"
)

// secret stands in every text that cannot be merged, and must not stand in the error.
const secret = "hunter2"

// faults of a part without a targetPath, or of spec.values: each text with a piece of its message.
var faults = []struct{ name, text, message string }{
	{"no YAML", "a: " + secret + "\nb: [1\n", "line 2: cannot be parsed as YAML"},
	{"no YAML on its first line", "a: b: " + secret, "cannot be parsed as YAML"},
	{"unknown alias", "a: *" + secret, "cannot be parsed as YAML"},
	{"bad tag", "a: !!int " + secret, "cannot be parsed as YAML"},
	{"control character", "a: " + secret + "\x01", "cannot be parsed as YAML"},
	{"no UTF-8", "a: " + secret + "\xff", "cannot be parsed as YAML"},
	{"list", "- " + secret, "holds no YAML map"},
	{"text", secret, "holds no YAML map"},
	{"null key", "~: " + secret, "holds what JSON cannot write"},
	{"not a number", "a: .nan\nb: " + secret, "holds what JSON cannot write"},
	{"too deep", strings.Repeat("{"+secret+": ", 9000) + strings.Repeat("}", 9000), "grows beyond 64 MiB"},
	{"equal keys", "1: " + secret + "\n\"1\": b\n", "two keys of one map are the same text"},
	{"equal keys below", "a: [{true: " + secret + ", \"true\": {b: c}}]", "two keys of one map are the same text"},
	{"anchor in itself", "a: &" + secret + " [*" + secret + "]", "cannot be parsed as YAML"},
	{"many aliases", bomb(), "cannot be parsed as YAML"},
	{"long aliases", "a: &a " + strings.Repeat(secret, 100_000) + "\nb: [" + strings.Repeat("*a,", 1000) + "]", "grows beyond 64 MiB"},
	{"too long", strings.Repeat("#", maxText) + secret, "holds more than 8 MiB"},
}

// bomb doubles itself sixty times.
func bomb() string {
	text := "a0: &a0 [" + secret + "]\n"
	for i := range 60 {
		was, is := string(rune('A'+i)), string(rune('A'+i+1))
		if i == 0 {
			was = "a0"
		}
		text += "k" + is + ": &" + is + " [*" + was + ", *" + was + "]\n"
	}
	return text
}

func TestFaultsOfParts(t *testing.T) {
	for _, c := range faults {
		t.Run(c.name, func(t *testing.T) {
			_, err := Merge([]Part{{Text: []byte("a: 1")}, {Text: []byte(c.text)}}, nil)
			checkError(t, err, 1, c.message)
		})
	}
}

func TestFaultsOfSpec(t *testing.T) {
	for _, c := range faults {
		t.Run(c.name, func(t *testing.T) {
			_, err := Merge(nil, []byte(c.text))
			checkError(t, err, -1, c.message)
		})
	}
}

func TestFaultsOfPaths(t *testing.T) {
	for _, c := range []struct{ name, path, text, message string }{
		{"through text", "a.b", "x", "the targetPath a.b cannot be set"},
		{"index on a map", "m[0]", "x", "the targetPath m[0] cannot be set"},
		{"index on text in a list", "l[0][0]", "x", "the targetPath l[0][0] cannot be set"},
		{"no end", "b.", "x", "the targetPath b. cannot be set"},
		{"backslash at the end", `b\`, "x", `the targetPath b\ cannot be set`},
		{"too many levels", strings.Repeat("b.", 31) + "c", "x", "cannot be set"},
		{"index too large", "b[65537]", "x", "an index beyond 65536"},
		{"comma in the value", "b", secret + ",c", "a comma, brace or backslash in the value"},
		{"open brace in the value", "b", "{" + secret, "a comma, brace or backslash in the value"},
		{"open bracket", "a.b[", "x", `the targetPath "a.b[" is not of the form`},
		{"negative index", "a[-1]", "x", "is not of the form"},
		{"line break", "a\nb", "x", `the targetPath "a\nb" is not of the form`},
		{"long path", strings.Repeat("a", 251), "x", "more than 250 characters"},
		{"many brackets", "b", secret + strings.Repeat(",c[65536]=x", 101), "more than 100 brackets"},
		{"many lists", "b", "x,c" + strings.Repeat("[65536]", 99) + "=", "grows beyond 64 MiB"},
		{"long value", "b", strings.Repeat("x", maxText+1), "holds more than 8 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			part := Part{Text: []byte(c.text), TargetPath: c.path}
			_, err := Merge([]Part{part}, []byte("a: text\nm: {a: 1}\nl: [text]"))
			checkError(t, err, 0, c.message)
		})
	}
}

func checkError(t *testing.T, err error, index int, message string) {
	t.Helper()
	var part *PartError
	if !errors.As(err, &part) {
		t.Fatalf("got error %v, want a *PartError", err)
	}
	if part.Index != index || !strings.Contains(part.Message, message) {
		t.Errorf("got %d, %s, want %d and %q", part.Index, part.Message, index, message)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("quotes the text: %v", err)
	}
}

func TestErrorSaysWhere(t *testing.T) {
	if got := (&PartError{Index: 2, Message: "m"}).Error(); got != "valuesFrom[2]: m" {
		t.Error(got)
	}
	if got := (&PartError{Index: -1, Message: "m"}).Error(); got != "spec.values: m" {
		t.Error(got)
	}
}
