package kustomize

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fieldSpec says which field of which objects a transformer writes.
// Source: sigs.k8s.io/kustomize/api/types.FieldSpec.
type fieldSpec struct {
	group, version, kind string
	path                 string
	create               bool
}

// fits says whether a selector, whose empty parts fit anything, takes an object
// of a kind.
func fits(group, version, kind string, i id) bool {
	return (group == "" || group == i.group) && (version == "" || version == i.version) && (kind == "" || kind == i.kind)
}

// errShape says that a path leads through a value that is no map.
var errShape = errors.New("a value is no map where one is needed")

// edit returns n with what set makes of the value at a path, and of those in
// all items of lists on the way. Nothing below n is changed, only copied where it
// differs, because other objects hold the same nodes. A missing value is made as
// one of kind create, unless that is 0.
// Source: sigs.k8s.io/kustomize/api/filters/fieldspec Filter.
func edit(n *yaml.Node, path []string, create yaml.Kind, set func(*yaml.Node) (*yaml.Node, error)) (*yaml.Node, error) {
	n = resolve(n)
	switch {
	case len(path) == 0:
		return set(n)
	case isMissing(n):
		return n, nil
	case n.Kind == yaml.SequenceNode:
		return editItems(n, path, create, set)
	case n.Kind == yaml.MappingNode:
		return editField(n, path, create, set)
	}
	return nil, errShape
}

func editItems(n *yaml.Node, path []string, create yaml.Kind, set func(*yaml.Node) (*yaml.Node, error)) (*yaml.Node, error) {
	made := n
	for i, item := range n.Content {
		edited, err := edit(item, path, create, set)
		if err != nil {
			return nil, err
		}
		if edited != item {
			if made == n {
				made = shallow(n)
			}
			made.Content[i] = edited
		}
	}
	return made, nil
}

func editField(n *yaml.Node, path []string, create yaml.Kind, set func(*yaml.Node) (*yaml.Node, error)) (*yaml.Node, error) {
	name, isList := strings.CutSuffix(path[0], "[]")
	if name == "" {
		return nil, errors.New("a path has an empty name")
	}
	i := keyIndex(n, name)
	var old *yaml.Node
	if i >= 0 {
		old = resolve(n.Content[i+1])
	}
	value := old
	if isMissing(value) {
		if create == 0 || isList {
			return n, nil
		}
		value = emptyNode(yaml.MappingNode)
		if len(path) == 1 {
			value = emptyNode(create)
		}
	}
	edited, err := edit(value, path[1:], create, set)
	if err != nil || edited == old {
		return n, err
	}
	return withField(n, i, name, edited), nil
}

// withField returns a map with a value at an index of its keys, or at its end
// when that is -1.
func withField(n *yaml.Node, i int, name string, value *yaml.Node) *yaml.Node {
	made := shallow(n)
	if i >= 0 {
		made.Content[i+1] = value
	} else {
		made.Content = append(made.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: value.Line}, value)
	}
	return made
}

func emptyNode(kind yaml.Kind) *yaml.Node {
	tag := "!!map"
	if kind == yaml.ScalarNode {
		tag = "!!str"
	}
	return &yaml.Node{Kind: kind, Tag: tag}
}

// shallow copies a node but not what is below it.
func shallow(n *yaml.Node) *yaml.Node {
	made := *n
	made.Anchor = ""
	made.Content = slices.Clone(n.Content)
	if n.Kind == yaml.MappingNode {
		made.Style &^= yaml.FlowStyle
	}
	return &made
}

// valueSetter sets a scalar.
func valueSetter(value *yaml.Node) func(*yaml.Node) (*yaml.Node, error) {
	return func(n *yaml.Node) (*yaml.Node, error) {
		if n.Kind != yaml.ScalarNode {
			return nil, errShape
		}
		return value, nil
	}
}

// pathOf splits the path of a fieldSpec; \/ stands for a slash in a name.
// Source: sigs.k8s.io/kustomize/kyaml/utils PathSplitter.
func pathOf(path string) []string {
	parts := strings.Split(path, "/")
	if len(parts) > 1 && parts[0] == "" {
		parts = parts[1:]
	}
	all := parts[:1:1]
	for _, part := range parts[1:] {
		if last := &all[len(all)-1]; strings.HasSuffix(*last, `\`) {
			*last = strings.TrimSuffix(*last, `\`) + "/" + part
		} else {
			all = append(all, part)
		}
	}
	return all
}

// write applies a fieldSpec to an object. What cannot be done there makes
// kustomize fail.
func (o *Object) write(path []string, create yaml.Kind, set func(*yaml.Node) (*yaml.Node, error)) error {
	edited, err := edit(o.node, path, create, set)
	if err != nil {
		return err
	}
	if edited != o.node {
		o.node, o.shared = edited, true
	}
	return nil
}
