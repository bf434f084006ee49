package report

import (
	"bufio"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fatih/color"
)

// Patch writes a patch for somebody to read.
func Patch(w io.Writer, text string, v Verb) error {
	out := bufio.NewWriter(w)
	unified(out, text, v)
	return out.Flush()
}

// unified writes a unified diff, coloured as git does it; what changed within a
// line that changed a little stands out. Control characters are escaped.
func unified(out *bufio.Writer, text string, v Verb) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if allCRLF(lines) {
		for i := range lines {
			lines[i] = strings.TrimSuffix(lines[i], "\r")
		}
	}
	for head := true; len(lines) > 0; {
		line, n := lines[0], 1
		switch {
		case strings.HasPrefix(line, "@@ "):
			head = false
			v.diffLine(out, line, color.FgCyan)
		case head || strings.HasPrefix(line, "diff "):
			head = true
			v.diffLine(out, line, color.Bold)
		case strings.HasPrefix(line, "-"):
			n = v.block(out, lines)
		case strings.HasPrefix(line, "+"):
			v.diffLine(out, line, color.FgGreen)
		default:
			v.diffLine(out, line, color.Reset)
		}
		lines = lines[n:]
	}
}

// allCRLF says whether all lines of contents end so: then it is no news.
func allCRLF(lines []string) bool {
	found := false
	for _, line := range lines {
		if strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++") || line == "" || !strings.ContainsAny(line[:1], "+- ") {
			continue
		}
		if found = true; !strings.HasSuffix(line, "\r") {
			return false
		}
	}
	return found
}

// block writes lines that are removed and those that are added in their place,
// and returns how many there are.
func (v Verb) block(out *bufio.Writer, lines []string) int {
	removed := run(lines, "-")
	added := run(lines[removed:], "+")
	for i, line := range lines[:removed+added] {
		paint, other := color.FgRed, ""
		if removed == added {
			other = lines[(i+removed)%(2*removed)]
		}
		if i >= removed {
			paint = color.FgGreen
		}
		from, to := changedPart(line, other)
		if !v.Color || from == to {
			v.diffLine(out, line, paint)
			continue
		}
		v.piece(out, line[:from], paint)
		v.piece(out, line[from:to], paint, color.ReverseVideo)
		v.piece(out, line[to:], paint)
		out.WriteByte('\n')
	}
	return removed + added
}

func run(lines []string, sign string) int {
	n := 0
	for n < len(lines) && strings.HasPrefix(lines[n], sign) {
		n++
	}
	return n
}

// changedPart is the part of a line, in whole words, that another one has not,
// when the two have most in common; else it is empty. Both begin with a sign.
func changedPart(line, other string) (from, to int) {
	if other == "" {
		return 0, 0
	}
	from = 1
	for from < min(len(line), len(other)) && line[from] == other[from] {
		from++
	}
	end := 0
	for end < min(len(line), len(other))-from && line[len(line)-1-end] == other[len(other)-1-end] {
		end++
	}
	for from > 1 && inWord(line, from) {
		from--
	}
	for end > 0 && inWord(line, len(line)-end) {
		end--
	}
	to = len(line) - end
	common := strings.TrimSpace(line[1:from]) + strings.TrimSpace(line[to:])
	if from >= to || 2*len(common) < to-from {
		return 0, 0
	}
	return from, to
}

// inWord says whether a place is inside of a word, or of a character.
func inWord(s string, at int) bool {
	if at <= 0 || at >= len(s) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at:])
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == utf8.RuneError }
	return !utf8.RuneStart(s[at]) || word(before) && word(after)
}

func (v Verb) diffLine(out *bufio.Writer, line string, paint color.Attribute) {
	v.piece(out, line, paint)
	out.WriteByte('\n')
}

// piece writes a part of a line.
func (v Verb) piece(out *bufio.Writer, text string, paint ...color.Attribute) {
	text = visible(text)
	if v.Color && text != "" && paint[0] != color.Reset {
		c := color.New(paint...)
		c.EnableColor()
		text = c.Sprint(text)
	}
	out.WriteString(text)
}

// visible is Printable, but for tabs.
func visible(s string) string {
	parts := strings.Split(s, "\t")
	for i := range parts {
		parts[i] = Printable(parts[i])
	}
	return strings.Join(parts, "\t")
}
