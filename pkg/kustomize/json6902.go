package kustomize

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml2 "go.yaml.in/yaml/v2"
	"go.yaml.in/yaml/v3"
)

// notFollowed is the error for what kustomize does and fluxsum does not.
func notFollowed(format string, args ...any) error {
	return fmt.Errorf("not followed: "+format, args...)
}

// applyOperations applies the operations of a JSON patch (RFC 6902) to an
// object as kustomize does: with gopkg.in/evanphx/json-patch.v4 and its
// defaults, to an object that has annotations of kustomize's own. Both trees
// come from [clone] and are taken over: values become part of the object, and
// their tags may change. What is copied within the object gets containers of its
// own and the same scalars: those must not be changed. An error leaves the
// object as it was.
func applyOperations(object, operations *yaml.Node) error {
	p := &jsonPatch{root: object, flow: operations.Style&yaml.FlowStyle != 0}
	err := p.run(operations)
	if err != nil {
		p.rollBack()
	}
	return err
}

// jsonPatch is a JSON patch under way.
type jsonPatch struct {
	root   *yaml.Node
	flow   bool // the patch may be JSON text, which kustomize reads as such
	undo   []saved
	copied int // nodes made by copy
}

// saved is the content that a container had.
type saved struct {
	container *yaml.Node
	content   []*yaml.Node
}

func (p *jsonPatch) change(container *yaml.Node, content []*yaml.Node) {
	p.undo = append(p.undo, saved{container, container.Content})
	container.Content = content
}

func (p *jsonPatch) rollBack() {
	for _, s := range slices.Backward(p.undo) {
		s.container.Content = s.content
	}
}

func (p *jsonPatch) run(operations *yaml.Node) error {
	if operations.Kind != yaml.SequenceNode {
		return errors.New("the patch is not a list of operations")
	}
	if p.flow && !isJSON(operations) {
		return notFollowed("a patch that begins with [ is read as JSON, and this is YAML")
	}
	if err := p.prepare(); err != nil {
		return err
	}
	for _, n := range operations.Content {
		if err := p.apply(operation{n}); err != nil {
			return err
		}
	}
	return p.finish()
}

// isJSON says whether the scalars are written as JSON has them.
func isJSON(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode {
		return n.Style&yaml.DoubleQuotedStyle != 0 || n.Style == 0 && n.Tag != "!!str" && json.Valid([]byte(n.Value))
	}
	for _, c := range n.Content {
		if n.Style&yaml.FlowStyle == 0 || !isJSON(c) {
			return false
		}
	}
	return true
}

// prepare makes sure that there are annotations: before a JSON patch kustomize
// notes there what the object was called (Resource.StorePreviousId), so that an
// annotation can be added where there was none.
func (p *jsonPatch) prepare() error {
	if p.root.Kind != yaml.MappingNode {
		return errors.New("the object is not a map")
	}
	if n := bigNumber(p.root); n != nil {
		return notFollowed("%s has more digits than a JSON patch leaves", n.Value)
	}
	meta := entry(p.root, "metadata")
	if meta == nil || meta.Kind != yaml.MappingNode {
		return errors.New("the object has no metadata")
	}
	annotations := entry(meta, "annotations")
	switch {
	case annotations == nil || len(annotations.Content) == 0:
		p.put(meta, "annotations", &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
	case annotations.Kind != yaml.MappingNode:
		return errors.New("the annotations are not a map")
	}
	return nil
}

// bigNumber finds an integer that a float64, which the object passes through,
// cannot hold.
func bigNumber(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!int" {
		var i int64
		if err := n.Decode(&i); err != nil || i > 1<<53 || i < -1<<53 {
			return n
		}
	}
	for _, c := range n.Content {
		if found := bigNumber(c); found != nil {
			return found
		}
	}
	return nil
}

// finish does what kustomize does to annotations after a JSON patch: the map
// goes when it is empty, and all values become text, numbers as JSON has them.
func (p *jsonPatch) finish() error {
	meta := entry(p.root, "metadata")
	if meta == nil || meta.Kind != yaml.MappingNode {
		return notFollowed("the patch leaves no metadata")
	}
	annotations := entry(meta, "annotations")
	if annotations == nil {
		return nil
	}
	if len(annotations.Content) == 0 {
		return p.drop(meta, "annotations")
	}
	if annotations.Kind != yaml.MappingNode {
		return notFollowed("the patch leaves annotations that are not a map")
	}
	for i := 0; i+1 < len(annotations.Content); i += 2 {
		k, v := annotations.Content[i], annotations.Content[i+1]
		if v.Kind != yaml.ScalarNode || v.Tag != "!!str" && canonical(v) != v.Value {
			return notFollowed("the annotation %s is not text", k.Value)
		}
	}
	return nil
}

