package kustomize

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mergePatch merges a strategic merge patch into an object as kustomize does
// (sigs.k8s.io/kustomize/kyaml/yaml/merge2, patch items first). Both trees come
// from [clone], the patch from one of its own for each object, and are taken
// over: what the patch sets are its own nodes, but the style and tag of a scalar
// may change, and its directives go. After an error both are of no more use. The
// object keeps its apiVersion, kind, name and namespace. deleted says that
// nothing is left of it.
func mergePatch(object, patch *yaml.Node) (deleted bool, err error) {
	if object.Kind != yaml.MappingNode || patch.Kind != yaml.MappingNode {
		return false, errors.New("the object or its patch is not a map")
	}
	own := identityOf(object)
	merged, err := merge(object, patch, nil)
	if err != nil {
		return false, err
	}
	// Kustomize forgets what replaces an object as a whole.
	if merged == nil || merged == object && len(object.Content) == 0 {
		return true, nil
	}
	return false, own.restore(object)
}

// targetPatch does to a patch what kustomize does when the patch has a target
// (resWrangler.ApplySmPatch, CopyMergeMetaDataFieldsFrom): its labels and
// annotations become text, so that null removes none, and go when there are
// none. It comes before [mergePatch].
func targetPatch(patch *yaml.Node) error {
	meta := entry(patch, "metadata")
	if meta == nil || meta.Kind != yaml.MappingNode {
		return nil
	}
	for _, name := range []string{"labels", "annotations"} {
		m := entry(meta, name)
		if m == nil {
			continue
		}
		if len(m.Content) == 0 {
			removeKey(meta, name)
		} else if err := valuesToText(name, m); err != nil {
			return err
		}
	}
	return nil
}

func valuesToText(name string, m *yaml.Node) error {
	if m.Kind != yaml.MappingNode {
		return fmt.Errorf("the %s of the patch are not a map", name)
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		v := m.Content[i+1]
		if v.Kind != yaml.ScalarNode {
			return notFollowed("a value of %s that is not text", name)
		}
		v.Tag = "!!str"
	}
	return nil
}

// identity is what a patch cannot change.
type identity struct{ apiVersion, kind, name, namespace *yaml.Node }

func identityOf(object *yaml.Node) identity {
	return identity{
		entry(object, "apiVersion"), entry(object, "kind"),
		get(object, "metadata", "name"), get(object, "metadata", "namespace"),
	}
}

// restore gives an object its identity back (Resource.ApplySmPatch).
func (i identity) restore(object *yaml.Node) error {
	keep(object, "apiVersion", i.apiVersion)
	keep(object, "kind", i.kind)
	meta := entry(object, "metadata")
	if meta == nil {
		meta = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		keep(object, "metadata", meta)
	}
	if meta.Kind != yaml.MappingNode {
		return errors.New("the metadata is not a map")
	}
	keep(meta, "name", i.name)
	if i.namespace == nil || i.namespace.Value == "" || isNull(i.namespace) {
		removeKey(meta, "namespace")
	}
	keep(meta, "namespace", i.namespace)
	return nil
}

