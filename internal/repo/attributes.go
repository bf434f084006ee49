package repo

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// The values of an attribute that is set or unset; "" is one that nothing says
// anything of.
const (
	set   = "\x00set"
	unset = "\x00unset"
)

// attributes are the lines of attribute files, the weakest first (gitattributes(5)).
type attributes struct {
	lines  []attributeLine
	macros map[string][]attribute
	odd    []attributeLine // whose patterns only git matches
}

type attributeLine struct {
	folder, pattern string
	attributes      []attribute
}

type attribute struct{ name, value string }

// plainPattern is one that git and doublestar match alike.
var plainPattern = regexp.MustCompile(`^[A-Za-z0-9._/*?+@=,:~%-]+$`)

// blanks part the words of a line.
const blanks = " \t\r\n"

// add adds a line of a file in a folder, from the top; of a macro, its definition.
// Lines that git would not understand say nothing.
func (a *attributes) add(line, folder string, macro bool) {
	const macroMark, longest = "[attr]", 2048
	line = strings.TrimLeft(line, blanks)
	if line == "" || line[0] == '#' || len(line) >= longest {
		return
	}
	// With a blank behind it the mark is a pattern, of three letters.
	if rest, ok := strings.CutPrefix(line, macroMark); ok && rest != "" && !strings.Contains(blanks, rest[:1]) {
		line, macro = rest, true
		if folder != "." {
			return // only files for the whole repository have macros
		}
	}
	name, rest := line, ""
	if end := strings.IndexAny(line, blanks); end >= 0 {
		name, rest = line[:end], line[end:]
	}
	all, ok := attributesIn(rest)
	switch {
	case macro && ok && isAttribute(name):
		if a.macros == nil {
			a.macros = map[string][]attribute{}
		}
		a.macros[name] = all
	case macro, !ok, name[0] == '!':
	case !plainPattern.MatchString(name) || strings.Contains(name, "***"):
		a.odd = append(a.odd, attributeLine{folder, name, all})
	default:
		a.lines = append(a.lines, attributeLine{folder, name, all})
	}
}

// converting are the attributes that decide what git stores.
var converting = []string{"text", "crlf", "eol", "filter", "working-tree-encoding", "ident"}

// unread returns a pattern that only git matches, of a line that may decide what it
// stores; "" when there is none.
func (a *attributes) unread() string {
	for _, line := range a.odd {
		for _, attribute := range line.attributes {
			if slices.Contains(converting, attribute.name) || a.macros[attribute.name] != nil {
				return line.pattern
			}
		}
	}
	return ""
}

// attributesIn reads the words behind a pattern; ok is false when git would leave the
// line out for one of them.
func attributesIn(text string) (all []attribute, ok bool) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(blanks, r) }) {
		name, value, has := strings.Cut(word, "=")
		switch {
		case name == "":
			return nil, false
		case name[0] == '-':
			name, value = name[1:], unset
		case name[0] == '!':
			name, value = name[1:], ""
		case !has:
			value = set
		}
		if !isAttribute(name) {
			return nil, false
		}
		all = append(all, attribute{name, value})
	}
	return all, true
}

// attributeName is what git takes for one.
var attributeName = regexp.MustCompile(`^[A-Za-z0-9._][A-Za-z0-9._-]*$`)

func isAttribute(name string) bool {
	return attributeName.MatchString(name) && !strings.HasPrefix(name, "builtin_")
}

// of returns the attributes of a file, from the top: the last line wins.
func (a *attributes) of(name string) map[string]string {
	found := map[string]string{}
	for _, line := range slices.Backward(a.lines) {
		if line.matches(path.Clean(name)) {
			a.fill(found, line.attributes)
		}
	}
	return found
}

// fill adds the attributes that nothing stronger tells, and what those stand for that
// are macros.
func (a *attributes) fill(found map[string]string, all []attribute) {
	for _, attribute := range slices.Backward(all) {
		if _, known := found[attribute.name]; known {
			continue
		}
		if found[attribute.name] = attribute.value; attribute.value == set {
			a.fill(found, a.macros[attribute.name])
		}
	}
}

// matches says whether a line is for a file. A pattern without a slash is for names
// in any folder; one that ends in a slash is for folders, which have no attributes.
func (l *attributeLine) matches(name string) bool {
	if l.folder != "." {
		below, ok := strings.CutPrefix(name, l.folder+"/")
		if !ok {
			return false
		}
		name = below
	}
	pattern := l.pattern
	switch {
	case strings.HasSuffix(pattern, "/"), strings.Contains(pattern, "//"):
		return false
	case !strings.Contains(pattern, "/"):
		return doublestar.MatchUnvalidated(pattern, path.Base(name))
	case strings.HasSuffix(pattern, "/**"):
		pattern += "/*" // the folder itself is not meant
	}
	return doublestar.MatchUnvalidated(strings.TrimPrefix(pattern, "/"), name)
}
