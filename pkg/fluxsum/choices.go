package fluxsum

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// ambiguous lists the places and what would choose each.
func (d *document) ambiguous(t *Target, key string, hits []hit, at *Problem) *Problem {
	var options []option
	for _, h := range hits {
		line, column := h.file.Position(h.node)
		options = append(options, option{line, column, h.of})
	}
	p := d.choices(t, options, "add a marker comment to its line, and `marker` to the target")
	p.Message = fmt.Sprintf("%s stands in %d places, expected one:", key, len(hits))
	p.Hint = fmt.Sprintf("add to the target at %s:%d what chooses one", at.File, at.Line)
	return p
}

// undecided lists where a missing annotation could stand.
func (d *document) undecided(t *Target, key string, slots []slot, at *Problem) *Problem {
	const byHand = "add the annotation here by hand"
	var options []option
	for _, s := range slots {
		line, column := s.file.Position(s.at)
		options = append(options, option{line, column, s.of})
	}
	p := d.choices(t, options, byHand)
	p.Message = fmt.Sprintf("%s stands nowhere here and could be inserted in %d places, expected one:", key, len(slots))
	p.Hint = fmt.Sprintf("add to the target at %s:%d what chooses one", at.File, at.Line)
	if !slices.ContainsFunc(p.Details, func(s string) bool { return !strings.HasSuffix(s, byHand) }) {
		p.Hint = "add the annotation by hand in one of them and run the command again"
	}
	return p
}

// option is one of several places.
type option struct {
	line, column int
	of           *candidate
}

// maxDetails bounds how many places are listed.
const maxDetails = 20

// choices returns a problem at the first place whose details list them;
// otherwise says what to do about one that no target can choose.
func (d *document) choices(t *Target, options []option, otherwise string) *Problem {
	sort.SliceStable(options, func(i, j int) bool {
		a, b := options[i], options[j]
		return a.line < b.line || a.line == b.line && a.column < b.column
	})
	p := &Problem{File: d.name, Line: options[0].line, Column: options[0].column}
	for i, o := range options[:min(len(options), maxDetails)] {
		p.Details = append(p.Details, fmt.Sprintf("%s:%d:%d: %s: %s", d.name, o.line, o.column, o.of, or(toChoose(t, options, i), otherwise)))
	}
	if more := len(options) - maxDetails; more > 0 {
		p.Details = append(p.Details, fmt.Sprintf("and %d more", more))
	}
	return p
}

// toChoose says what a target must add to choose option i alone, "" when
// nothing does.
func toChoose(t *Target, options []option, i int) string {
	var add []string
	with := *t
	for _, f := range []struct {
		key  string
		have *string
		of   func(*candidate) string
	}{
		{"kind", &with.Kind, func(c *candidate) string { return c.kind }},
		{"name", &with.Name, func(c *candidate) string { return c.name }},
		{"namespace", &with.Namespace, func(c *candidate) string { return c.namespace }},
	} {
		want := f.of(options[i].of)
		tells := slices.ContainsFunc(options, func(o option) bool { return f.of(o.of) != want })
		if *f.have == "" && want != "" && tells {
			*f.have = want
			add = append(add, f.key+": "+want)
		}
	}
	for j, o := range options {
		if j != i && o.of.matches(&with) {
			return ""
		}
	}
	if len(add) == 0 {
		return ""
	}
	return "add " + strings.Join(add, ", ")
}

// nobody is the refusal of a file that holds no resource of the target.
func (d *document) nobody(t *Target, at *Problem) *Problem {
	p := *at
	p.Message = fmt.Sprintf("%s holds no %s, nor a patch aimed at it", d.name, t)
	if !t.named() {
		p.Message = fmt.Sprintf("%s holds no resource or patch that could carry the annotation", d.name)
	}
	p.Hint = d.whatIsHere(t)
	return &p
}

// whatIsHere is the hint at what a target may have meant.
func (d *document) whatIsHere(t *Target) string {
	var found, named []string
	for _, c := range d.all {
		if name := c.String(); name != "" {
			found = append(found, name)
			named = append(named, strings.TrimSpace(c.kind+" "+c.name))
		}
	}
	if len(named) > maxNames {
		named = nil
	}
	near := Nearest(strings.TrimSpace(t.Kind+" "+t.Name), named)
	switch {
	case near != "" && t.named():
		return fmt.Sprintf("did you mean %s?", near)
	case len(found) > 0:
		return "found: " + summary(sortedUnique(found))
	case d.kustomization() != nil:
		return "name the manifest among its resources, or add a patch aimed at it"
	}
	return "the file holds no Kubernetes object; mark the line with a comment and use `marker`"
}
