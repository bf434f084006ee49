package fluxsum

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// search looks for the annotation of one target in one candidate.
type search struct {
	name string // of the file
	*candidate
	key   string
	hits  []hit
	slots []slot
	err   *Problem // something that may hide the annotation
	off   *Problem // why the path leads nowhere in a candidate
}

// hit is a scalar that holds the annotation.
type hit struct {
	file *yamledit.File
	node *yaml.Node
	of   *candidate
}

// slot is where the annotation could be inserted.
type slot struct {
	of     *candidate
	at     *yaml.Node // shown to the user
	insert func(*yamledit.Edits, string) error
	file   *yamledit.File

	path     []string // of the map to be made, below the one at hand
	mistyped *Problem // the path has a step that is nearly that of the map
}

// run looks for key in the map at path.
func (s *search) run(path []segment) {
	switch {
	case s.broken != nil:
		if strings.Contains(s.text, s.key) || strings.Contains(s.text, pointer([]string{s.key})) {
			s.err = s.broken
		}
	case s.form == operations:
		s.operations(path)
	case s.form == common:
		s.walk(s.file, nil, s.node, []segment{{key: "commonAnnotations"}})
		for i := range s.slots {
			s.slots[i].insert = nil // the contract inserts into resources and patches alone
		}
	default:
		s.walk(s.file, nil, s.node, path)
	}
}

// leadsOff notes why the path cannot be followed in this candidate. That counts
// only when no other one holds the annotation.
func (s *search) leadsOff(f *yamledit.File, n *yaml.Node, format string, args ...any) {
	if s.off == nil {
		line, column := f.Position(n)
		s.off = newProblem(s.name, line, column, fmt.Sprintf(format, args...), "")
	}
}

// walk goes down the path from n, whose key node is key, through scalars that
// hold YAML too.
func (s *search) walk(f *yamledit.File, key, n *yaml.Node, path []segment) {
	switch {
	case n.Kind == yaml.AliasNode:
		line, column := f.Position(n)
		s.err = newProblem(s.name, line, column, fmt.Sprintf("the alias *%s stands on the way to %s, expected the map itself", n.Value, s.key), "")
	case yamledit.IsNull(n):
		s.addSlot(f, key, n, path)
	case n.Kind == yaml.ScalarNode:
		s.walkInner(f, n, path)
	case n.Kind == yaml.SequenceNode:
		s.walkList(f, n, path)
	case len(path) == 0:
		s.leaf(f, key, n)
	case path[0].field != "":
		s.leadsOff(f, n, "a map stands here, expected a list with %s=%s", path[0].field, path[0].key)
	default:
		s.step(f, key, n, path)
	}
}

func (s *search) step(f *yamledit.File, key, n *yaml.Node, path []segment) {
	k, v, err := f.Get(n, path[0].key)
	switch {
	case err != nil:
		s.err = problemOf(s.name, err)
	case k == nil:
		s.addSlot(f, key, n, path)
	default:
		s.walk(f, k, v, path[1:])
	}
}

// leaf looks for the annotation in its map.
func (s *search) leaf(f *yamledit.File, key, n *yaml.Node) {
	k, v, err := f.Get(n, s.key)
	switch {
	case err != nil:
		s.err = problemOf(s.name, err)
	case k == nil:
		s.addSlot(f, key, n, nil)
	default:
		s.hits = append(s.hits, hit{f, v, s.candidate})
	}
}

func (s *search) walkInner(f *yamledit.File, n *yaml.Node, path []segment) {
	inner, err := f.Inner(n)
	if err != nil || len(inner.Docs()) != 1 || inner.Docs()[0].Kind == yaml.ScalarNode {
		s.leadsOff(f, n, "a scalar stands on the way to %s, expected a map", s.key)
		return
	}
	s.walk(inner, nil, inner.Docs()[0], path)
}

func (s *search) walkList(f *yamledit.File, n *yaml.Node, path []segment) {
	if len(path) == 0 {
		s.leadsOff(f, n, "a list stands here, expected the map that holds %s", s.key)
		return
	}
	chosen := 0
	for i, item := range n.Content {
		if p := path[0]; p.field == "" && p.key == strconv.Itoa(i) || p.field != "" && str(item, p.field) == p.key {
			chosen++
			s.walk(f, nil, item, path[1:])
		}
	}
	if chosen == 0 {
		s.leadsOff(f, n, "no entry of this list is chosen by %s", path[0])
	}
}

// String writes a step as it stands in a path.
func (p segment) String() string {
	if p.field != "" {
		return "[" + p.field + "=" + p.key + "]"
	}
	return p.key
}

// addSlot notes that the rest of the path, and the annotation, are missing
// from the map n.
func (s *search) addSlot(f *yamledit.File, key, n *yaml.Node, path []segment) {
	slot := slot{of: s.candidate, at: n, file: f}
	for _, step := range path {
		slot.path = append(slot.path, step.String())
	}
	if keys, ok := plainKeys(path); ok && !slices.ContainsFunc(keys, isNumber) {
		keys = append(keys, s.key)
		slot.insert = func(e *yamledit.Edits, value string) error { return e.Insert(f, key, n, keys, value) }
	}
	if len(path) > 0 {
		slot.mistyped = s.mistyped(f, n, path[0])
	}
	s.slots = append(s.slots, slot)
}

// mistyped tells a step of the path that the map n has under a similar name.
func (s *search) mistyped(f *yamledit.File, n *yaml.Node, step segment) *Problem {
	var keys []string
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	near := Nearest(step.key, keys)
	if near == "" || step.field != "" {
		return nil
	}
	line, column := f.Position(n)
	return newProblem(s.name, line, column, fmt.Sprintf("the map here has no %s, which the path names", step.key), fmt.Sprintf("did you mean %q?", near))
}
