package yamledit

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// The patterns are compiled when the first text needs them: most runs are over
// before.
var (
	errLine = lazy(`^yaml: (?:line (\d+): )?(.*)$`)
	// The parser of yaml/v3 (unlike its scanner) prints the line counted from zero.
	fromZero = lazy(`^did not find expected|^found (undefined tag|duplicate %|incompatible)`)
)

func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// syntaxError turns an error of yaml/v3 for a text into one with a place.
func syntaxError(text []byte, err error) *Error {
	e := readError(err)
	e.Line = faultyLine(text, e.Line)
	line := strings.TrimSpace(lineOf(text, e.Line))
	switch {
	case strings.HasPrefix(strings.TrimLeft(lineOf(text, e.Line), " "), "\t"):
		e.Hint = "indent with spaces"
	case strings.HasPrefix(line, "- *"), strings.Contains(line, ": *"):
		e.Hint = "put a value that begins with * in quotes"
	}
	return e
}

func lineOf(text []byte, n int) string {
	t := newLineTable(text)
	if n < 1 || n > len(t.starts) {
		return ""
	}
	return string(text[t.starts[n-1]:t.lineEnd(n)])
}

// around is how many lines from the reported one the faulty one is looked for.
const around = 16

// faultyLine returns the line that makes the text unreadable: the one behind
// the longest beginning that can be read. yaml/v3 often names the start of the
// map around it, or the line after.
func faultyLine(text []byte, reported int) int {
	t := newLineTable(text)
	for line := min(reported+around, len(t.starts)); line > max(1, reported-around); line-- {
		if err := readable(text[:t.starts[line-1]]); err == nil {
			return line
		}
	}
	return reported
}

func readable(text []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// readError reads the message of yaml/v3.
func readError(err error) *Error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	m := errLine().FindStringSubmatch(first)
	if m == nil {
		return &Error{Line: 1, Column: 1, Message: "is not YAML", Syntax: true}
	}
	line, _ := strconv.Atoi(m[1])
	if fromZero().MatchString(m[2]) {
		line++
	}
	if strings.HasPrefix(m[2], "unknown anchor") {
		m[2] = "unknown anchor" // its name may be a password that begins with *
	}
	return &Error{Line: max(line, 1), Column: 1, Message: "is not YAML: " + m[2], Syntax: true}
}