// keep sets a key to the node that it had; one that it had not is left alone.
func keep(m *yaml.Node, key string, value *yaml.Node) {
	if value == nil || isNull(value) || value.Value == "" && value.Kind == yaml.ScalarNode {
		return
	}
	if i := keyIndex(m, key); i >= 0 {
		m.Content[i+1] = value
		return
	}
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

func removeKey(m *yaml.Node, key string) {
	if i := keyIndex(m, key); i >= 0 {
		m.Content = slices.Delete(slices.Clone(m.Content), i, i+2)
	}
}

func isNull(n *yaml.Node) bool { return n != nil && n.Tag == "!!null" }

// isMissing says that there is nothing or null (yaml.IsMissingOrNull of kyaml).
func isMissing(n *yaml.Node) bool { return n == nil || isNull(n) }

// merge merges patch into into; either may be nil. The result is nil when
// nothing is left, else into or patch, changed (walk.Walker.Walk).
func merge(into, patch *yaml.Node, s *shape) (*yaml.Node, error) {
	if s == nil {
		s = shapeOf(into, patch)
	}
	first := into
	if isMissing(into) {
		first = patch
	}
	kind := yaml.MappingNode
	if !isMissing(first) {
		kind = first.Kind
	}
	if !isMissing(patch) && patch.Kind != kind {
		return nil, errors.New("the patch has another kind of value than the object")
	}
	switch kind {
	case yaml.MappingNode:
		return mergeMaps(into, patch, s)
	case yaml.SequenceNode:
		return mergeLists(into, patch, s)
	}
	if patch != nil {
		return patch, nil
	}
	return into, nil
}

// mergeMaps walks also through what is in one of the maps alone: its nulls and
// directives are gone afterwards (Walker.walkMap).
func mergeMaps(into, patch *yaml.Node, s *shape) (*yaml.Node, error) {
	into, err := chooseMap(into, patch)
	if into == nil || err != nil {
		return nil, err
	}
	for _, key := range allKeys(into, patch) {
		from := entry(patch, key)
		value, err := merge(entry(into, key), from, s.field(key))
		if err != nil {
			return nil, under(key, err)
		}
		// A null that is written out stays where no patch is.
		if isNull(value) && (from != nil || value.Value == "") {
			value = nil
		}
		setKey(into, patch, key, value)
	}
	return into, nil
}

// under adds to an error where it happened.
func under(key string, err error) error {
	if strings.HasPrefix(err.Error(), "not followed: ") {
		return err
	}
	return fmt.Errorf("%s: %w", key, err)
}

// chooseMap returns the map that the result goes to, nil for none
// (merge2.Merger.VisitMap).
func chooseMap(into, patch *yaml.Node) (*yaml.Node, error) {
	if isMissing(into) {
		switch d, _ := directive(patch); {
		case d == "delete":
			return nil, nil
		case patch == nil && into != nil && into.Value != "":
			return into, nil
		}
		return patch, nil
	}
	return choose(into, patch)
}

// choose returns what the result goes to, where there is something already.
func choose(into, patch *yaml.Node) (*yaml.Node, error) {
	if isNull(patch) {
		return nil, nil
	}
	switch d, err := directive(patch); {
	case err != nil || d == "delete":
		return nil, err
	case d == "replace":
		return patch, nil
	}
	return into, nil
}

// directive takes $patch out of a map, or out of a list the item that holds
// nothing else (merge2.determineSmpDirective).
func directive(n *yaml.Node) (string, error) {
	if n == nil {
		return "merge", nil
	}
	holder := n
	if n.Kind == yaml.SequenceNode {
		holder = firstWith(n, "$patch")
	}
	d := entry(holder, "$patch")
	if d == nil || holder != n && len(holder.Content) > 2 {
		return "merge", nil
	}
	if !slices.Contains([]string{"delete", "replace", "merge"}, d.Value) {
		return "", fmt.Errorf("$patch is %q, expected delete, replace or merge", d.Value)
	}
	if holder == n {
		removeKey(n, "$patch")
		return d.Value, nil
	}
	return d.Value, setItem(n, nil, []string{"$patch"}, []string{d.Value})
}

func firstWith(list *yaml.Node, key string) *yaml.Node {
	for _, item := range list.Content {
		if entry(item, key) != nil {
			return item
		}
	}
	return nil
}

// allKeys are the keys of two maps in order.
func allKeys(a, b *yaml.Node) []string {
	keys := map[string]bool{}
	for _, m := range []*yaml.Node{a, b} {
		if m != nil && m.Kind == yaml.MappingNode {
			maps.Copy(keys, keysOf(m))
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// setKey sets a key of a map, or removes it for nil. The key of a new entry is
// that of the patch.
func setKey(into, patch *yaml.Node, key string, value *yaml.Node) {
	i := keyIndex(into, key)
	switch {
	case value == nil:
		removeKey(into, key)
	case i >= 0:
		takeStyle(value, into.Content[i+1])
		into.Content[i+1] = value
	default:
		into.Content = append(into.Content, patch.Content[keyIndex(patch, key)], value)
	}
}

// quoted are the styles that make any scalar text.
const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// takeStyle gives a scalar the style of the one that it replaces, as kustomize
// does (yaml.FieldSetter): a number that replaces a text in quotes is a text
// from then on.
func takeStyle(value, before *yaml.Node) {
	if value == before || value.Kind != yaml.ScalarNode {
		return
	}
	value.Style = before.Style
	if value.Style&quoted != 0 && slices.Contains([]string{"!!int", "!!float", "!!bool", "!!timestamp"}, value.Tag) {
		value.Tag = "!!str"
	}
}
