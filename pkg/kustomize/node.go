package kustomize

import "go.yaml.in/yaml/v3"

// get returns the value of a key of a map, with aliases resolved, or nil.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if n = entry(n, key); n == nil {
			return nil
		}
	}
	return n
}

func entry(n *yaml.Node, key string) *yaml.Node {
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// text returns the scalar below keys, or "".
func text(n *yaml.Node, keys ...string) string {
	return scalar(get(n, keys...))
}

// scalar is the value of a scalar, "" for null and all else.
func scalar(v *yaml.Node) string {
	if v == nil || v.Kind != yaml.ScalarNode || v.Tag == "!!null" {
		return ""
	}
	return v.Value
}

// truth says whether true stands below keys, in one of the words that YAML 1.1
// has for it.
func truth(n *yaml.Node, keys ...string) bool {
	v := get(n, keys...)
	if v == nil || v.Kind != yaml.ScalarNode || v.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return false
	}
	switch v.Value {
	case "true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON":
		return true
	}
	return false
}

// list returns the items below keys; a single value counts as a list of one.
func list(n *yaml.Node, keys ...string) []*yaml.Node {
	v := get(n, keys...)
	switch {
	case v == nil || v.Tag == "!!null":
		return nil
	case v.Kind == yaml.SequenceNode:
		items := make([]*yaml.Node, len(v.Content))
		for i, item := range v.Content {
			items[i] = resolve(item)
		}
		return items
	}
	return []*yaml.Node{v}
}

// pairs calls do for each entry of a map.
func pairs(n *yaml.Node, do func(key, value *yaml.Node)) {
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		do(n.Content[i], resolve(n.Content[i+1]))
	}
}
