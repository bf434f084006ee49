package kustomize

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// transform does what a kustomization does with what it has gathered, in
// kustomize's order.
// Source: sigs.k8s.io/kustomize/api/internal/target configureBuiltinTransformers.
func (b *Builder) transform(l *layer, k *kustomization) {
	b.patchAll(l, k, k.strategic)
	b.patchAll(l, k, k.patches)
	b.setNamespace(l, k)
	b.rename(l, k)
	for i := range k.labels {
		b.markAll(l, &k.labels[i])
	}
	b.markAll(l, &k.annotations)
	b.patchAll(l, k, k.operations)
	k.changeImages(l)
}

// leaf makes a scalar that stands in a file.
func (b *Builder) leaf(value, file string, line int) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: line}
	b.origins[n] = file
	return n
}

var (
	namePath      = []string{"metadata", "name"}
	namespacePath = []string{"metadata", "namespace"}
)

// setNamespace gives all objects a namespace, and those of kind Namespace its
// name.
// Source: sigs.k8s.io/kustomize/api/filters/namespace Filter.
func (b *Builder) setNamespace(l *layer, k *kustomization) {
	if k.namespace.Value == "" || !b.mayLook(l, k.file, len(l.objects)) {
		return
	}
	l.index = nil
	value := b.leaf(k.namespace.Value, k.namespace.File, k.namespace.Line)
	for _, o := range l.objects {
		o.remember()
		path, create := namespaceField(o)
		if path == nil {
			continue
		}
		if err := o.write(path, create, valueSetter(value)); err != nil {
			o.not(l, k.file, k.namespace.Line, "cannot be given a namespace: "+err.Error())
			continue
		}
		o.Name, o.Namespace = text(o.node, "metadata", "name"), text(o.node, "metadata", "namespace")
	}
}

// namespaceField is where an object has its namespace; nil when it has none.
// (kustomize writes it into the subjects of RoleBindings too.)
func namespaceField(o *Object) (path []string, create yaml.Kind) {
	switch {
	case !o.id().clusterWide():
		return namespacePath, yaml.ScalarNode
	case o.Kind == "Namespace":
		return namePath, yaml.ScalarNode
	case o.Kind == "APIService":
		return []string{"spec", "service", "namespace"}, yaml.ScalarNode
	case o.Kind == "CustomResourceDefinition":
		return []string{"spec", "conversion", "webhook", "clientConfig", "service", "namespace"}, 0
	}
	return nil, 0
}

// fixedName are the kinds whose names get no prefix and no suffix.
// Source: sigs.k8s.io/kustomize/api/internal/builtins PrefixTransformer.
func fixedName(i id) bool {
	return i.kind == "CustomResourceDefinition" || i.kind == "Namespace" || i.kind == "APIService" && i.group == "apiregistration.k8s.io"
}

// rename adds the prefix and then the suffix; kustomize remembers the name
// between the two.
func (b *Builder) rename(l *layer, k *kustomization) {
	if k.prefix == "" && k.suffix == "" || !b.mayLook(l, k.file, len(l.objects)) {
		return
	}
	l.index = nil
	for _, o := range l.objects {
		if fixedName(o.first()) {
			continue
		}
		o.prefixes, o.suffixes = added(o.prefixes, k.prefix), added(o.suffixes, k.suffix)
		if k.prefix != "" {
			o.remember()
			o.Name = k.prefix + o.Name
		}
		if k.suffix != "" {
			o.remember()
			o.Name += k.suffix
		}
		b.writeName(o, o.Name)
	}
}

// writeName writes a name into the node of an object; it still stands where it
// stood.
func (b *Builder) writeName(o *Object, name string) {
	_ = o.write(namePath, 0, func(n *yaml.Node) (*yaml.Node, error) {
		if n.Kind != yaml.ScalarNode {
			return nil, errShape
		}
		made := *n
		made.Value, made.Tag = name, "!!str"
		if file, ok := b.origins[n]; ok {
			b.origins[&made] = file
		}
		return &made, nil
	})
}

