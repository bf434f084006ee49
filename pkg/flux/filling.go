package flux

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/fluxcd/pkg/envsubst"
	"go.yaml.in/yaml/v3"
)

// filling is what postBuild of a Kustomization has for variables.
type filling struct {
	values map[string]string
	// whole says that nothing else has: all that substituteFrom names is in the
	// tree, and none of it is encrypted or filled in itself.
	whole  bool
	always bool            // it looks for variables though it has no value
	secret map[string]bool // what stands in a Secret

	longest int // length of a value, 0 while it is not counted
}

// idle says whether nothing is filled in.
func (f *filling) idle() bool { return f.whole && !f.always && len(f.values) == 0 }

// eval fills in a text; why says what keeps that from being known. It names no variable:
// what looks like one may stand in a Secret. A variable without a value stops a
// kustomize-controller of Flux 2.9, and is empty for older ones.
// Source: StrictPostBuildSubstitutions in kustomize-controller's internal/features.
func (f *filling) eval(text string) (filled, why string) {
	switch {
	case !f.whole && len(f.values) == 0:
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

func (g *Graph) fillingOf(k *Kustomization) *filling {
	f := g.fillings[k]
	if f == nil {
		f = g.readFilling(k)
		if g.fillings == nil {
			g.fillings = map[*Kustomization]*filling{}
		}
		g.fillings[k] = f
	}
	return f
}

// readFilling: of substituteFrom the last one counts, and substitute before all.
// Source: github.com/fluxcd/pkg/kustomize LoadVariables.
func (g *Graph) readFilling(k *Kustomization) *filling {
	f := &filling{values: map[string]string{}, secret: map[string]bool{}, whole: true}
	post := get(k.Node(), "spec", "postBuild")
	f.always = str(post, "substituteStrategy") == "Always"
	if k.otherwise || k.blind() || g.filledIn(k, post) {
		f.whole = false
		return f
	}
	for _, n := range items(post, "substituteFrom") {
		f.whole = g.gives(f, k, str(n, "kind"), str(n, "name")) && f.whole
	}
	if !f.whole {
		clear(f.values) // what is not known may stand in their place
	}
	own := some(get(post, "substitute"))
	for i := 0; i+1 < len(own.Content); i += 2 {
		f.set(own.Content[i].Value, resolved(own.Content[i+1]).Value, false)
	}
	if f.refused() {
		clear(f.values)
		f.whole = false
	}
	return f
}

// filledIn says whether something else may fill in postBuild itself.
func (g *Graph) filledIn(k *Kustomization, post *yaml.Node) bool {
	if post == nil || !bytes.Contains(scalars(post), []byte("$")) {
		return false
	}
	return k.Parent == nil || k.Parent.Kustomization == nil || g.substitutes(k.Parent, k.Object)
}

// gives takes over what a ConfigMap or Secret has; false where that is not all known.
func (g *Graph) gives(f *filling, k *Kustomization, kind, name string) bool {
	all := only(g.byName[objectKey{kind, name, effective(k.Namespace)}], func(o found) bool { return beside(o, k) })
	if len(all) != 1 || all[0].build.Blind(all[0].Object) != "" || get(all[0].Node(), "sops") != nil {
		return false
	}
	from := all[0]
	for _, e := range from.Entries {
		value, err := g.builder.Value(e)
		switch {
		case err != nil, Encrypted(value), e.Env && g.EncryptedFile(e.Source),
			bytes.Contains(value, []byte("$")) && g.substitutes(from.build, from.Object):
			return false
		case kind == "ConfigMap" && (e.Base64 || !utf8.Valid(value)):
			continue // of binaryData nothing is taken
		}
		f.set(e.Key, string(value), kind == "Secret")
	}
	return true
}

// set takes over a value, without its line breaks as kustomize-controller does.
func (f *filling) set(name, value string, secret bool) {
	f.values[name], f.secret[name] = strings.ReplaceAll(value, "\n", ""), secret
}

// tells says whether a variable of a text may be one that stands in a Secret.
func (f *filling) tells(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.ContainsFunc(words, func(word string) bool { return f.secret[word] })
}

// beside says whether an object is certain to be in the cluster of a Kustomization.
func beside(o found, k *Kustomization) bool {
	switch {
	case k.Parent == nil || k.Parent.Loose || o.build.Loose:
		return o.build.Loose && path.Dir(o.File) == path.Dir(k.File)
	case o.build == k.Parent:
		return true
	}
	return o.build.Kustomization != nil && top(o.build.Kustomization) == top(k)
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
