package yamledit

import (
	"strconv"
	"strings"
	"unicode"
)

var (
	// plainSafe: characters that need no quotes anywhere, in block or flow.
	plainSafe = lazy(`^[A-Za-z0-9/][A-Za-z0-9._/~+-]*$`)
	// otherType: what YAML 1.1 or 1.2 (yaml.org/type) reads as a number, a
	// date, null or a merge key. The words are in isWord.
	otherType = lazy(`^(?:` + strings.Join([]string{
		`[-+]?[0-9][0-9_]*`,
		`[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]*(?:[eE][-+]?[0-9]+)?`,
		`[-+]?0[bB][01_]+`, `[-+]?0[oO]?[0-7_]+`, `[-+]?0[xX][0-9a-fA-F_]+`,
		`[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?`,
		`[-+]?\.(?:inf|Inf|INF)`, `\.(?:nan|NaN|NAN)`,
		`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?`,
		`~`, `=`, `<<`,
	}, "|") + `)$`)
)

// readsAsOther says whether a plain scalar with this text is, for some reader
// of YAML, no string.
func readsAsOther(s string) bool {
	if s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z' || s[0] == '/') {
		return isWord(s) // spare most scalars the regular expression
	}
	return otherType().MatchString(s)
}

// isWord says whether s is a word that YAML 1.1 or 1.2 gives a meaning.
func isWord(s string) bool {
	const longest = len("false")
	if len(s) > longest {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

// writable says whether s can be written on one line.
func writable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) })
}

// plain returns s as a plain scalar where that reads as the same string, else
// in double quotes.
func plain(s string) string {
	if plainSafe().MatchString(s) && !readsAsOther(s) {
		return s
	}
	return quote(s)
}

// quote returns s in double quotes, as JSON and YAML both read it.
func quote(s string) string {
	s, _ = escapeDouble(s)
	return `"` + s + `"`
}

// singleQuote returns s in single quotes.
func singleQuote(s string) string {
	s, _ = escapeSingle(s)
	return "'" + s + "'"
}

// printable escapes control characters for a message.
func printable(s string) string { return strings.Trim(strconv.Quote(s), `"`) }
