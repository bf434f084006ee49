package checksum

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ConflictError says that a file holds the markers of an unresolved merge conflict.
type ConflictError struct {
	// Line is the 1-based line of the "<<<<<<< " marker.
	Line int
}

// Error says where the conflict starts; it does not name the file, which only the caller knows.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("line %d: unresolved merge conflict", e.Line)
}

// ContentError says why a file has no canonical form. It never quotes values of the file, which may be secret.
type ContentError struct {
	// Line is the 1-based line that the YAML parser names, or 0 when it names none.
	Line int
	// Msg is what was found, in lower case and without a full stop.
	Msg string
	// Hint is what the user may do about it, or empty.
	Hint string
}

// Error gives "line N: Msg", or Msg alone when the line is not known.
func (e *ContentError) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Msg)
}

// bytesHint is the way out for files that content: yaml does not fit.
const bytesHint = "set content: bytes for this rule to hash the file as it is"

// syntaxError rewords an error of go.yaml.in/yaml v2 or v3, which both write "yaml: line N: MESSAGE", the line being
// left out where it is the first or the parser does not know it.
func syntaxError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	return &ContentError{Line: line, Msg: plainMessage(text)}
}

// plainMessage replaces the parser messages that quote the document: in a Secret an unquoted password that begins
// with * or !!int is parsed as an alias or a tagged value, and would be printed.
func plainMessage(text string) string {
	for start, plain := range map[string]string{
		"unknown anchor":     "an alias (*name) without an anchor (&name) before it; text that begins with * must be quoted",
		"anchor ":            "an anchor whose value contains itself",
		"invalid map key":    "a map key that is a list or a map, expected text",
		"cannot decode":      "a value that does not fit its tag",
		"exceeded max depth": "nests too deep, expected at most 10000 levels",
	} {
		if strings.HasPrefix(text, start) {
			return plain
		}
	}
	return "not valid YAML: " + text
}
