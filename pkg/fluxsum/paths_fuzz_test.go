package fluxsum

import (
	"reflect"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
)

// FuzzPaths: a field path, a pointer and a glob that are written for some keys or a
// name read back as these; a glob means what doublestar says; and two paths of the
// config that stand for one file are told to overlap.
func FuzzPaths(f *testing.F) {
	for _, name := range []string{"a", "a.b", `a\.b`, "[a]", "[name=x]", "~1", "a/b", "*", "a[b", "{a,b}/c", "**/a", "a/**/**/b", `\*`, "é\xff", "", ".", "a/", "{", "[!a]", "**"} {
		f.Add(name, "b.[c=d.e].f", name, "a/**/b")
		f.Add("x", name, "a/x/b", name)
	}
	f.Fuzz(func(t *testing.T, key, path, pattern, name string) {
		checkPath(t, key, path)
		checkPointer(t, key, name)
		checkGlob(t, pattern, name)
	})
}

// checkPath writes keys as a path.
func checkPath(t *testing.T, key, path string) {
	t.Helper()
	if segments, message := parsePath(path); message == "" && len(segments) == 0 {
		t.Fatalf("%q is taken, and leads nowhere", path)
	}
	if key == "" || strings.ContainsAny(key, `\[]`) || key[0] == '/' || key == "*" {
		return // these cannot be written plainly
	}
	escaped := strings.ReplaceAll(key, ".", `\.`)
	want := []segment{{key: key}, {key: "x"}, {key: key, field: "name"}}
	if got, message := parsePath(escaped + ".x.[name=" + key + "]"); message != "" || !reflect.DeepEqual(got, want) {
		t.Fatalf("%q is read as %v, expected %v: %s", key, got, want, message)
	}
}

func checkPointer(t *testing.T, keys ...string) {
	t.Helper()
	if got, ok := pointerKeys(pointer(keys)); !ok || !reflect.DeepEqual(got, keys) {
		t.Fatalf("%q is written %s and read as %q", keys, pointer(keys), got)
	}
}

func checkGlob(t *testing.T, pattern, name string) {
	t.Helper()
	if !matches(escaped.Replace(name), name) {
		t.Fatalf("%s, escaped, does not stand for %q", escaped.Replace(name), name)
	}
	if len(pattern) > 40 || !validGlob(pattern) || alternatives(pattern) > maxAlternatives {
		return
	}
	want := doublestar.MatchUnvalidated(pattern, name)
	if got := matches(pattern, name); isGlob(pattern) && got != want {
		t.Fatalf("%q stands for %q: %v, expected %v", pattern, name, got, want)
	}
	if other := escaped.Replace(name); matches(pattern, name) && (!overlap(pattern, other) || !overlap(other, pattern)) {
		t.Fatalf("%q and %q do not overlap", pattern, other)
	}
	if overlap(pattern, name) != overlap(name, pattern) {
		t.Fatalf("%q and %q overlap one way", pattern, name)
	}
}
