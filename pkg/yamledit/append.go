package yamledit

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Field is one key with its value.
type Field struct{ Key, Value string }

// Append puts a map of the fields at the end of the list l of f, in the style
// of its items. The error is an *Error.
func (e *Edits) Append(f *File, l *yaml.Node, fields []Field) error {
	if l.Kind != yaml.SequenceNode || l.Anchor != "" || l.Style&yaml.TaggedStyle != 0 {
		return f.refuse(l, "nothing can be appended here, expected a list without anchor or tag", "")
	}
	for _, field := range fields {
		if !writable(field.Key + field.Value) {
			return f.refuse(l, "the new item cannot be written on one line", "")
		}
	}
	c := e.change(f, l)
	c.items = append(c.items, fields)
	return nil
}

// appendix is the text of new items of a list.
func (c *change) appendix() (Span, string, error) {
	switch {
	case len(c.items) == 0:
		return Span{}, "", nil
	case c.node.Style&yaml.FlowStyle != 0:
		return c.flowAppendix()
	}
	return c.blockAppendix()
}

func (c *change) blockAppendix() (Span, string, error) {
	f := c.file
	line, ok := f.lastLine(c.node)
	if !ok {
		return Span{}, "", f.refuse(c.node, "the end of this list cannot be located", "add the item by hand")
	}
	dash := strings.Repeat(" ", c.node.Column-1)
	gap := strings.Repeat(" ", max(c.node.Content[0].Column-c.node.Column-1, 1))
	var b strings.Builder
	for _, item := range c.items {
		for i, field := range item {
			lead := "-" + gap
			if i > 0 {
				lead = " " + gap
			}
			b.WriteString("\n" + dash + lead + field.Key + ": " + fieldText(field))
		}
	}
	end := f.lines().lineEnd(line)
	return Span{end, end}, b.String(), nil
}

// fieldText writes a value the way people write JSON 6902 operations: words
// and pointers plain, the rest in quotes.
func fieldText(field Field) string {
	if field.Key == "value" {
		return quote(field.Value)
	}
	return plain(field.Value)
}

// lastLine returns the line on which the last thing inside n ends.
func (f *File) lastLine(n *yaml.Node) (line int, ok bool) {
	switch {
	case n.Style&yaml.FlowStyle != 0 && n.Kind != yaml.ScalarNode:
		off, err := f.contentStart(n)
		if err != nil {
			return 0, false
		}
		end, ok := flowEnd(f.text, off)
		return f.lines().line(end), ok
	case len(n.Content) > 0:
		return f.lastLine(n.Content[len(n.Content)-1])
	case n.Kind == yaml.AliasNode:
		return n.Line, true
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		l, err := f.open(n)
		if err != nil {
			return 0, false
		}
		return f.lines().line(l.segments[len(l.segments)-1].outer.Start), true
	}
	span, err := f.Span(n)
	return f.lines().line(span.Start), err == nil
}

func (c *change) flowAppendix() (Span, string, error) {
	f := c.file
	open, err := f.contentStart(c.node)
	if err != nil {
		return Span{}, "", err
	}
	var items []string
	for _, item := range c.items {
		items = append(items, flowItem(item))
	}
	if len(c.node.Content) == 0 {
		return Span{open + 1, open + 1}, strings.Join(items, ", "), nil
	}
	first, err1 := f.contentStart(c.node.Content[0])
	last, err2 := f.contentStart(c.node.Content[len(c.node.Content)-1])
	end, ok := flowEnd(f.text, last)
	if err1 != nil || err2 != nil || !ok {
		return Span{}, "", f.refuse(c.node, "the end of this list cannot be located", "add the item by hand")
	}
	sep := "," + f.gap(open+1, first)
	return Span{end, end}, sep + strings.Join(items, sep), nil
}

func flowItem(item []Field) string {
	var fields []string
	for _, field := range item {
		fields = append(fields, quote(field.Key)+": "+quote(field.Value))
	}
	return "{" + strings.Join(fields, ", ") + "}"
}
