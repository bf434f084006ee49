package kustomize

import "go.yaml.in/yaml/v3"

// maxCloned bounds the nodes of a copy and maxDepth how deep they nest: aliases
// can make a short text as large as they like, or without end.
const (
	maxCloned = 1_000_000
	maxDepth  = 10_000
)

// clone copies a node with all that is below it. Aliases become copies of what
// they stand for and the maps under << part of the map around them, as
// kustomize does with all it reads (RNode.DeAnchor of kyaml). note, if not nil,
// is told what each copy was made of. The result is nil when the aliases expand
// without end or to more than a million nodes, or when << has no map.
func clone(n *yaml.Node, note func(copy, original *yaml.Node)) *yaml.Node {
	c := cloner{note: note}
	return c.copy(n, 0)
}

type cloner struct {
	note  func(copy, original *yaml.Node)
	count int
}

// copy returns nil when there is no copy; then no other is made either.
func (c *cloner) copy(n *yaml.Node, depth int) *yaml.Node {
	if c.count++; n == nil || c.count > maxCloned || depth > maxDepth {
		c.count = maxCloned
		return nil
	}
	if n.Kind == yaml.AliasNode {
		return c.copy(n.Alias, depth+1)
	}
	made := *n
	made.Anchor, made.Alias, made.Content = "", nil, nil
	if !c.fill(&made, n, depth+1) {
		return nil
	}
	if c.note != nil {
		c.note(&made, n)
	}
	return &made
}

// fill gives a copy the content of the node that it was made of.
func (c *cloner) fill(made, n *yaml.Node, depth int) bool {
	if n.Kind == yaml.MappingNode {
		return c.entries(made, n, depth) && c.merged(made, n, depth)
	}
	for _, child := range n.Content {
		copied := c.copy(child, depth)
		if copied == nil {
			return false
		}
		made.Content = append(made.Content, copied)
	}
	return true
}

// entries copies what stands in the map itself. kustomize drops a key << also
// where quotes make it an ordinary one.
func (c *cloner) entries(made, n *yaml.Node, depth int) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "<<" && n.Content[i].Kind == yaml.ScalarNode {
			continue
		}
		if !c.pair(made, n.Content[i], n.Content[i+1], depth) {
			return false
		}
	}
	return true
}

func (c *cloner) pair(made, key, value *yaml.Node, depth int) bool {
	k, v := c.copy(key, depth), c.copy(value, depth)
	if k == nil || v == nil {
		return false
	}
	made.Content = append(made.Content, k, v)
	return true
}

// merged adds what the maps under << have and the map has not. The first of
// them wins (YAML 1.1, merge key).
func (c *cloner) merged(made, n *yaml.Node, depth int) bool {
	var has map[string]bool
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			continue
		}
		if has == nil {
			has = keysOf(made)
		}
		if !c.absorb(made, has, n.Content[i+1], depth) {
			return false
		}
	}
	return true
}

// absorb adds one value of << to a map that has the keys of has.
func (c *cloner) absorb(made *yaml.Node, has map[string]bool, from *yaml.Node, depth int) bool {
	if c.count++; c.count > maxCloned || depth > maxDepth {
		return false
	}
	switch from.Kind {
	case yaml.AliasNode:
		return from.Alias.Kind == yaml.MappingNode && c.absorb(made, has, from.Alias, depth+1)
	case yaml.SequenceNode:
		return c.absorbAll(made, has, from, depth+1)
	case yaml.MappingNode:
		return c.absorbMap(made, has, from, depth+1)
	}
	return false
}

func (c *cloner) absorbAll(made *yaml.Node, has map[string]bool, from *yaml.Node, depth int) bool {
	for _, item := range from.Content {
		if item.Kind == yaml.SequenceNode || !c.absorb(made, has, item, depth) {
			return false
		}
	}
	return true
}

func (c *cloner) absorbMap(made *yaml.Node, has map[string]bool, from *yaml.Node, depth int) bool {
	var later []*yaml.Node
	for i := 0; i+1 < len(from.Content); i += 2 {
		key := from.Content[i]
		if key.Tag == "!!merge" {
			later = append(later, from.Content[i+1])
			continue
		}
		if name := resolve(key).Value; !has[name] {
			has[name] = true
			if !c.pair(made, key, from.Content[i+1], depth) {
				return false
			}
		}
	}
	for _, l := range later {
		if !c.absorb(made, has, l, depth) {
			return false
		}
	}
	return true
}

func keysOf(m *yaml.Node) map[string]bool {
	keys := map[string]bool{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		keys[m.Content[i].Value] = true
	}
	return keys
}
