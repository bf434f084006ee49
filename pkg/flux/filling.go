package flux

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/fluxcd/pkg/envsubst"
)

// filling is what postBuild of a Kustomization has for variables.
type filling struct {
	values map[string]string
	// whole says that nothing else has: all that substituteFrom names is in the
	// tree, and none of it is encrypted or filled in itself.
	whole  bool
	always bool            // it looks for variables though it has no value
	secret map[string]bool // what stands in a Secret

	// seen is all that the tree has for variables, also what is encrypted, or may not
	// be what counts; sure says that it is what counts, and all of it.
	seen   map[string]string
	hidden map[string]bool // what is encrypted of it
	sure   bool
	from   map[string][]string // the files that hold it, beside the Kustomization's own
	names  []string            // its strategy, and what substituteFrom names, in its order

	longest int // length of a value, 0 while it is not counted
}

// idle says whether nothing is filled in.
func (f *filling) idle() bool { return f.whole && !f.always && len(f.values) == 0 }

// works says whether anything is filled in, for certain.
func (f *filling) works() bool {
	return f.always || len(f.values) > 0 || f.sure && len(f.seen) > 0
}

// eval fills in a text; why says what keeps that from being known. It names no variable:
// what looks like one may stand in a Secret. A variable without a value stops a
// kustomize-controller of Flux 2.9, and is empty for older ones.
// Source: StrictPostBuildSubstitutions in kustomize-controller's internal/features.
func (f *filling) eval(text string) (filled, why string) {
	switch {
	case !f.whole && !f.works():
		return "", notKnownHere
	case f.tooMuch(text):
		return "", ", of which it may make too much"
	}
	unknown, unset := false, false
	filled, ok := substituted(text, func(name string) (string, bool) {
		value, ok := f.values[name]
		unset = unset || !ok
		unknown = unset && !f.whole
		return value, ok
	})
	switch {
	case unknown:
		return "", notKnownHere
	case !ok && unset:
		return "", ", and has no value for a variable of it"
	case !ok:
		return "", ", which is no template for it"
	}
	return filled, ""
}

const notKnownHere = ", with what is not known here"

// substituted is a text with its variables filled in by Flux's own code; ok is false
// where that refuses it, or breaks on it, as on the end of ${a:1:9223372036854775807}.
func substituted(text string, value func(string) (string, bool)) (filled string, ok bool) {
	defer func() { ok = recover() == nil && ok }()
	filled, err := envsubst.Eval(text, value)
	return filled, err == nil
}

// tooMuch says whether filling in might take too long, or make too much.
func (f *filling) tooMuch(text string) bool {
	longest := f.longestValue()
	places := strings.Count(text, "${")
	escapes := strings.Count(text, "$$") + strings.Count(text, `\`)
	if len(text) > maxTemplate || places > maxVariables || longest > maxVariable || places*longest > maxFilled || escapes*len(text) > maxFilled {
		return true
	}
	if places == len(plainVariable().FindAllStringIndex(text, -1)) {
		return false
	}
	return len(text) > maxOperators || longest > maxOperand || strings.Contains(text, `\`) || nested().MatchString(text)
}

// longestValue is the length of the longest one in bytes, counted once for all texts.
func (f *filling) longestValue() int {
	if f.longest == 0 {
		for _, value := range f.values {
			f.longest = max(f.longest, len(value))
		}
	}
	return f.longest
}

// plainVariable is one without an operator, or with one that has a default: all others
// may look at a value again and again. nested is one within another.
var (
	plainVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{[\pL\pN_]+(?:\}|:?[-=+?])`) })
	nested        = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{[^}]*\$\{`) })
)

// tells says whether a variable of a text may be one that stands in a Secret.
func (f *filling) tells(text string) bool {
	return slices.ContainsFunc(wordsIn(text), func(word string) bool { return f.secret[word] })
}

// wordsIn are those of a text that may be names of variables.
func wordsIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// refused says whether there is a name that kustomize-controller takes for none of a
// variable: then it fills in nothing, and applies nothing.
func (f *filling) refused() bool {
	for name := range f.values {
		if !variableName().MatchString(name) {
			return true
		}
	}
	return false
}

var variableName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[_[:alpha:]][_[:alpha:][:digit:]]*$`) })
