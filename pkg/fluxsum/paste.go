package fluxsum

import (
	"fmt"
	"strings"
)

// paste is a problem whose details are the lines to write by hand.
func (s *spot) paste(message string) *Problem {
	at := s.place.Place
	p := newProblem(at.File, at.Line, at.Column, message+"; the lines to add:", "add these lines by hand and run the command again")
	p.Details = s.target.example(s.place.slot.of, s.rule.Annotation, s.result.Computed)
	return p
}

// example shows how the annotation is written into a candidate.
func (t *Target) example(c *candidate, key, value string) []string {
	path := t.path
	if c.form == common {
		path = []segment{{key: "commonAnnotations"}}
	}
	if keys, ok := plainKeys(path); ok && c.form == operations {
		return []string{"- op: add", "  path: " + pointer(append(keys, key)), fmt.Sprintf("  value: %q", value)}
	}
	var lines []string
	indent := ""
	for _, p := range path {
		line := p.key + ":"
		switch {
		case p.field != "":
			lines = append(lines, fmt.Sprintf("%s- %s: %s", indent, p.field, p.key))
			indent += "  "
			continue
		case isNumber(p.key):
			indent += "- "
			continue
		}
		lines = append(lines, indent+line)
		indent = strings.ReplaceAll(indent, "-", " ") + "  "
	}
	return append(lines, fmt.Sprintf("%s%s: %q", indent, key, value))
}

// isNumber says whether a step of a path may be the number of a list entry.
func isNumber(key string) bool { return key != "" && strings.Trim(key, "0123456789") == "" }
