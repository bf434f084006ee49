package fluxsum

import (
	"fmt"
	"strings"
)

// segment is a step of a kustomize field path: a key (or the number of a list
// entry), or the entry of a list whose field has a value.
type segment struct {
	key   string
	field string // of [field=key]
}

// defaultPath is DefaultPath, read.
var defaultPath = []segment{{key: "metadata"}, {key: "annotations"}}

// parsePath reads a kustomize field path as in replacements: a.b.[name=x].c,
// with \. for a dot in a key, and with [a.b/c] for a key as it stands. The
// message says what is wrong, "" when nothing is.
// Source: sigs.k8s.io/kustomize/kyaml/utils SmarterPathSplitter.
func parsePath(path string) (segments []segment, message string) {
	if path == "" {
		return defaultPath, ""
	}
	if strings.Count(path, "[") != strings.Count(path, "]") {
		return nil, fmt.Sprintf("path %q has a bracket without its other half", path)
	}
	if path[0] == '/' {
		return nil, fmt.Sprintf("path %q begins with a slash, expected dots: %s", path, strings.ReplaceAll(path[1:], "/", "."))
	}
	for _, part := range splitPath(path) {
		switch inner, bracketed := bracket(part); {
		case part == "" || part == "[]":
			return nil, fmt.Sprintf("path %q has an empty part", path)
		case part == "*":
			return nil, fmt.Sprintf("path %q holds *, expected one place", path)
		case bracketed && strings.Contains(inner, "="):
			field, value, _ := strings.Cut(inner, "=")
			segments = append(segments, segment{key: value, field: field})
		case bracketed:
			segments = append(segments, segment{key: inner})
		default:
			segments = append(segments, segment{key: part})
		}
	}
	return segments, ""
}

func bracket(part string) (inner string, ok bool) {
	if strings.HasPrefix(part, "[") && strings.HasSuffix(part, "]") {
		return part[1 : len(part)-1], true
	}
	return part, false
}

// splitPath splits at the dots that stand outside of brackets and behind no
// backslash.
func splitPath(path string) []string {
	var parts []string
	var part strings.Builder
	brackets := 0
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\' && i+1 < len(path) && path[i+1] == '.':
			i++
			part.WriteByte('.')
		case c == '.' && brackets == 0:
			parts = append(parts, part.String())
			part.Reset()
		default:
			brackets += strings.Count("[", string(c)) - strings.Count("]", string(c))
			part.WriteByte(c)
		}
	}
	return append(parts, part.String())
}

// standsInAnnotations says whether a path ends in a metadata.annotations map.
func standsInAnnotations(path []segment) bool {
	n := len(path)
	return n >= 2 && path[n-1] == segment{key: "annotations"} && path[n-2] == segment{key: "metadata"}
}

// plainKeys returns the keys of a path without list selectors; ok is false
// when it has one.
func plainKeys(path []segment) (keys []string, ok bool) {
	for _, s := range path {
		if s.field != "" {
			return nil, false
		}
		keys = append(keys, s.key)
	}
	return keys, true
}

var (
	pointerEscapes   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescapes = strings.NewReplacer("~1", "/", "~0", "~")
)

// pointer returns the JSON pointer (RFC 6901) of keys.
func pointer(keys []string) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString("/" + pointerEscapes.Replace(k))
	}
	return b.String()
}

// pointerKeys reads a JSON pointer; ok is false when it is none.
func pointerKeys(p string) (keys []string, ok bool) {
	if p == "" {
		return nil, true
	}
	if p[0] != '/' {
		return nil, false
	}
	for _, k := range strings.Split(p[1:], "/") {
		keys = append(keys, pointerUnescapes.Replace(k))
	}
	return keys, true
}
