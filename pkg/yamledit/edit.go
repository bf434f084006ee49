package yamledit

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Edits collects changes of one whole file. Its methods take the File that
// holds the node: the whole file or a text inside one of its scalars.
type Edits struct {
	root    *File
	changes map[*yaml.Node]*change
	order   []*change
}

// change is what happens to one node.
type change struct {
	file *File
	node *yaml.Node

	replace bool
	value   string // the new value of a scalar

	added entry      // its sub: new entries of a map, in front of pair number at
	key   *yaml.Node // the key of that map, if any
	at    int

	items [][]Field // new items at the end of a list

	inner bool // the text inside this scalar is edited
}

// NewEdits starts with no change of file, which is a whole file.
func NewEdits(file *File) *Edits {
	return &Edits{root: file, changes: map[*yaml.Node]*change{}}
}

// Replace gives the scalar n of f the value, in its own quoting style. Value
// is one line of printable characters. The error is an *Error.
func (e *Edits) Replace(f *File, n *yaml.Node, value string) error {
	if !writable(value) {
		return f.refuse(n, "the new value cannot be written on one line", "")
	}
	if _, err := f.Span(n); err != nil {
		return err
	}
	if n.Style&yaml.TaggedStyle != 0 && n.ShortTag() != "!!str" {
		return f.refuse(n, fmt.Sprintf("the value has the tag %s, expected a string", printable(n.Tag)), "remove the tag")
	}
	c := e.change(f, n)
	c.replace, c.value = true, value
	return nil
}

// change returns the change of n, marking the scalars around it as edited.
func (e *Edits) change(f *File, n *yaml.Node) *change {
	c := e.changes[n]
	if c == nil {
		c = &change{file: f, node: n}
		e.changes[n] = c
		e.order = append(e.order, c)
	}
	if f.layer != nil {
		e.change(f.layer.outer, f.layer.holder).inner = true
	}
	return c
}

// splice is text in place of a span of the whole file.
type splice struct {
	Span
	text string
}

// Bytes returns the edited file, proved: it has been parsed again, holds what
// was asked for and reads the same everywhere else. The error is an *Error.
func (e *Edits) Bytes() ([]byte, error) {
	if len(e.order) == 0 {
		return e.root.text, nil
	}
	var splices []splice
	for _, c := range e.order {
		s, err := c.splices()
		if err != nil {
			return nil, err
		}
		splices = append(splices, s...)
	}
	text, err := e.apply(splices)
	if err != nil {
		return nil, err
	}
	return text, e.prove(text)
}

func (e *Edits) apply(splices []splice) ([]byte, error) {
	sort.SliceStable(splices, func(i, j int) bool { return splices[i].Start < splices[j].Start })
	var out []byte
	done := 0
	for _, s := range splices {
		if s.Start < done {
			line, column := e.root.lines().position(s.Start)
			return nil, &Error{Line: line, Column: column, Message: "two edits overlap here"}
		}
		out = append(append(out, e.root.text[done:s.Start]...), s.text...)
		done = s.End
	}
	return append(out, e.root.text[done:]...), nil
}

func (c *change) splices() ([]splice, error) {
	var all []splice
	for _, make := range []func() (Span, string, error){c.replacement, c.insertion, c.appendix} {
		span, text, err := make()
		if err != nil {
			return nil, err
		}
		if text == "" {
			continue
		}
		s, err := c.lift(span, text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// replacement is the new text of a scalar.
func (c *change) replacement() (Span, string, error) {
	if !c.replace {
		return Span{}, "", nil
	}
	span, err := c.file.Span(c.node)
	switch {
	case err != nil:
		return Span{}, "", err
	case c.node.Style&yaml.DoubleQuotedStyle != 0:
		return span, quote(c.value), nil
	case c.node.Style&yaml.SingleQuotedStyle != 0:
		return span, singleQuote(c.value), nil
	case span.Start == span.End && !isSpace(c.file.text[max(span.Start-1, 0)]):
		return span, " " + plain(c.value), nil
	}
	return span, plain(c.value), nil
}

// lift carries a splice from the text inside a scalar out to the whole file.
func (c *change) lift(span Span, text string) (splice, error) {
	f := c.file
	for ; f.layer != nil; f = f.layer.outer {
		lifted, ok1 := f.layer.lift(span)
		encoded, ok2 := f.layer.encode(text)
		if !ok1 || !ok2 {
			return splice{}, c.file.refuse(c.node, "the place inside the scalar cannot be located byte by byte", "write the text around it as a literal block scalar (|-)")
		}
		if bytes.ContainsAny(f.layer.outer.text[lifted.Start:lifted.End], "\n\r") {
			return splice{}, c.file.refuse(c.node, "the value spans more than one line of the file, expected one", "write it on one line, in quotes")
		}
		span, text = lifted, encoded
	}
	return splice{span, strings.ReplaceAll(text, "\n", f.lines().breakAt(span.Start))}, nil
}

// breakAt returns the line break that is in use around off.
func (t lineTable) breakAt(off int) string {
	line := t.line(off)
	for _, l := range []int{line, line - 1} {
		if l < 1 || l >= len(t.starts) {
			continue
		}
		if b := string(t.text[t.lineEnd(l):t.starts[l]]); b != "" {
			return b
		}
	}
	return "\n"
}
