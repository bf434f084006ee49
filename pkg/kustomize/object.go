package kustomize

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Object is a Kubernetes object as kustomize builds it.
type Object struct {
	// File and Line are where it is written: its manifest, or the entry of the
	// generator that makes it.
	File string
	Line int
	// APIVersion, Kind, Name and Namespace as built; Name has the prefix, the
	// suffix and the hash.
	APIVersion, Kind, Name, Namespace string
	// Generated says that a generator makes it, Hash that its name ends in the
	// hash of its content, Renamed what else happened to its name.
	Generated, Hash bool
	// Entries are the data of a ConfigMap or Secret.
	Entries []Entry
	// Way are the files of the kustomizations that it came through, from the
	// build to the one that holds it.
	Way []string

	// Not are the reasons why it may differ from what kustomize builds.
	Not []string

	node               *yaml.Node
	shared             bool // node belongs to other objects too
	before             []id // its identities, oldest first
	prefixes, suffixes []string
	marks              []mark
	kind               string // of a Secret: its type
}

// id is what kustomize knows an object by.
type id struct{ group, version, kind, name, namespace string }

// Entry is one key of a ConfigMap or Secret.
type Entry struct {
	Key string
	// File and Line are where it is named: in the kustomization or manifest.
	File string
	Line int
	// Source is the file that holds the value, "" when it stands at File and
	// Line itself.
	Source string
	// Env says that Source is a file of KEY=VALUE lines, one of which it is.
	Env bool
	// Value when it stands at File and Line, or in an Env file. It is encoded
	// in base64 when Base64 is set.
	Value  string
	Base64 bool
}

// mark is a label or annotation that a kustomization adds.
type mark struct {
	label      bool
	key, value string
	file       string
	line       int
}

// Place is a value and where it stands.
type Place struct {
	Value string
	File  string
	Line  int
}

// newObject reads an object; nil when the document is none.
func newObject(file string, n *yaml.Node) *Object {
	o := &Object{File: file, Line: n.Line, node: n, shared: true}
	o.read()
	if o.Kind == "" {
		return nil
	}
	o.Entries = manifestEntries(o)
	return o
}

// read takes over what the node says.
func (o *Object) read() {
	o.APIVersion, o.Kind = text(o.node, "apiVersion"), text(o.node, "kind")
	o.Name, o.Namespace = text(o.node, "metadata", "name"), text(o.node, "metadata", "namespace")
}

// Is says whether the object is of a kind of an API group.
func (o *Object) Is(group, kind string) bool { return o.Kind == kind && o.Group() == group }

// Group is the API group; "" is the core.
func (o *Object) Group() string {
	group, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// Node is the object with its patches. It must not be changed. A generated
// object has no data there.
func (o *Object) Node() *yaml.Node { return o.node }

// id is what the object is known by now.
func (o *Object) id() id {
	group, version, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		group, version = "", o.APIVersion
	}
	return id{group, version, o.Kind, o.Name, o.Namespace}
}

// first is what it was known by where it is written.
func (o *Object) first() id {
	if len(o.before) > 0 {
		return o.before[0]
	}
	return o.id()
}

// known says whether it is, or was, known by an id.
func (o *Object) known(other id) bool {
	for _, i := range append(o.before, o.id()) {
		if i.equals(other) {
			return true
		}
	}
	return false
}

func (i id) equals(other id) bool {
	i.namespace, other.namespace = effective(i.namespace), effective(other.namespace)
	return i == other
}

// effective is the namespace that no namespace means.
func effective(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}

// remember keeps what the object is known by before that changes.
func (o *Object) remember() {
	now := o.id()
	for _, i := range o.before {
		if i == now {
			return
		}
	}
	o.before = append(o.before[:len(o.before):len(o.before)], now)
}

// OriginalName is the name that it has where it is written.
func (o *Object) OriginalName() string { return o.first().name }

// Label returns a label.
func (o *Object) Label(b *Builder, key string) (Place, bool) { return o.meta(b, true, "labels", key) }

// Annotation returns an annotation of the object's own metadata.
func (o *Object) Annotation(b *Builder, key string) (Place, bool) {
	return o.meta(b, false, "annotations", key)
}

func (o *Object) meta(b *Builder, label bool, under, key string) (Place, bool) {
	for i := len(o.marks) - 1; i >= 0; i-- {
		if m := o.marks[i]; m.label == label && m.key == key {
			return Place{m.value, m.file, m.line}, true
		}
	}
	v := get(o.node, "metadata", under, key)
	if v == nil {
		return Place{}, false
	}
	return Place{v.Value, b.FileOf(o, v), v.Line}, true
}

// copied is the object for another build.
func (o *Object) copied() *Object {
	c := *o
	c.shared = true
	return &c
}

// manifestEntries are the data of a ConfigMap or Secret manifest.
func manifestEntries(o *Object) []Entry {
	if o.APIVersion != "v1" || o.Kind != "ConfigMap" && o.Kind != "Secret" {
		return nil
	}
	var all []Entry
	add := func(under string, base64 bool) {
		pairs(get(o.node, under), func(key, value *yaml.Node) {
			all = put(all, Entry{Key: key.Value, File: o.File, Line: key.Line, Value: value.Value, Base64: base64})
		})
	}
	add("binaryData", true)
	add("data", o.Kind == "Secret")
	add("stringData", false)
	o.kind = text(o.node, "type")
	return all
}

// put adds an entry, in the place of the one of the same key.
func put(all []Entry, e Entry) []Entry {
	for i := range all {
		if all[i].Key == e.Key {
			all[i] = e
			return all
		}
	}
	return append(all, e)
}

// Labels are all labels of the object.
func (o *Object) Labels(b *Builder) map[string]string { return o.allMeta(b, true, "labels") }

// Annotations are all annotations of the object's own metadata.
func (o *Object) Annotations(b *Builder) map[string]string { return o.allMeta(b, false, "annotations") }

func (o *Object) allMeta(b *Builder, label bool, under string) map[string]string {
	all := map[string]string{}
	pairs(get(o.node, "metadata", under), func(key, value *yaml.Node) { all[key.Value] = value.Value })
	for _, m := range o.marks {
		if m.label == label {
			all[m.key] = m.value
		}
	}
	return all
}

// OriginalNamespace is the namespace that it has where it is written.
func (o *Object) OriginalNamespace() string { return o.first().namespace }
