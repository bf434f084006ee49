package kustomize

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// steps are those of a pointer. What stands before the first slash is ignored,
// as json-patch does.
func steps(path string) []string {
	parts := strings.Split(path, "/")[1:]
	for i := range parts {
		parts[i] = unescape.Replace(parts[i])
	}
	return parts
}

// find follows a pointer up to its last step.
func (p *jsonPatch) find(path string) (place, error) {
	keys := steps(path)
	if len(keys) == 0 {
		return place{}, errors.New("this is the object itself")
	}
	at := p.root
	for i, key := range keys[:len(keys)-1] {
		next, err := child(place{at, key})
		if err != nil || next == nil || next.Kind == yaml.ScalarNode {
			return place{}, fmt.Errorf("there is no %s", prefix(path, i+1))
		}
		at = next
	}
	return place{at, keys[len(keys)-1]}, nil
}

// prefix is a pointer up to its nth step.
func prefix(path string, n int) string {
	return "/" + strings.Join(strings.Split(path, "/")[1:n+1], "/")
}

// child returns what stands at a place; nil for a key that is not there or null.
func child(at place) (*yaml.Node, error) {
	var found *yaml.Node
	if at.container.Kind == yaml.SequenceNode {
		i, err := index(at, len(at.container.Content)-1)
		if err != nil {
			return nil, err
		}
		found = at.container.Content[i]
	} else {
		found = entry(at.container, at.key)
	}
	if found != nil && found.Tag == "!!null" {
		found = nil
	}
	return found, nil
}

// index reads an index of a list. A negative one counts from behind its last.
func index(at place, last int) (int, error) {
	i, err := strconv.Atoi(at.key)
	if err != nil {
		return 0, fmt.Errorf("%q is no index of a list", at.key)
	}
	if i < 0 {
		i += last + 1
	}
	if i < 0 || i > last {
		return 0, fmt.Errorf("the list has no item %s", at.key)
	}
	return i, nil
}

// add sets a key or inserts an item.
func (p *jsonPatch) add(at place, value *yaml.Node) error {
	if at.container.Kind != yaml.SequenceNode {
		p.put(at.container, at.key, value)
		return nil
	}
	i := len(at.container.Content)
	if at.key != "-" {
		var err error
		if i, err = index(at, i); err != nil {
			return err
		}
	}
	p.change(at.container, slices.Insert(slices.Clone(at.container.Content), i, value))
	return nil
}

// replace sets a key, which need not be there, or an item, which must.
func (p *jsonPatch) replace(at place, value *yaml.Node) error {
	if at.container.Kind != yaml.SequenceNode {
		p.put(at.container, at.key, value)
		return nil
	}
	i, err := index(at, len(at.container.Content)-1)
	if err != nil {
		return err
	}
	content := slices.Clone(at.container.Content)
	content[i] = value
	p.change(at.container, content)
	return nil
}

func (p *jsonPatch) remove(at place) error {
	if at.container.Kind != yaml.SequenceNode {
		return p.drop(at.container, at.key)
	}
	i, err := index(at, len(at.container.Content)-1)
	if err != nil {
		return err
	}
	p.change(at.container, slices.Delete(slices.Clone(at.container.Content), i, i+1))
	return nil
}

// put sets a key of a map.
func (p *jsonPatch) put(m *yaml.Node, key string, value *yaml.Node) {
	content := slices.Clone(m.Content)
	if i := keyIndex(m, key); i >= 0 {
		content[i+1] = value
	} else {
		content = append(content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
	}
	p.change(m, content)
}

func (p *jsonPatch) drop(m *yaml.Node, key string) error {
	i := keyIndex(m, key)
	if i < 0 {
		return errors.New("there is nothing to remove")
	}
	p.change(m, slices.Delete(slices.Clone(m.Content), i, i+2))
	return nil
}

// keyIndex finds a key in the content of a map; -1 when it is not there.
func keyIndex(m *yaml.Node, key string) int {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return i
		}
	}
	return -1
}