// operation is one of a JSON patch.
type operation struct{ node *yaml.Node }

// field returns a field; the last one where there are several.
func (o operation) field(name string) (found *yaml.Node) {
	if o.node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(o.node.Content); i += 2 {
		if o.node.Content[i].Value == name {
			found = o.node.Content[i+1]
		}
	}
	return found
}

// pointer returns a field that holds a pointer.
func (o operation) pointer(name string) (string, error) {
	n := o.field(name)
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
		return "", fmt.Errorf("the operation %s has no %s", o.verb(), name)
	}
	return n.Value, nil
}

func (o operation) verb() string {
	if n := o.field("op"); n != nil && n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return n.Value
	}
	return ""
}

// apply does one operation. A missing value is null, as json-patch has it.
func (p *jsonPatch) apply(o operation) error {
	verb := o.verb()
	if !slices.Contains([]string{"add", "remove", "replace", "move", "copy", "test"}, verb) {
		return fmt.Errorf("there is no operation %q", verb)
	}
	path, err := o.pointer("path")
	if err != nil {
		return err
	}
	if verb == "move" || verb == "copy" {
		return p.transfer(o, verb, path)
	}
	value := o.field("value")
	if err := sameInJSON(value); err != nil {
		return err
	}
	if err := p.do(verb, path, value); err != nil {
		return wrapPointer(verb, path, err)
	}
	return nil
}

func wrapPointer(verb, path string, err error) error {
	if strings.HasPrefix(err.Error(), "not followed: ") {
		return err
	}
	return fmt.Errorf("%s %s: %w", verb, path, err)
}

func (p *jsonPatch) do(verb, path string, value *yaml.Node) error {
	switch {
	case verb == "test":
		return p.test(path, value)
	case verb == "replace" && path == "":
		return p.replaceAll(value)
	}
	at, err := p.find(path)
	if err != nil {
		return err
	}
	switch verb {
	case "add":
		return p.add(at, orNull(value))
	case "replace":
		return p.replace(at, orNull(value))
	default:
		return p.remove(at)
	}
}

func orNull(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	return n
}

// replaceAll makes the object one that is all new.
func (p *jsonPatch) replaceAll(value *yaml.Node) error {
	if value == nil || value.Kind != yaml.MappingNode {
		return errors.New("an object can only be replaced by a map")
	}
	p.change(p.root, value.Content)
	return nil
}

// place is where the last step of a pointer leads.
type place struct {
	container *yaml.Node
	key       string
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

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

// transfer moves or copies.
func (p *jsonPatch) transfer(o operation, verb, path string) error {
	from, err := o.pointer("from")
	if err != nil {
		return err
	}
	if holdsOwn(from) {
		return notFollowed("%s from %s, where kustomize has annotations of its own", verb, from)
	}
	value, err := p.source(verb, from)
	if err != nil {
		return fmt.Errorf("%s from %s: %w", verb, from, err)
	}
	at, err := p.find(path)
	if err == nil {
		err = p.add(at, value)
	}
	if err != nil {
		return wrapPointer(verb, path, err)
	}
	return nil
}

// source takes or copies what stands at a pointer. A copy of a key that is not
// there is null.
func (p *jsonPatch) source(verb, from string) (*yaml.Node, error) {
	at, err := p.find(from)
	if err != nil {
		return nil, err
	}
	value, err := child(at)
	if err != nil {
		return nil, err
	}
	if verb == "move" {
		return orNull(value), p.remove(at)
	}
	return p.copy(orNull(value))
}

// copy copies containers alone: scalars are never changed, so that one can
// stand in two places.
func (p *jsonPatch) copy(n *yaml.Node) (*yaml.Node, error) {
	if p.copied++; p.copied > maxCloned {
		return nil, notFollowed("the patch makes more than a million copies")
	}
	if n.Kind == yaml.ScalarNode {
		return n, nil
	}
	made := *n
	made.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		var err error
		if made.Content[i], err = p.copy(c); err != nil {
			return nil, err
		}
	}
	return &made, nil
}

// holdsOwn says whether a pointer leads to the annotations of kustomize or to
// something around them.
func holdsOwn(path string) bool {
	keys, own := steps(path), []string{"metadata", "annotations"}
	return len(keys) <= len(own) && slices.Equal(keys, own[:len(keys)])
}

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
