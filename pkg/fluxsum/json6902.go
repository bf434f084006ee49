package fluxsum

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// operations looks for the annotation in JSON 6902 operations: an add or
// replace whose pointer is the annotation's, or leads to something around it.
func (s *search) operations(path []segment) {
	steps := append(slices.Clone(path), segment{key: s.key})
	index, found := s.index(), len(s.hits)
	for depth := len(steps); depth > 0; depth-- {
		keys, ok := plainKeys(steps[:depth])
		if !ok {
			continue
		}
		for _, op := range index[pointer(keys)] {
			s.operation(op, steps[depth:])
		}
	}
	if len(s.hits) == found && s.err == nil {
		s.addOperation(steps)
	}
}

// addOperation notes that one more operation can hold the annotation. A pointer
// cannot choose a list entry by a field.
func (s *search) addOperation(steps []segment) {
	slot := slot{of: s.candidate, at: s.node, file: s.file}
	for _, step := range steps[:len(steps)-1] {
		slot.path = append(slot.path, step.String())
	}
	if keys, ok := plainKeys(steps); ok {
		slot.insert = s.append(pointer(keys))
	}
	s.slots = append(s.slots, slot)
}

// index returns the add and replace operations by their pointers, made once.
func (c *candidate) index() map[string][]*yaml.Node {
	if c.byPointer != nil {
		return c.byPointer
	}
	c.byPointer = map[string][]*yaml.Node{}
	for _, op := range c.node.Content {
		keys, ok := pointerKeys(str(op, "path"))
		if verb := str(op, "op"); ok && (verb == "add" || verb == "replace") {
			c.byPointer[pointer(keys)] = append(c.byPointer[pointer(keys)], op)
		}
	}
	return c.byPointer
}

// operation looks in the value of one operation, which lacks the steps that
// its pointer does not name.
func (s *search) operation(op *yaml.Node, rest []segment) {
	k, v, err := s.file.Get(op, "value")
	switch {
	case err != nil:
		s.err = problemOf(s.name, err)
	case k == nil:
		line, column := s.file.Position(op)
		s.err = newProblem(s.name, line, column, "the operation has no value", "")
	case len(rest) == 0:
		s.hits = append(s.hits, hit{s.file, v, s.candidate})
	default:
		inside := search{name: s.name, candidate: s.candidate, key: s.key}
		inside.walk(s.file, nil, v, rest[:len(rest)-1])
		s.hits = append(s.hits, inside.hits...)
		if inside.err != nil {
			s.err = inside.err
		}
	}
}

// append returns what adds one more operation to the patch.
func (s *search) append(pointer string) func(*yamledit.Edits, string) error {
	f, list := s.file, s.node
	return func(e *yamledit.Edits, value string) error {
		return e.Append(f, list, []yamledit.Field{{Key: "op", Value: "add"}, {Key: "path", Value: pointer}, {Key: "value", Value: value}})
	}
}
