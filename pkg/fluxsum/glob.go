package fluxsum

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// isGlob says whether a path of the config is a glob; one whose signs are all
// escaped is not.
func isGlob(name string) bool {
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '\\':
			i++
		case '*', '?', '[', '{':
			return true
		}
	}
	return false
}

func validGlob(pattern string) bool { return doublestar.ValidatePattern(pattern) }

// literal returns the path that a pattern without active signs stands for.
func literal(pattern string) string {
	if !strings.Contains(pattern, `\`) {
		return pattern
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] == '\\' && i+1 < len(pattern) {
			i++
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}

// simpler returns a glob without repeated **, which mean no more than one.
func simpler(pattern string) string {
	if !strings.Contains(pattern, "**/**/") {
		return pattern
	}
	var kept []string
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		if part != "**" || i+2 >= len(parts) || parts[i+1] != "**" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "/")
}

// maxAlternatives bounds how often the braces of a glob may multiply.
const maxAlternatives = 1000

// alternatives is at least the number of globs that the braces of a glob stand
// for, but no more than one above maxAlternatives.
func alternatives(pattern string) int {
	product, open := 1, []int{}
	for i := 0; i < len(pattern) && product <= maxAlternatives; i++ {
		switch last := len(open) - 1; pattern[i] {
		case '\\':
			i++
		case '{':
			open = append(open, 1)
		case ',':
			if last >= 0 {
				open[last]++
			}
		case '}':
			if last >= 0 {
				product *= open[last]
				open = open[:last]
			}
		}
	}
	return min(product, maxAlternatives+1)
}

// matches says whether a path or glob of the config stands for a file.
func matches(pattern, name string) bool {
	if !isGlob(pattern) {
		return literal(pattern) == name
	}
	return doublestar.MatchUnvalidated(simpler(pattern), name)
}

// sortedUnique sorts bytewise and drops what stands twice.
func sortedUnique(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

// base returns the path that a pattern is, or the folder that it looks into.
func base(pattern string) string {
	if !isGlob(pattern) {
		return literal(pattern)
	}
	dir, _ := doublestar.SplitPattern(pattern)
	return literal(dir)
}

// overlap says whether two paths or globs may stand for the same file.
func overlap(a, b string) bool {
	switch {
	case !isGlob(b):
		return matches(a, literal(b))
	case !isGlob(a):
		return matches(b, literal(a))
	}
	return within(base(a), base(b)) || within(base(b), base(a))
}

// within says whether a path is dir or lies below it.
func within(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}