func added(all []string, s string) []string {
	if s == "" {
		return all
	}
	return append(all, s)
}

// marking is a set of labels or annotations and where they go.
type marking struct {
	marks []mark
	under string // of metadata: labels or annotations
	specs []fieldSpec
	own   []fieldSpec // that the kustomization gives itself
}

// markAll adds labels or annotations to all objects.
func (b *Builder) markAll(l *layer, m *marking) {
	path := []string{"metadata", m.under}
	for _, mark := range m.marks {
		if !b.mayLook(l, mark.file, len(l.objects)) {
			return
		}
		value := b.common(mark)
		for _, o := range l.objects {
			b.mark(l, o, mark, value, path, true)
			for _, specs := range [2][]fieldSpec{m.specs, m.own} {
				for i := range specs {
					if s := &specs[i]; (s.kind == o.Kind || s.kind == "") && fits(s.group, s.version, s.kind, o.id()) {
						o.joined = true
						b.mark(l, o, mark, value, pathOf(s.path), s.create)
					}
				}
			}
		}
	}
}

// mark sets a label or annotation at a path. kustomize puts one and the same
// node wherever the key is new, so that later, when it sets the key in one of
// these places, it changes in all.
// Source: sigs.k8s.io/kustomize/api/filters/filtersutil SetEntry.
func (b *Builder) mark(l *layer, o *Object, m mark, value *yaml.Node, path []string, create bool) {
	kind := yaml.Kind(0)
	if create {
		kind = yaml.MappingNode
	}
	o.marked = true
	changed := map[*yaml.Node]*yaml.Node{}
	err := o.write(path, kind, func(n *yaml.Node) (*yaml.Node, error) {
		if n.Kind != yaml.MappingNode {
			return nil, errShape
		}
		i := keyIndex(n, m.key)
		if i < 0 {
			return withField(n, i, m.key, value), nil
		}
		old := n.Content[i+1]
		if changed[old] == nil {
			changed[old] = b.common(m)
		}
		return withField(n, i, m.key, changed[old]), nil
	})
	if err != nil {
		o.not(l, m.file, m.line, "cannot be given "+m.key+": "+err.Error())
	}
	if o.joined && len(changed) > 0 {
		o.node, o.shared = swapped(o.node, changed), true
	}
}

// common is the value of a label or annotation for all objects. A comment, which
// no text can have, tells it from others in every copy.
func (b *Builder) common(m mark) *yaml.Node {
	n := b.leaf(m.value, m.file, m.line)
	n.LineComment = isCommon
	return n
}

const isCommon = "\x00common"

// strip makes the node without common labels and annotations.
func (o *Object) strip() {
	o.plain = nil
	if !o.marked {
		return
	}
	o.plain = o.node
	for _, under := range []string{"labels", "annotations"} {
		o.stripAt([]string{"metadata"}, under)
	}
	for _, specs := range [][]fieldSpec{templateLabels, templateAnnotations, claimLabels} {
		for _, s := range specs {
			if s.kind == o.Kind {
				path := pathOf(s.path)
				o.stripAt(path[:len(path)-1], path[len(path)-1])
			}
		}
	}
}

// stripAt drops the common entries of a map below a path, and the map if it then
// has none.
func (o *Object) stripAt(path []string, under string) {
	stripped, err := edit(o.plain, path, 0, func(n *yaml.Node) (*yaml.Node, error) {
		m := entry(n, under)
		if m == nil || m.Kind != yaml.MappingNode {
			return n, nil
		}
		kept := *m
		kept.Content = nil
		for i := 0; i+1 < len(m.Content); i += 2 {
			if m.Content[i+1].LineComment != isCommon {
				kept.Content = append(kept.Content, m.Content[i], m.Content[i+1])
			}
		}
		if len(kept.Content) == len(m.Content) {
			return n, nil
		}
		made := shallow(n)
		if len(kept.Content) == 0 {
			removeKey(made, under)
			return made, nil
		}
		return withField(made, keyIndex(made, under), under, &kept), nil
	})
	if err == nil {
		o.plain = stripped
	}
}

