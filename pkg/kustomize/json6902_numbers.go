package kustomize

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	yaml2 "go.yaml.in/yaml/v2"
	"go.yaml.in/yaml/v3"
)

// sameInJSON refuses a value that YAML 1.1, as which kustomize reads a JSON
// patch (sigs.k8s.io/yaml), reads otherwise than YAML 1.2, as which the node was
// read: "yes", for one. Dates become text, as they do there.
func sameInJSON(n *yaml.Node) error {
	if n == nil {
		return nil
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if err := keyInJSON(c); err != nil {
				return err
			}
		} else if err := sameInJSON(c); err != nil {
			return err
		}
	}
	if n.Kind != yaml.ScalarNode || !isOpen(n) {
		return nil
	}
	return scalarInJSON(n)
}

// isOpen says that the type of a scalar depends on its text. No text so long is
// anything but text.
func isOpen(n *yaml.Node) bool {
	return n.Style&^yaml.TaggedStyle == 0 && len(n.Value) <= 128 && (n.Tag != "!!str" || n.Style == 0)
}

func scalarInJSON(n *yaml.Node) error {
	var now any
	if err := n.Decode(&now); err != nil {
		return notFollowed("the value %s: %v", n.Value, err)
	}
	old, err := inYAML11(n)
	if _, ok := now.(time.Time); ok && err == nil && old == n.Value {
		n.Tag = "!!str"
		return nil
	}
	if a, b := asJSON(old), asJSON(now); err != nil || n.Style != 0 || a == "" || a != b {
		return notFollowed("%s, which YAML 1.1 and YAML 1.2 read differently: write it in quotes", n.Value)
	}
	if bigNumber(n) != nil {
		return notFollowed("%s has more digits than a JSON patch leaves", n.Value)
	}
	return nil
}

// keyInJSON makes a key of a value text, as which it arrives.
func keyInJSON(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return notFollowed("a key that is not a scalar")
	}
	if !isOpen(n) {
		return nil
	}
	old, err := inYAML11(n)
	if err != nil || old == nil || n.Style != 0 || reflect.TypeOf(old).Kind() == reflect.Float64 || fmt.Sprint(old) != n.Value {
		return notFollowed("the key %s, which YAML 1.1 and YAML 1.2 read differently: write it in quotes", n.Value)
	}
	n.Tag = "!!str"
	return nil
}

// inYAML11 reads a plain scalar as YAML 1.1.
func inYAML11(n *yaml.Node) (any, error) {
	var holder map[string]any
	err := yaml2.Unmarshal([]byte("v: "+n.Value+"\n"), &holder)
	return holder["v"], err
}

func asJSON(v any) string {
	written, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(written)
}
