package hook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ending is the line that a shell script never gets past.
type ending struct {
	line int    // from 1
	word string // exit, or exec
	rest string // what stands behind it
}

func (e ending) String() string { return fmt.Sprintf("the `%s` of line %d", e.word, e.line) }

// endOf finds the first line of a script that ends it, whatever comes before. It knows
// little of shells, and says nothing where it is not sure: a line that is taken for the
// end and is none would be worse than one that is missed.
func endOf(text string) (e ending, ok bool) {
	if !isPlainShell(text) {
		return ending{}, false
	}
	lines := strings.Split(text, "\n")
	var open []string // the words that close what is open
	continued := false
	for at := 0; at < len(lines); {
		code, next, known := statement(lines, at)
		if !known {
			return ending{}, false
		}
		if word := endingWord(code); word != "" && len(open) == 0 && !continued {
			return ending{at + 1, word, strings.Join(lines[next:], "\n")}, true
		}
		if open, known = follow(open, code); !known {
			return ending{}, false
		}
		continued = operatorLast.MatchString(code) || continued && strings.TrimSpace(code) == ""
		at = next
	}
	return ending{}, false
}

// shells are those whose blocks are written as follow reads them. Without a first line
// that names one, git has sh run the hook.
var shells = regexp.MustCompile(`^#!.*[/ ](ba|da|a|k)?sh( |\n|$)`)

// What is longer is not looked into, so that a file of a stranger costs no time.
const (
	maxScript = 64 << 10 // bytes
	maxJoined = 100      // lines of one command
)

func isPlainShell(text string) bool {
	return len(text) <= maxScript && (!strings.HasPrefix(text, "#!") || shells.MatchString(text)) &&
		!strings.ContainsAny(text, "\x00\r") && !strings.Contains(text, "execfail")
}

// operatorLast is the end of a line that goes on in the next one.
var operatorLast = regexp.MustCompile(`(\||&&|\|&|\(\s*\))\s*$`)

// notCode is an escaped character, a string, or a comment.
var notCode = regexp.MustCompile("\\\\.|'[^']*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|(?:^|[\\s;&|()])#.*")

// codeOf is a line without its comment, with a letter for each string. It is not ok
// when a string goes on in the next line, or may do so.
func codeOf(line string) (code string, ok bool) {
	code = notCode.ReplaceAllStringFunc(line, func(part string) string {
		switch {
		case strings.HasPrefix(strings.TrimLeft(part, " \t;&|()"), "#"):
			return part[:strings.IndexByte(part, '#')]
		case strings.Contains(part, "@"):
			return "@" // "$@" may be nothing at all
		}
		return "Q"
	})
	return code, !strings.ContainsAny(code, "\"'`") && (isBalanced(line) || !strings.Contains(line, `"`))
}

// isBalanced says whether no command in a string can go on in the next line.
func isBalanced(line string) bool {
	brackets := !strings.Contains(line, "$(") || strings.Count(line, "(") == strings.Count(line, ")")
	return brackets && strings.Count(line, "`")%2 == 0
}

// statement reads the line at a place with all that belongs to it: the lines that a
// backslash joins to it, and a here-document.
func statement(lines []string, at int) (code string, next int, ok bool) {
	raw := ""
	for next = at; next < min(len(lines), at+maxJoined); {
		raw += lines[next]
		next++
		if code, ok = codeOf(raw); !ok {
			return "", next, false
		}
		if !strings.HasSuffix(code, `\`) {
			return skipDocument(lines, next, raw, code)
		}
		raw = strings.TrimSuffix(raw, `\`)
	}
	return "", next, false
}

// document is the beginning of a here-document.
var document = regexp.MustCompile(`<<(-?)[ \t]*(?:\\?(\w+)|'(\w+)'|"(\w+)")(?:[\s;&|<>)]|$)`)

// skipDocument goes on behind the here-document that a line begins, if any.
func skipDocument(lines []string, next int, raw, code string) (string, int, bool) {
	raw, plain := strings.ReplaceAll(raw, "<<<", ""), strings.ReplaceAll(code, "<<<", "")
	if !strings.Contains(plain, "<<") {
		return code, next, true
	}
	m := document.FindStringSubmatch(raw)
	if m == nil || strings.Count(raw, "<<") > 1 || strings.Contains(raw, "((") {
		return "", next, false
	}
	for ; next < len(lines); next++ {
		line := lines[next]
		if m[1] != "" {
			line = strings.TrimLeft(line, "\t")
		}
		if line == m[2]+m[3]+m[4] {
			return code, next + 1, true
		}
	}
	return "", next, false
}

// exits and execs are lines that end a script: an exec that has a command. Where a
// file cannot be opened for it, bash goes on.
var (
	exits       = regexp.MustCompile(`^exit(\s+[^\s;&|()<>]+)?\s*;?\s*$`)
	execs       = regexp.MustCompile(`^exec\s+[A-Za-z_./~][^;&|()<>]*$`)
	descriptors = regexp.MustCompile(`\s[012]?>&[12]\b`)
)

// endingWord is exit or exec, if a line is no more than that.
func endingWord(code string) string {
	switch {
	case exits.MatchString(code):
		return "exit"
	case execs.MatchString(descriptors.ReplaceAllString(code, "")):
		return "exec"
	}
	return ""
}

// closing are the words that open a block, and those that close it.
var closing = map[string]string{"if": "fi", "case": "esac", "do": "done", "{": "}", "(": ")"}

var tokens = regexp.MustCompile(`[;&|]+|[()<>]|[^\s;&|()<>]+`)

// follow opens and closes blocks as a line does. A word that opens one counts
// wherever it stands, one that closes it only where a command can stand.
func follow(open []string, code string) (after []string, ok bool) {
	first := true // of a command
	for _, token := range tokens.FindAllString(code, -1) {
		closes := token == ")" || first && isClosing(token)
		last := ""
		if len(open) > 0 {
			last = open[len(open)-1]
		}
		switch {
		case closing[token] != "":
			open = append(open, closing[token])
		case token == ")" && last == "esac": // a pattern
		case closes && token != last:
			return nil, false
		case closes:
			open = open[:len(open)-1]
		}
		first = closes || strings.ContainsAny(token[:1], ";&|")
	}
	return open, true
}

func isClosing(word string) bool {
	return slices.Contains([]string{"fi", "esac", "done", "}"}, word)
}

// neverReached says whether the lines of a script that run fluxsum all stand behind its
// end.
func neverReached(text []byte) (e ending, is bool) {
	e, ok := endOf(string(text))
	before := text[:len(text)-len(e.rest)]
	return e, ok && runsFluxsum([]byte(e.rest)) && !runsFluxsum(before)
}
