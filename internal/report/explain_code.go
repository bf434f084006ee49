package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Code is a code of findings that explain was asked for, and where it is found.
type Code struct {
	fluxsum.Meaning
	Findings []fluxsum.Finding
	Nowhere  string // what to say where there are none
}

// Codes tells what each code means.
func Codes(w io.Writer, all []Code, v Verb) error {
	t := &teller{bufio.NewWriter(w), v}
	for i := range all {
		if i > 0 {
			fmt.Fprintln(t)
		}
		t.code(&all[i])
	}
	return t.Flush()
}

func (t *teller) code(c *Code) {
	fmt.Fprintf(t, "%s  %s\n", t.verb.bold(c.Code), t.verb.paint(c.Level, c.Level))
	t.prose("means", c.When)
	t.prose("matters", c.Why)
	t.prose("cure", c.Cure)
	t.line("more", aboutFindings)
	if len(c.Findings) == 0 {
		t.line("here", Printable(c.Nowhere))
	}
	for i := range c.Findings {
		t.line([]string{"here", ""}[min(i, 1)], found(&c.Findings[i]))
	}
}

// prose is a text of ours in lines that can be read.
func (t *teller) prose(name, text string) {
	const width = 78
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			t.line(name, line)
			name, line = "", ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	t.line(name, line)
}
