package yamledit

import (
	"go.yaml.in/yaml/v3"
)

// prove parses the edited text and walks it along the tree from before.
func (e *Edits) prove(text []byte) error {
	docs, err := parseDocs(text)
	if err != nil {
		return e.unproved(e.order[0])
	}
	p := prover{e, map[*yaml.Node]bool{}}
	return p.documents(e.root.docs, docs, e.order[0])
}

// unproved is the refusal of an edit that would change more than it should.
func (e *Edits) unproved(c *change) *Error {
	return c.file.refuse(c.node, "an edit here would change more than the one value", "edit this place by hand, or mark its line with a comment and use marker")
}

const (
	sharedMessage = "the value is shared through an anchor, an edit would change other places too"
	sharedHint    = "write the value out in place of the alias"
)

type prover struct {
	*Edits
	shared map[*yaml.Node]bool // nodes that an alias refers to
}

// documents compares all documents of a text; c is blamed for a difference
// that is not inside any of them.
func (p prover) documents(before, after []*yaml.Node, c *change) error {
	if len(before) != len(after) {
		return p.unproved(c)
	}
	for i := range before {
		collectShared(before[i], p.shared)
	}
	for i := range before {
		if err := p.node(before[i], after[i], c, false); err != nil {
			return err
		}
	}
	return nil
}

// collectShared notes the nodes below n that an alias refers to.
func collectShared(n *yaml.Node, shared map[*yaml.Node]bool) {
	if n.Kind == yaml.AliasNode {
		shared[n.Alias] = true
	}
	for _, c := range n.Content {
		collectShared(c, shared)
	}
}

// node compares one node with its successor. Shared says that an alias
// elsewhere reads this place too.
func (p prover) node(before, after *yaml.Node, blame *change, shared bool) error {
	shared = shared || p.shared[before]
	c := p.changes[before]
	switch {
	case c == nil:
		return p.same(before, after, blame, shared)
	case shared:
		return c.file.refuse(before, sharedMessage, sharedHint)
	case c.replace:
		return p.check(c, IsString(after) && after.Value == c.value && after.Anchor == before.Anchor)
	case c.inner:
		return p.innerText(c, after)
	case c.items != nil:
		return p.appended(c, after)
	}
	return p.inserted(c, after)
}

func (p prover) check(c *change, ok bool) error {
	if ok {
		return nil
	}
	return p.unproved(c)
}

// same compares a node that was not edited itself.
func (p prover) same(before, after *yaml.Node, blame *change, shared bool) error {
	if !sameHead(before, after) || before.Value != after.Value || len(before.Content) != len(after.Content) {
		return p.unproved(blame)
	}
	return p.contents(before.Content, after.Content, blame, shared)
}

func sameHead(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Style == b.Style && a.Anchor == b.Anchor
}

func (p prover) contents(before, after []*yaml.Node, blame *change, shared bool) error {
	for i := range before {
		if err := p.node(before[i], after[i], blame, shared); err != nil {
			return err
		}
	}
	return nil
}

// innerText compares the documents inside a scalar.
func (p prover) innerText(c *change, after *yaml.Node) error {
	if !sameHead(c.node, after) {
		return p.unproved(c)
	}
	docs, err := parseDocs([]byte(after.Value))
	if err != nil {
		return p.unproved(c)
	}
	return p.documents(c.file.inner[c.node].docs, docs, c)
}

// inserted checks a map, or what was a null, that has new entries.
func (p prover) inserted(c *change, after *yaml.Node) error {
	from, to := 2*c.at, 2*(c.at+len(c.added.sub))
	if after.Kind != yaml.MappingNode || len(after.Content) != len(c.node.Content)+to-from || !hasEntries(after.Content[from:to], c.added.sub) {
		return p.unproved(c)
	}
	if c.node.Kind == yaml.MappingNode && !sameHead(c.node, after) {
		return p.unproved(c)
	}
	rest := append(append([]*yaml.Node{}, after.Content[:from]...), after.Content[to:]...)
	return p.contents(c.node.Content, rest, c, false)
}

func hasEntries(nodes []*yaml.Node, entries []*entry) bool {
	if len(nodes) != 2*len(entries) {
		return false
	}
	for i, e := range entries {
		k, v := nodes[2*i], nodes[2*i+1]
		leaf := e.sub == nil && v.Value == e.value && IsString(v)
		if k.Value != e.key || !IsString(k) || !leaf && !(e.sub != nil && v.Kind == yaml.MappingNode && hasEntries(v.Content, e.sub)) {
			return false
		}
	}
	return true
}

// appended checks a list that has new items.
func (p prover) appended(c *change, after *yaml.Node) error {
	n := len(c.node.Content)
	if !sameHead(c.node, after) || len(after.Content) != n+len(c.items) {
		return p.unproved(c)
	}
	for i, item := range c.items {
		if !hasFields(after.Content[n+i], item) {
			return p.unproved(c)
		}
	}
	return p.contents(c.node.Content, after.Content[:n], c, false)
}

func hasFields(n *yaml.Node, fields []Field) bool {
	var entries []*entry
	for _, f := range fields {
		entries = append(entries, &entry{key: f.Key, value: f.Value})
	}
	return n.Kind == yaml.MappingNode && hasEntries(n.Content, entries)
}
