package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The measures of a terminal, in pixels. Text is stretched to its columns, so
// that all fonts of a fixed width look the same.
const (
	columnWidth = 8.4
	lineHeight  = 18
	baseline    = 14
	margin      = 16
	titleBar    = 44
)

// terminal is a session as lines of a picture. It stands on a dark ground of its
// own, so that it can be read on a light page and on a dark one.
type terminal struct {
	title string

	lines   strings.Builder
	height  int
	columns int
	delay   float64 // seconds until the next line appears
}

// step adds a command and what it printed.
func (v *terminal) step(command, out string) {
	if v.height > 0 {
		v.height += lineHeight / 2
		v.delay += 0.9
	}
	v.line("\x1b[1m$ " + command + "\x1b[0m")
	v.delay += 0.5
	for line := range strings.Lines(out) {
		v.line(strings.TrimSuffix(line, "\n"))
		v.delay += 0.06
	}
}

func (v *terminal) line(text string) {
	fmt.Fprintf(&v.lines, `<g style="animation-delay:%.2fs">`, v.delay)
	column := 0
	for _, s := range spansOf(text) {
		v.piece(s, column)
		column += utf8.RuneCountInString(s.text)
	}
	v.lines.WriteString("</g>\n")
	v.columns = max(v.columns, column)
	v.height += lineHeight
}

// piece draws a span of the line that begins at the height reached.
func (v *terminal) piece(s span, column int) {
	x, y := float64(margin)+float64(column)*columnWidth, titleBar+v.height
	length := float64(utf8.RuneCountInString(s.text)) * columnWidth
	if s.reversed() {
		fmt.Fprintf(&v.lines, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d"/>`, s.class(), x, y, length, lineHeight)
	}
	if strings.TrimSpace(s.text) != "" {
		fmt.Fprintf(&v.lines, `<text class="%s" x="%.1f" y="%d" textLength="%.1f">%s</text>`, s.class(), x, y+baseline, length, html.EscapeString(s.text))
	}
}

// span is a piece of a line in one dress.
type span struct {
	text string
	on   string // the SGR codes that are on, each followed by a semicolon
}

func (s span) reversed() bool { return strings.Contains(s.on, "7;") }

// class names the dress for the style sheet: c31 is red, c1 bold, c7 reversed.
func (s span) class() string {
	codes := strings.Fields(strings.ReplaceAll(s.on, ";", " "))
	for i := range codes {
		codes[i] = "c" + codes[i]
	}
	return strings.Join(codes, " ")
}

var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// spansOf splits a line at the codes of its colours.
func spansOf(line string) []span {
	var spans []span
	on, at := "", 0
	for _, m := range sgr.FindAllStringSubmatchIndex(line, -1) {
		spans = appendSpan(spans, line[at:m[0]], on)
		on, at = dress(on, line[m[2]:m[3]]), m[1]
	}
	return appendSpan(spans, line[at:], on)
}

func appendSpan(spans []span, text, on string) []span {
	if text == "" {
		return spans
	}
	return append(spans, span{text, on})
}

// dress is what is on after an SGR sequence, of those that fluxsum writes.
func dress(on, codes string) string {
	for code := range strings.SplitSeq(codes, ";") {
		switch code {
		case "0", "":
			on = ""
		case "22":
			on = strings.ReplaceAll(on, "1;", "")
		case "27":
			on = strings.ReplaceAll(on, "7;", "")
		default:
			on += code + ";"
		}
	}
	return on
}

const terminalStyle = `
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;white-space:pre;fill:#d1d7e0}
.c1{font-weight:bold;fill:#fff}
text.c31{fill:#ff7b72}text.c32{fill:#7ee787}text.c33{fill:#e3b341}text.c36{fill:#76e3ea}
rect.c31{fill:#ff7b72}rect.c32{fill:#7ee787}text.c7{fill:#0d1117}
@media (prefers-reduced-motion:no-preference){g{animation:appear .2s both}}
@keyframes appear{from{opacity:.2}}
`

// svg is the whole picture. Without animation, or where it is not wanted,
// everything is there at once.
func (v *terminal) svg() string {
	width := int(float64(v.columns)*columnWidth) + 2*margin
	height := titleBar + v.height + margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%d" role="img" aria-labelledby="title" xml:space="preserve">`, width, height)
	fmt.Fprintf(&b, "\n<title id=\"title\">%s</title>\n", html.EscapeString(v.title))
	fmt.Fprintf(&b, "<style>%s</style>\n", terminalStyle)
	fmt.Fprintf(&b, `<rect x=".5" y=".5" width="%d" height="%d" rx="8" fill="#0d1117" stroke="#444c56"/>`, width-1, height-1)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="20" r="6" fill="%s"/>`, margin+6+i*20, colour)
	}
	b.WriteString("\n" + v.lines.String() + "</svg>\n")
	return b.String()
}
