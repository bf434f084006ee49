package yamledit

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entry is a new key with a value, or with a map of further entries.
type entry struct {
	key   string
	value string
	sub   []*entry
	known map[string]*entry // of sub, by key: a map may get a hundred thousand
}

// add puts value under path, sharing the maps that are there already; ok is false
// when something else stands there.
func (e *entry) add(path []string, value string) (ok bool) {
	sub := e.known[path[0]]
	switch {
	case sub == nil:
		sub = &entry{key: path[0]}
		if e.known == nil {
			e.known = map[string]*entry{}
		}
		e.known[sub.key], e.sub = sub, append(e.sub, sub)
		if len(path) == 1 {
			sub.value = value
			return true
		}
	case len(path) == 1 || sub.sub == nil:
		return false
	}
	return sub.add(path[1:], value)
}

// Insert puts path[0], with maps for the rest of path and value at its end,
// into the map m of f; a null is taken for an empty map. Key is the key node
// of m, nil when it has none (a document or the item of a list). Nothing is
// inserted into an anchored or tagged map. The error is an *Error.
func (e *Edits) Insert(f *File, key, m *yaml.Node, path []string, value string) error {
	switch {
	case m.Anchor != "" || m.Style&yaml.TaggedStyle != 0:
		return f.refuse(m, "the map has an anchor or a tag, nothing can be inserted", "add the key by hand")
	case m.Kind != yaml.MappingNode && !(IsNull(m) && key != nil):
		return f.refuse(m, "a "+kindName(m)+" stands here, expected a map", "")
	case !writable(value + strings.Join(path, "")):
		return f.refuse(m, "the new key or value cannot be written on one line", "")
	}
	c := e.change(f, m)
	if !c.added.add(path, value) {
		return f.refuse(m, fmt.Sprintf("two values are to be inserted as %s", printable(strings.Join(path, "."))), "give each rule a place of its own")
	}
	c.key = key
	if m.Style&yaml.FlowStyle == 0 && key == nil {
		c.at = f.lastScalarPair(m) + 1
	}
	return nil
}

// insertion is the text of new entries in a map.
func (c *change) insertion() (Span, string, error) {
	switch {
	case len(c.added.sub) == 0:
		return Span{}, "", nil
	case c.node.Style&yaml.FlowStyle != 0:
		return c.flowInsertion()
	case IsNull(c.node) && c.node.Value != "":
		return c.inPlaceOfNull()
	}
	return c.blockInsertion()
}

// inPlaceOfNull writes a flow map where null or ~ stands.
func (c *change) inPlaceOfNull() (Span, string, error) {
	span, err := c.file.Span(c.node)
	if err != nil {
		return Span{}, "", err
	}
	return span, "{" + strings.Join(flowEntries(c.added.sub, c.file.isJSON(c.node)), ", ") + "}", nil
}

// blockInsertion writes new lines below the line of the map's key: there they
// come between no comment and the entry that it belongs to. In a map without
// a key they go below its last entry that is a scalar on one line.
func (c *change) blockInsertion() (Span, string, error) {
	f, line := c.file, 0
	switch {
	case c.key != nil && (c.node.Line > c.key.Line || IsNull(c.node)):
		line = c.key.Line
	case c.key == nil && c.at > 0:
		line = c.node.Content[2*c.at-1].Line
	default:
		return Span{}, "", f.refuse(c.node, "no line can be inserted into this map", "add the key by hand")
	}
	end := f.lines().lineEnd(line)
	indent, step := c.node.Column-1, f.indentStep(c.node)
	if IsNull(c.node) {
		indent = c.key.Column - 1 + step
	}
	return Span{end, end}, blockLines(c.added.sub, indent, step), nil
}

func blockLines(entries []*entry, indent, step int) string {
	var b strings.Builder
	for _, e := range entries {
		b.WriteString("\n" + strings.Repeat(" ", indent) + plain(e.key) + ":")
		if e.sub == nil {
			b.WriteString(" " + quote(e.value))
		} else {
			b.WriteString(blockLines(e.sub, indent+step, step))
		}
	}
	return b.String()
}

// lastScalarPair returns the number of the last pair of a block map that
// stands on one line, or -1.
func (f *File) lastScalarPair(m *yaml.Node) int {
	last := -1
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		if v.Kind != yaml.ScalarNode || v.Line != k.Line || IsNull(v) {
			continue
		}
		if _, err := f.Span(v); err == nil {
			last = i / 2
		}
	}
	return last
}

// indentStep returns the indentation of the document that n stands in: how far
// the first nested block map stands right of its parent.
func (f *File) indentStep(n *yaml.Node) int {
	for _, doc := range f.docs {
		if step := nestedStep(doc); step > 0 && holdsNode(doc, n) {
			return step
		}
	}
	return 2
}

func holdsNode(in, n *yaml.Node) bool {
	if in == n {
		return true
	}
	for _, c := range in.Content {
		if holdsNode(c, n) {
			return true
		}
	}
	return false
}

func nestedStep(n *yaml.Node) int {
	if n.Style&yaml.FlowStyle != 0 {
		return 0
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && c.Kind == yaml.MappingNode && c.Style&yaml.FlowStyle == 0 && c.Column > n.Column {
			return c.Column - n.Column
		}
		if step := nestedStep(c); step > 0 {
			return step
		}
	}
	return 0
}
