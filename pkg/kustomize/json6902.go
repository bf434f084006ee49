package kustomize

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

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
