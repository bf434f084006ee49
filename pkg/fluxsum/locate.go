package fluxsum

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// document is a parsed target file with an index of what it holds.
type document struct {
	name   string
	file   *yamledit.File
	all    []*candidate
	byName map[string][]*candidate // what is chosen by one name
	others []*candidate            // patches of many names, and what has none
	looks  int                     // at candidates that were not chosen by a name
}

func newDocument(name string, text []byte) (*document, error) {
	file, err := yamledit.Parse(text)
	if err != nil {
		return nil, err
	}
	d := &document{name: name, file: file, all: collect(name, file), byName: map[string][]*candidate{}}
	for _, c := range d.all {
		if c.plainName() {
			d.byName[c.name] = append(d.byName[c.name], c)
		} else {
			d.others = append(d.others, c)
		}
	}
	return d, nil
}

// candidates returns what a target may choose from.
func (d *document) candidates(t *Target) []*candidate {
	switch same := d.byName[t.Name]; {
	case t.Name == "":
		return d.all
	case len(d.others) == 0:
		return same
	case len(same) == 0:
		return d.others
	default:
		return append(slices.Clone(same), d.others...)
	}
}

// place is the one place of a target in a file.
type place struct {
	Place
	hit     *hit             // the scalar that holds the annotation,
	marked  *yamledit.Marked // or the one on a marked line,
	slot    *slot            // or where the missing annotation could be inserted
	problem *Problem

	elsewhere *Problem // a missing annotation stands in the pod template
}

// podTemplate is where most workloads carry checksums.
var podTemplate = []segment{{key: "spec"}, {key: "template"}, {key: "metadata"}, {key: "annotations"}}

// elsewhere tells a forgotten path: the annotation is missing where it stands
// by default, and the object has it in its pod template.
func (d *document) elsewhere(t *Target, key string, c *candidate) *Problem {
	if t.Path != "" || c.form != object {
		return nil
	}
	s := search{name: d.name, candidate: c, key: key}
	s.walk(c.file, nil, c.node, podTemplate)
	if len(s.hits) != 1 {
		return nil
	}
	line, column := s.hits[0].file.Position(s.hits[0].node)
	return newProblem(d.name, line, column, key+" stands in the pod template, not in metadata.annotations", "add `path: spec.template.metadata.annotations` to the target (or `path: metadata.annotations` to have it there)")
}

// locate finds the one place where the annotation key of a target stands;
// config is the name of the config.
func (d *document) locate(t *Target, key, config string) place {
	s := search{name: d.name, key: key}
	all := d.candidates(t)
	if d.looks += len(all); d.looks > maxLooks {
		return d.tooMany(t, targetAt(config, t))
	}
	for _, c := range all {
		if c.matches(t) {
			s.candidate = c
			s.run(t.path)
		}
	}
	p := place{Place: Place{File: d.name, Kind: t.Kind, Name: t.Name, Namespace: t.Namespace}}
	switch {
	case len(s.hits) > 1:
		p.problem = d.ambiguous(t, key, s.hits, targetAt(config, t))
	case s.err != nil:
		p.problem = s.err
	case len(s.hits) == 1:
		p.found(&s.hits[0])
	case len(s.slots) == 1:
		p.missing(&s.slots[0])
		p.elsewhere = d.elsewhere(t, key, s.slots[0].of)
	case len(s.slots) > 1:
		p.problem = d.undecided(t, key, s.slots, targetAt(config, t))
	case s.off != nil:
		p.problem = s.off
	case d.kustomization() != nil && !t.named():
		p.missing(d.kustomization())
	default:
		p.problem = d.nobody(t, targetAt(config, t))
	}
	return p
}

// tooMany is the place of a target that is not looked for.
func (d *document) tooMany(t *Target, at *Problem) place {
	p := *at
	p.Message = fmt.Sprintf("is not looked for: the targets in %s are held against its %d resources more than %d times", d.name, len(d.all), maxLooks)
	p.Hint = "name the resource in each target"
	return place{Place: Place{File: d.name, Kind: t.Kind, Name: t.Name, Namespace: t.Namespace}, problem: &p}
}

// kustomization returns where commonAnnotations could be written by hand, when
// the file is a Kustomization.
func (d *document) kustomization() *slot {
	for _, doc := range d.file.Docs() {
		if doc.Kind == yaml.MappingNode && isKustomization(d.name, doc) {
			return &slot{of: &candidate{form: common}, at: doc, file: d.file}
		}
	}
	return nil
}

func (p *place) found(h *hit) {
	p.hit = h
	p.name(h.of)
	var err error
	if p.Line, p.Column, err = h.file.ScalarPosition(h.node); err != nil {
		p.problem = problemOf(p.File, err)
	}
}

func (p *place) missing(s *slot) {
	p.slot = s
	p.Line, p.Column = s.file.Position(s.at)
	p.name(s.of)
}

// name fills in what the target does not name itself.
func (p *place) name(c *candidate) {
	p.Kind, p.Name, p.Namespace = or(p.Kind, c.kind), or(p.Name, c.name), or(p.Namespace, c.namespace)
}

// String names what a target asks for.
func (t *Target) String() string {
	what := or(t.Kind, "resource")
	if t.Name != "" {
		what += " " + t.Name
	}
	if t.Namespace != "" {
		what += " in " + t.Namespace
	}
	return what
}

// recorded is the checksum that stands in a place; asString is false when a
// reader of YAML would not take it for a string.
func (p *place) recorded() (value string, asString bool) {
	switch {
	case p.marked != nil:
		return p.marked.Value, p.marked.IsString
	case p.hit == nil || p.hit.node.Kind != yaml.ScalarNode || yamledit.IsNull(p.hit.node):
		return "", false
	}
	return p.hit.node.Value, yamledit.IsString(p.hit.node)
}
