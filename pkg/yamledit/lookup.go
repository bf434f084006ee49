package yamledit

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Get returns the key and value nodes of key in the map m, or nils when it is
// not there. A key that stands twice, or that comes through a merge (<<), is
// an *Error: an edit there could not be proved.
func (f *File) Get(m *yaml.Node, key string) (k, v *yaml.Node, err error) {
	pairs := f.pairs(m, key)
	switch {
	case len(pairs) > 1:
		first, _ := f.Position(m.Content[pairs[0]])
		return nil, nil, f.refuse(m.Content[pairs[1]], fmt.Sprintf("duplicate key %s, first on line %d", printable(key), first), "remove one of the two")
	case len(pairs) == 1:
		return m.Content[pairs[0]], m.Content[pairs[0]+1], nil
	}
	for _, i := range f.pairs(m, "<<") {
		if m.Content[i].Tag == "!!merge" && merges(m.Content[i+1], key, 0) {
			return nil, nil, f.refuse(m, fmt.Sprintf("%s comes through a merge key (<<), expected a key of its own", printable(key)), "write the key out in this map")
		}
	}
	return nil, nil, nil
}

// manyPairs is the size from which a map is worth an index of its keys.
const manyPairs = 32

// pairs returns where in m.Content the key stands.
func (f *File) pairs(m *yaml.Node, key string) []int {
	if len(m.Content) >= 2*manyPairs {
		return f.index(m)[key]
	}
	var at []int
	for i := 0; i+1 < len(m.Content); i += 2 {
		if n := m.Content[i]; n.Kind == yaml.ScalarNode && n.Value == key {
			at = append(at, i)
		}
	}
	return at
}

// index returns the places of all keys of m, made once.
func (f *File) index(m *yaml.Node) map[string][]int {
	if index, ok := f.keys[m]; ok {
		return index
	}
	index := make(map[string][]int, len(m.Content)/2)
	for i := 0; i+1 < len(m.Content); i += 2 {
		if n := m.Content[i]; n.Kind == yaml.ScalarNode {
			index[n.Value] = append(index[n.Value], i)
		}
	}
	if f.keys == nil {
		f.keys = map[*yaml.Node]map[string][]int{}
	}
	f.keys[m] = index
	return index
}

// maxMerges bounds how deep merge keys are followed.
const maxMerges = 16

// merges says whether the value of a merge key brings key in.
func merges(n *yaml.Node, key string, depth int) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if depth > maxMerges {
		return true
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode && merges(c, key, depth+1):
			return true
		case n.Kind == yaml.MappingNode && i%2 == 0 && c.Value == key:
			return true
		case n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Tag == "!!merge" && merges(c, key, depth+1):
			return true
		}
	}
	return false
}

// IsNull says whether n is a null, written out or not.
func IsNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// IsString says whether every reader of YAML takes the scalar n for a string.
func IsString(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		return false
	}
	quoted := n.Style&^yaml.FlowStyle != 0
	return quoted || !readsAsOther(n.Value)
}