// swapped returns n with other nodes for some below it.
func swapped(n *yaml.Node, by map[*yaml.Node]*yaml.Node) *yaml.Node {
	made := n
	for i, c := range n.Content {
		other := by[c]
		if other == nil {
			other = swapped(c, by)
		}
		if other != c {
			if made == n {
				made = shallow(n)
			}
			made.Content[i] = other
		}
	}
	return made
}

// changeImages notes the objects whose images the kustomization may change
// where that can matter: in the pods of workloads an image has nothing to do
// with what is read here, but kustomize looks for containers everywhere, in the
// values of a HelmRelease too. replicas are left alone altogether.
// Source: sigs.k8s.io/kustomize/api/internal/builtins ImageTagTransformer.
func (k *kustomization) changeImages(l *layer) {
	images, file := slices.Concat(list(k.node, "images"), list(k.node, "imageTags")), k.file
	if len(images) == 0 && k.settings != nil {
		images, file = list(k.settings.Node, "images"), k.settings.File
	}
	if len(images) == 0 {
		return
	}
	for _, o := range l.objects {
		if !isPodOwner[o.Kind] && hasContainers(o.node, 0) {
			o.not(l, file, images[0].Line, "images in it are not followed")
		}
	}
}

var isPodOwner = map[string]bool{
	"Deployment": true, "StatefulSet": true, "DaemonSet": true, "ReplicaSet": true, "Job": true, "CronJob": true, "Pod": true,
	"ReplicationController": true, "PodTemplate": true, "CustomResourceDefinition": true,
}

func hasContainers(n *yaml.Node, depth int) bool {
	if n = resolve(n); n == nil || depth > maxDepth {
		return false
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if (c.Value == "containers" || c.Value == "initContainers") && len(list(n, c.Value)) > 0 {
				return true
			}
			continue
		}
		if hasContainers(c, depth+1) {
			return true
		}
	}
	return false
}

// finish does what is done last: objects of kustomize alone go, what
// kustomize-controller adds to every object comes, and a look for names that two
// objects have.
func (b *Builder) finish(out *Build, s *Settings) {
	out.all = out.Objects
	b.rewriteAll(out)
	if slices.ContainsFunc(out.Objects, (*Object).isLocal) {
		out.Objects = filtered(out.Objects, func(o *Object) bool { return !o.isLocal() })
	}
	if s != nil {
		l := &layer{objects: out.Objects}
		for _, m := range metadataMarkings(get(s.Node, "commonMetadata"), s.File) {
			b.markAll(l, &m)
		}
		out.Unknown = append(out.Unknown, l.unknown...)
	}
	seen := map[id]*Object{}
	for _, o := range out.Objects {
		if note := o.checkNotes(); note != "" {
			why := "the annotation " + note + " is one of kustomize's own, and is not followed"
			o.Not = append(slices.Clip(o.Not), why)
			out.Unknown = append(out.Unknown, Unknown{o.File, o.Line, o.Kind + " " + o.Name + ": " + why})
		}
		o.strip()
		now := o.id().effective()
		if other := seen[now]; other != nil {
			out.Unknown = append(out.Unknown, Unknown{o.File, o.Line, o.Kind + " " + o.Name + " stands twice in one build: " + at(other.File, other.Line) + " has it too"})
		}
		seen[now] = o
	}
}

// isLocal says whether an object is meant for kustomize alone, which does not
// build it.
// Source: sigs.k8s.io/kustomize/api/resource Factory.DropLocalNodes.
func (o *Object) isLocal() bool {
	v := get(o.node, "metadata", "annotations", "config.kubernetes.io/local-config")
	return v != nil && v.Value != "false"
}
