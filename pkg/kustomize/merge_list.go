package kustomize

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mergeLists merges lists by their keys where the schema has some; else the
// patch replaces (Walker.walkAssociativeSequence, merge2.Merger.VisitList).
func mergeLists(into, patch *yaml.Node, s *shape) (*yaml.Node, error) {
	switch {
	case s == nil || !s.merge:
		if patch != nil {
			return patch, nil
		}
		return into, nil
	case isMissing(into):
		into = patch
	default:
		var err error
		if into, err = choose(into, patch); into == nil || err != nil {
			return nil, err
		}
	}
	m := listMerge{into: into, patch: patch, keys: s.keys, items: s.elements()}
	if len(s.keys) == 0 {
		m.keys = []string{""}
	}
	return into, m.run()
}

// listMerge merges lists by the values of keys; the key "" is an item itself.
// It does what Walker.setAssociativeSequenceElements does, step by step: what
// that makes of items without a key is hard to put in words.
type listMerge struct {
	into, patch *yaml.Node
	keys        []string
	items       *shape

	values [][]string // of the keys, for all items
	used   []string   // the keys that any item has
	result yaml.Node
}

func (m *listMerge) run() error {
	m.result.Kind = yaml.SequenceNode
	m.collect()
	if len(m.values) == 0 {
		return nil
	}
	for _, values := range m.values {
		if err := m.item(values); err != nil {
			return err
		}
	}
	for _, item := range m.into.Content {
		if err := m.append(item); err != nil {
			return err
		}
	}
	m.into.Content = m.result.Content
	return nil
}

// collect finds the values of the keys, those of the patch first.
func (m *listMerge) collect() {
	for _, list := range []*yaml.Node{m.patch, m.into} {
		if list == nil {
			continue
		}
		for _, item := range list.Content {
			values := m.valuesOf(item)
			if !slices.ContainsFunc(m.values, func(v []string) bool { return slices.Equal(v, values) }) {
				m.values = append(m.values, values)
			}
		}
	}
	if len(m.keys) > 1 {
		unify(m.values)
	}
}

func (m *listMerge) valuesOf(item *yaml.Node) []string {
	if m.keys[0] == "" {
		return []string{item.Value}
	}
	values := make([]string, len(m.keys))
	for i, key := range m.keys {
		if v := entry(item, key); v != nil && !isMissing(v) {
			values[i] = v.Value
		}
	}
	return values
}

// unify makes values one that are the same but for keys that are not there: a
// port with and without its protocol (walk.mergeValues).
func unify(all [][]string) {
	for i, a := range all {
		for j, b := range all {
			if both, ok := common(a, b); ok {
				all[i], all[j] = both, both
			}
		}
	}
}

func common(a, b []string) (both []string, ok bool) {
	for i := range a {
		switch {
		case a[i] == b[i]:
			ok = true
			both = append(both, a[i])
		case a[i] != "" && b[i] != "":
			return nil, false
		default:
			both = append(both, a[i]+b[i])
		}
	}
	return both, ok
}

// present leaves only the keys that have a value in one of all (walk.validateKeys).
func present(all [][]string, values, keys []string) (k, v []string) {
	for i, key := range keys {
		if slices.ContainsFunc(all, func(v []string) bool { return v[i] != "" }) {
			k, v = append(k, key), append(v, values[i])
		}
	}
	if k == nil {
		return keys, values
	}
	return k, v
}

// item merges the items that have these values.
func (m *listMerge) item(values []string) error {
	keys, values := present(m.values, values, m.keys)
	m.used = keys
	own, ownValues := present([][]string{values}, values, keys)
	value, err := merge(findItem(m.into, own, ownValues), findItem(m.patch, own, ownValues), m.items)
	if err != nil {
		return under(strings.Join(values, ","), err)
	}
	if isMissing(value) || value.Kind == yaml.MappingNode && len(value.Content) == 0 {
		return setItem(m.into, nil, keys, values)
	}
	return setItem(&m.result, value, keys, values)
}

// append adds an item of the object, or puts it in the place of that with the
// same values (walk.appendListNode).
func (m *listMerge) append(item *yaml.Node) error {
	var values []string
	for _, key := range m.used {
		v, err := m.valueOf(item, key)
		if err != nil {
			return err
		}
		if v == nil {
			m.result.Content = append(m.result.Content, item)
			continue
		}
		values = append(values, v.Value)
	}
	if len(m.used) > 1 {
		if err := setItem(&m.result, nil, m.used, values); err != nil {
			return err
		}
	}
	return setItem(&m.result, item, m.used, values)
}

func (m *listMerge) valueOf(item *yaml.Node, key string) (*yaml.Node, error) {
	switch {
	case key == "":
		return item, nil
	case isMissing(item):
		return nil, nil
	case item.Kind != yaml.MappingNode:
		return nil, fmt.Errorf("an item is not a map with %s", key)
	}
	return entry(item, key), nil
}

// findItem finds the item with these values of keys, or nil (yaml.ElementMatcher).
func findItem(list *yaml.Node, keys, values []string) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range list.Content {
		if keys[0] == "" && item.Value == values[0] || keys[0] != "" && hasAll(item, keys, values) {
			return item
		}
	}
	return nil
}

func hasAll(item *yaml.Node, keys, values []string) bool {
	if isMissing(item) {
		return false
	}
	for i, key := range keys {
		if v := entry(item, key); v == nil || v.Value != values[i] {
			return false
		}
	}
	return true
}

// setItem sets the item with these values of keys, or removes it for nil; one
// that is not there is added (yaml.ElementSetter).
func setItem(list, item *yaml.Node, keys, values []string) error {
	var content []*yaml.Node
	found := false
	for _, old := range list.Content {
		if isMissing(old) || old.Kind == yaml.MappingNode && len(old.Content) == 0 {
			continue
		}
		match, stays, err := hasValues(old, keys, values)
		if err != nil {
			return err
		}
		switch {
		case match && item != nil:
			content = append(content, item)
		case !match && stays:
			content = append(content, old)
		}
		found = found || match
	}
	if !isMissing(item) && !found {
		content = append(content, item)
	}
	list.Content = content
	return nil
}

// hasValues says whether an item has these values of keys, and whether it stays
// if it has not. The value "" stands for any.
func hasValues(item *yaml.Node, keys, values []string) (match, stays bool, err error) {
	forMaps := keys[0] != "" && len(values) > 0 && values[0] != ""
	if item.Kind != yaml.MappingNode && forMaps {
		return false, true, nil
	}
	if len(values) == 0 {
		return false, false, nil
	}
	if (item.Kind == yaml.MappingNode) != (keys[0] != "") {
		return false, false, errors.New("an item is neither what the list holds nor what the patch holds")
	}
	if keys[0] == "" {
		return item.Value == values[0], true, nil
	}
	for i, key := range keys[:min(len(keys), len(values))] {
		if v := entry(item, key); v == nil || values[i] != "" && v.Value != values[i] {
			return false, true, nil
		}
	}
	return true, true, nil
}
