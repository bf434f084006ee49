package repo

import (
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitattributes"
)

// The values of an attribute that is set or unset; "" is one that nothing says
// anything of.
const (
	set   = "\x00set"
	unset = "\x00unset"
)

// attributes are the lines of attribute files, the weakest first. go-git reads
// the lines and matches the patterns; which line wins is ours, since its own
// matcher lets no line take back another.
type attributes struct {
	lines  []gitattributes.MatchAttribute
	macros map[string][]gitattributes.Attribute
}

// add adds a line of a file in a folder, from the top. Lines that git would not
// understand say nothing.
func (a *attributes) add(line, folder string, macro bool) {
	if macro {
		line = "[attr]" + line
	}
	m, err := gitattributes.ParseAttributesLine(strings.TrimSuffix(line, "\r"), split(folder), true)
	switch {
	case err != nil || m.Name == "" && m.Pattern == nil:
	case m.Pattern == nil:
		if a.macros == nil {
			a.macros = map[string][]gitattributes.Attribute{}
		}
		a.macros[m.Name] = m.Attributes
	default:
		a.lines = append(a.lines, m)
	}
}

// of returns the attributes of a file, from the top: the last line wins.
func (a *attributes) of(name string) map[string]string {
	found := map[string]string{}
	for _, line := range a.lines {
		if line.Pattern.Match(split(path.Clean(name))) {
			a.apply(found, line.Attributes, map[string]bool{})
		}
	}
	return found
}

// apply sets attributes, and what those stand for that are macros, each of those once:
// one may stand for itself.
func (a *attributes) apply(found map[string]string, all []gitattributes.Attribute, done map[string]bool) {
	for _, attribute := range all {
		switch {
		case attribute.IsUnset():
			found[attribute.Name()] = unset
		case attribute.IsUnspecified():
			delete(found, attribute.Name())
		case attribute.IsValueSet():
			found[attribute.Name()] = attribute.Value()
		default:
			name := attribute.Name()
			if found[name] = set; !done[name] {
				done[name] = true
				a.apply(found, a.macros[name], done)
			}
		}
	}
}
