package fluxsum

import (
	"fmt"
	"sort"
	"strings"
)

// Problem is something wrong at a place of a file: what was found and what was
// expected, and a hint at what to do. Line and Column are 1-based; zero means
// that the place is the whole file.
type Problem struct {
	File         string
	Line, Column int
	Message      string
	Details      []string // lines that belong to the message
	Hint         string
}

func newProblem(file string, line, column int, message, hint string) *Problem {
	return &Problem{File: file, Line: line, Column: column, Message: message, Hint: hint}
}

// Error returns "file:line:column: message", without the parts that are
// unknown, and the details below it.
func (p *Problem) Error() string {
	lines := append([]string{p.Message}, p.Details...)
	switch {
	case p.File != "" && p.Line > 0:
		lines[0] = fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	case p.File != "":
		lines[0] = fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return strings.Join(lines, "\n  ")
}

// Problems is all that is wrong, in the order of the places.
type Problems []*Problem

// Error returns one problem a line.
func (ps Problems) Error() string {
	var lines []string
	for _, p := range ps {
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// Sorted returns the problems by file and place, the same ones once, or nil.
func (ps Problems) Sorted() Problems {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	var unique Problems
	seen := make(map[string]bool, len(ps))
	for _, p := range ps {
		if text := p.Error(); !seen[text] {
			seen[text] = true
			unique = append(unique, p)
		}
	}
	return unique
}
