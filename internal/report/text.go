// Package report writes a plan in the formats that fluxsum offers, one file a
// format.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fatih/color"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Verb says what the states of a plan are called in a text.
type Verb struct {
	Stale, Missing string
	All            bool // show what is in sync too
	Color          bool
}

// Text writes a line for each result that needs attention: what it is, the
// rule, the place, and the short recorded and computed digests.
func Text(w io.Writer, p *fluxsum.Plan, v Verb) error {
	rows := v.rows(p)
	var width [3]int
	for _, r := range rows {
		for i := range width {
			width[i] = max(width[i], utf8.RuneCountInString(r[i]))
		}
	}
	out := bufio.NewWriter(w)
	for _, r := range rows {
		state := v.paint(r[0], pad(r[0], width[0]))
		fmt.Fprintf(out, "%s  %s  %s  %s\n", state, pad(r[1], width[1]), pad(r[2], width[2]), r[3])
	}
	return out.Flush()
}

// Findings writes a line for each finding.
func Findings(w io.Writer, all []fluxsum.Finding, v Verb) error {
	out := bufio.NewWriter(w)
	for _, f := range all {
		fmt.Fprintf(out, "%s  %s  %s\n", v.paint(f.Level, f.Level), f.Code, found(&f))
	}
	return out.Flush()
}

// found is where a finding is, and what it says.
func found(f *fluxsum.Finding) string { return place(f.File, f.Line) + "  " + Printable(f.Message) }

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

func (v Verb) rows(p *fluxsum.Plan) [][4]string {
	var rows [][4]string
	for i := range p.Results {
		r := &p.Results[i]
		word := v.word(r.State)
		if word == "" {
			continue
		}
		place := Printable(r.Target.File)
		if r.Target.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, r.Target.Line)
		}
		rows = append(rows, [4]string{word, Printable(r.Rule), place, digests(r)})
	}
	return rows
}

// word returns what a state is called, or "" for one that is not shown.
func (v Verb) word(s fluxsum.State) string {
	switch {
	case s == fluxsum.Stale:
		return v.Stale
	case s == fluxsum.Missing:
		return v.Missing
	case s == fluxsum.OK && v.All:
		return "ok"
	}
	return ""
}

func (v Verb) paint(word, text string) string {
	c := color.New(color.FgYellow)
	switch word {
	case "ok", "immediate", "immediate, pods roll", "rule", "hash", "label", "rolled out":
		c = color.New(color.FgGreen)
	case "stale", "missing", "nothing", "failed", "not there":
		c = color.New(color.FgRed)
	}
	if !v.Color {
		return text
	}
	c.EnableColor()
	return c.Sprint(text)
}

func (v Verb) bold(text string) string {
	if !v.Color {
		return text
	}
	c := color.New(color.Bold)
	c.EnableColor()
	return c.Sprint(text)
}

// shortLen is how much of a digest is shown, as git does with commits.
const shortLen = 8

// digests shows recorded -> computed, shortened, but never so far that two
// different ones look the same.
func digests(r *fluxsum.Result) string {
	n := 0
	for n < min(len(r.Recorded), len(r.Computed)) && r.Recorded[n] == r.Computed[n] {
		n++
	}
	n = max(n+1, shortLen)
	computed := short(r.Computed, n)
	switch {
	case r.State == fluxsum.OK:
		return short(r.Computed, shortLen)
	case r.Recorded == r.Computed:
		return computed + " (not quoted, reads as a number)"
	case r.State == fluxsum.Missing:
		return "(none) -> " + computed
	case r.Recorded == "":
		return "(empty) -> " + computed
	case !isDigest(r.Recorded):
		return "(not a checksum) -> " + computed
	}
	return short(r.Recorded, n) + " -> " + computed
}

func short(s string, n int) string { return s[:min(n, len(s))] }

// isDigest says whether s looks like a digest in hex. Anything else is not
// shown: it may be what somebody put there by mistake.
func isDigest(s string) bool {
	return len(s) >= shortLen && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// Printable escapes what could steer a terminal.
func Printable(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			fmt.Fprintf(&b, `\x%02x`, s[i]) // a byte that is no text
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			q := fmt.Sprintf("%+q", r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	return b.String()
}

// Count writes "1 checksum" or "3 checksums".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
