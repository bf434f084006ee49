package kustomize

import (
	"encoding/json"
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"
)

// test fails unless the value is what stands at a pointer. Nothing equals null.
func (p *jsonPatch) test(path string, want *yaml.Node) error {
	if holdsOwn(path) {
		return notFollowed("test %s, where kustomize has annotations of its own", path)
	}
	at, err := p.find(path)
	if err != nil {
		return err
	}
	got, err := child(at)
	if err != nil {
		return err
	}
	if got == nil || want == nil || want.Tag == "!!null" {
		if got == nil && (want == nil || want.Tag == "!!null") {
			return nil
		}
		return errors.New("the value there is another one")
	}
	equal, err := p.equal(got, want)
	if err == nil && !equal {
		err = errors.New("the value there is another one")
	}
	return err
}

// equal compares as json-patch does: scalars by their JSON text.
func (p *jsonPatch) equal(got, want *yaml.Node) (bool, error) {
	if got.Kind != want.Kind {
		return false, nil
	}
	switch got.Kind {
	case yaml.MappingNode:
		return p.equalMaps(got, want)
	case yaml.SequenceNode:
		return p.equalLists(got, want)
	}
	// JSON text keeps the escapes and digits that it was written with, which
	// do not show in a node.
	if p.flow && !plainJSON(want) {
		return false, notFollowed("test with the value %q in JSON", want.Value)
	}
	return canonical(got) == canonical(want), nil
}

func (p *jsonPatch) equalMaps(got, want *yaml.Node) (bool, error) {
	if len(got.Content) != len(want.Content) {
		return false, nil
	}
	for i := 0; i+1 < len(got.Content); i += 2 {
		other := entry(want, got.Content[i].Value)
		if other == nil {
			return false, nil
		}
		a, b := got.Content[i+1].Tag == "!!null", other.Tag == "!!null"
		if a && b {
			continue
		}
		if equal, err := p.equal(got.Content[i+1], other); a != b || !equal || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (p *jsonPatch) equalLists(got, want *yaml.Node) (bool, error) {
	if len(got.Content) != len(want.Content) {
		return false, nil
	}
	for i := range got.Content {
		if got.Content[i].Tag == "!!null" || want.Content[i].Tag == "!!null" {
			return false, notFollowed("test with null in a list, which ends kustomize")
		}
		if equal, err := p.equal(got.Content[i], want.Content[i]); !equal || err != nil {
			return false, err
		}
	}
	return true, nil
}

// plainJSON says that a scalar can be written in one way only.
func plainJSON(n *yaml.Node) bool {
	if n.Tag != "!!str" {
		return canonical(n) == n.Value
	}
	for _, r := range n.Value {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/<>&`, r) {
			return false
		}
	}
	return true
}

// canonical is a scalar as Go writes it in JSON; "" for what JSON has not.
func canonical(n *yaml.Node) string {
	var v any
	if err := n.Decode(&v); err != nil {
		return ""
	}
	written, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(written)
}
