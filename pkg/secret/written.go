package secret

import (
	"regexp"
	"strings"
	"sync"
)

// written says whether a text that may be no YAML, such as a template or a
// script, looks like what a document is searched for.
func (s search) written(text string) string {
	switch {
	case generator().MatchString(text):
		return generated
	case strings.Contains(text, "stringData") && stringData().MatchString(text):
		return aSecret
	case strings.Contains(text, "kind") && manifest().MatchString(text) && data().MatchString(text):
		return aSecret
	case strings.Contains(text, "op") && operation().MatchString(text) && s.pointers().MatchString(text):
		return aSecret
	}
	return ""
}

// pointers is how an operation names what it writes into a Secret.
func (s search) pointers() *regexp.Regexp {
	if s.aim == atOther {
		return pathStringData()
	}
	return pathData()
}

// start is that of a word, also behind an escaped end of line.
const start = `(?:\b|\\[nrt])`

// The patterns take quotes with and without backslashes, tags, anchors, and
// whatever a template has between the braces.
var (
	generator      = pattern(`(?i)secretGenerator`)
	stringData     = pattern(start + `stringData\W{0,4}:`)
	manifest       = pattern(start + `kind(?:[^\n]*|\W+)\bSecret(?:List|Generator)?\b|` + start + `kind\W{0,4}:\W*(?:\{\{|\$\{)`)
	data           = pattern(start + `(?:data|literals)\W{0,4}:`)
	operation      = pattern(start + `op\W+(?:add|replace|test)\b`)
	pathData       = pattern(start + `path\W+(?:data|stringData)\b`)
	pathStringData = pattern(start + `path\W+stringData\b`)
	template       = pattern(`\{\{|\$\{`)
)

func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
