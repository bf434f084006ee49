package kustomize

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Object is a Kubernetes object as kustomize builds it.
type Object struct {
	// File and Line are where it is written: its manifest, or the entry of the
	// generator that makes it.
	File string
	Line int
	// APIVersion, Kind, Name and Namespace as built; Name has the prefix and the
	// suffix, and where Hash is set not yet the hash: see [Builder.BuiltName].
	APIVersion, Kind, Name, Namespace string
	// Generated says that a generator makes it, Hash that its name ends in the
	// hash of its content.
	Generated, Hash bool
	// Entries are the data of a ConfigMap or Secret.
	Entries []Entry
	// Way are the files of the kustomizations that it came through, from the
	// build to the one that holds it.
	Way []string

	// Not are the reasons why it may differ from what kustomize builds.
	Not []string

	node               *yaml.Node
	plain              *yaml.Node // without common labels and annotations; nil when that is node
	marked             bool       // it has such
	shared             bool       // node, or what is below it, belongs to other objects too
	before             []id       // its identities, oldest first
	prefixes, suffixes []string
	kind               string // of a Secret: its type
	joined             bool   // some node may stand in several places of it
	lazy               bool   // its data stand in Entries alone, not in node
	noData             bool   // a lazy object without entries has no data at all

	keys map[string]int // where in Entries, while these are gathered
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

	binary bool // it stands under binaryData
	text   bool // kustomize writes it as YAML, as it is
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

// internalDomain is that of the annotations in which kustomize keeps what it has
// done to an object.
const internalDomain = "internal.config.kubernetes.io/"

// ownNotes are those of them that would lead kustomize to do something else, if
// a manifest had them, and droppedNotes the ones that it drops in the end.
// Source: sigs.k8s.io/kustomize/api/resource BuildAnnotations.
var (
	ownNotes = map[string]bool{
		"previousKinds": true, "previousNames": true, "prefixes": true, "suffixes": true, "previousNamespaces": true, "allowNameChange": true,
		"allowKindChange": true, "refBy": true, "generatorBehavior": true, "needsHashSuffix": true, "helm-generated": true,
	}
	droppedNotes = map[string]bool{
		internalDomain + "path": true, internalDomain + "index": true, internalDomain + "seqindent": true, internalDomain + "id": true,
		internalDomain + "annotations-migration-resource-id": true,
		"config.kubernetes.io/path":                          true, "config.kubernetes.io/index": true, "config.k8s.io/id": true,
		"config.kubernetes.io/origin": true, "alpha.config.kubernetes.io/transformations": true,
	}
)

// checkNotes drops the annotations that kustomize drops, and returns one that
// leads it astray, or "".
func (o *Object) checkNotes() (astray string) {
	drops := false
	pairs(get(o.node, "metadata", "annotations"), func(key, _ *yaml.Node) {
		if name, ok := strings.CutPrefix(key.Value, internalDomain); ok && ownNotes[name] {
			astray = key.Value
		}
		drops = drops || droppedNotes[key.Value]
	})
	if drops {
		_ = o.write([]string{"metadata", "annotations"}, 0, func(n *yaml.Node) (*yaml.Node, error) {
			made := shallow(n)
			for name := range droppedNotes {
				removeKey(made, name)
			}
			return made, nil
		})
	}
	return astray
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

// Node is the object with its patches, but without the labels and annotations
// that kustomizations give to all their objects. It must not be changed. A
// generated object has no data there, unless a patch has seen it.
func (o *Object) Node() *yaml.Node {
	if o.plain != nil {
		return o.plain
	}
	return o.node
}

// Built is the object as kustomize builds it, but for the hash in its name and
// the names in references. It must not be changed. A generated object has no
// data there, unless a patch has seen it.
func (o *Object) Built() *yaml.Node { return o.node }

// id is what the object is known by now.
func (o *Object) id() id {
	group, version, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		group, version = "", o.APIVersion
	}
	return id{group, version, o.Kind, o.Name, o.Namespace}
}

// first is what it was known by where it is written. kustomize remembers no API
// groups and versions.
func (o *Object) first() id {
	now := o.id()
	if len(o.before) > 0 {
		first := o.before[0]
		first.group, first.version = now.group, now.version
		return first
	}
	return now
}

// ids are all that it is, or was, known by, in a form that can be compared.
func (o *Object) ids() []id {
	now := o.id()
	all := append(make([]id, 0, len(o.before)+1), now.effective())
	var known map[id]bool
	if len(o.before) > 20 {
		known = map[id]bool{all[0]: true}
	}
	for _, i := range o.before {
		i.group, i.version = now.group, now.version
		if i = i.effective(); known[i] || known == nil && slices.Contains(all, i) {
			continue
		}
		if known != nil {
			known[i] = true
		}
		all = append(all, i)
	}
	return all
}

// clusterWide says whether objects of the kind live in no namespace.
func (i id) clusterWide() bool {
	version := i.version
	if i.group != "" {
		version = i.group + "/" + i.version
	}
	return clusterKinds[version+" "+i.kind]
}

// effective is the id with the namespace that it means.
// Source: sigs.k8s.io/kustomize/kyaml/resid ResId.EffectiveNamespace.
func (i id) effective() id {
	if i.clusterWide() {
		i.namespace = "_non_namespaceable_"
	} else if i.namespace == "" {
		i.namespace = "default"
	}
	return i
}

// remember keeps what the object is known by before that changes.
func (o *Object) remember() { o.before = append(o.before, o.id()) }

// OriginalName is the name that it has where it is written.
func (o *Object) OriginalName() string { return o.first().name }

// Label returns a label.
func (o *Object) Label(b *Builder, key string) (Place, bool) { return o.meta(b, "labels", key) }

// Annotation returns an annotation of the object's own metadata.
func (o *Object) Annotation(b *Builder, key string) (Place, bool) {
	return o.meta(b, "annotations", key)
}

func (o *Object) meta(b *Builder, under, key string) (Place, bool) {
	v := get(o.node, "metadata", under, key)
	if v == nil {
		return Place{}, false
	}
	return Place{v.Value, b.FileOf(o, v), v.Line}, true
}

// copied is the object for another build.
func (o *Object) copied() *Object {
	c := *o
	c.shared, c.keys = true, nil
	c.Not, c.before, c.prefixes, c.suffixes = slices.Clip(c.Not), slices.Clip(c.before), slices.Clip(c.prefixes), slices.Clip(c.suffixes)
	return &c
}

// manifestEntries are the data of a ConfigMap or Secret manifest.
func manifestEntries(o *Object) []Entry {
	if !o.holdsData() {
		return nil
	}
	read := &Object{}
	add := func(under string, base64 bool) {
		pairs(get(o.node, under), func(key, value *yaml.Node) {
			read.put(Entry{Key: key.Value, File: o.File, Line: key.Line, Value: scalar(value), Base64: base64, binary: under == "binaryData", text: !base64 && o.Kind == "ConfigMap"})
		})
	}
	add("binaryData", true)
	add("data", o.Kind == "Secret")
	if o.Kind == "Secret" {
		add("stringData", false)
	}
	o.kind = text(o.node, "type")
	return read.Entries
}

// holdsData says whether the object is a ConfigMap or Secret.
func (o *Object) holdsData() bool {
	return o.APIVersion == "v1" && (o.Kind == "ConfigMap" || o.Kind == "Secret")
}

// put adds an entry, or puts it in the place of the one of the same key: then
// it is not fresh.
func (o *Object) put(e Entry) (fresh bool) {
	if o.keys == nil || len(o.keys) != len(o.Entries) {
		o.keys = make(map[string]int, len(o.Entries)+1)
		for i := range o.Entries {
			o.keys[o.Entries[i].Key] = i
		}
	}
	i, known := o.keys[e.Key]
	if known {
		o.Entries[i] = e
		return false
	}
	o.keys[e.Key] = len(o.Entries)
	o.Entries = append(o.Entries, e)
	return true
}

// Labels are all labels of the object.
func (o *Object) Labels(*Builder) map[string]string { return o.allMeta("labels") }

// Annotations are all annotations of the object's own metadata.
func (o *Object) Annotations(*Builder) map[string]string { return o.allMeta("annotations") }

func (o *Object) allMeta(under string) map[string]string {
	all := map[string]string{}
	pairs(get(o.node, "metadata", under), func(key, value *yaml.Node) { all[key.Value] = value.Value })
	return all
}

// AnnotationPlaces are all annotations of the object's own metadata, with where they
// stand. Of a key that stands twice the first counts, as in [Object.Annotation].
func (o *Object) AnnotationPlaces(b *Builder) map[string]Place {
	all := map[string]Place{}
	pairs(get(o.node, "metadata", "annotations"), func(key, value *yaml.Node) {
		if _, known := all[key.Value]; !known {
			all[key.Value] = Place{value.Value, b.FileOf(o, value), value.Line}
		}
	})
	return all
}

// OriginalNamespace is the namespace that it has where it is written.
func (o *Object) OriginalNamespace() string { return o.first().namespace }
