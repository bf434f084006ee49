package kustomize

// transform does what a kustomization does with what it has gathered, in
// kustomize's order.
// Source: sigs.k8s.io/kustomize/api/internal/target configureBuiltinTransformers.
func (b *Builder) transform(l *layer, k *kustomization) {
	b.patchAll(l, k, k.strategic)
	b.patchAll(l, k, k.patches)
	l.setNamespace(k.namespace.Value)
	l.rename(k.prefix, k.suffix)
	l.mark(k.marks)
	b.patchAll(l, k, k.operations)
}

// clusterWide are the kinds that live in no namespace, of those that the
// folders of Flux users hold.
var clusterWide = map[string]bool{
	"Namespace": true, "Node": true, "PersistentVolume": true, "CustomResourceDefinition": true, "APIService": true,
	"ClusterRole": true, "ClusterRoleBinding": true, "StorageClass": true, "PriorityClass": true, "IngressClass": true,
	"RuntimeClass": true, "GatewayClass": true, "ClusterIssuer": true, "ClusterSecretStore": true, "ClusterPolicy": true,
	"MutatingWebhookConfiguration": true, "ValidatingWebhookConfiguration": true, "CSIDriver": true, "VolumeSnapshotClass": true,
}

func (l *layer) setNamespace(namespace string) {
	if namespace == "" {
		return
	}
	for _, o := range l.objects {
		if !clusterWide[o.Kind] {
			o.remember()
			o.Namespace = namespace
		}
	}
}

// fixedName are the kinds whose names get no prefix and no suffix.
// Source: sigs.k8s.io/kustomize/api/internal/builtins PrefixTransformer.
var fixedName = map[string]bool{"CustomResourceDefinition": true, "APIService": true, "Namespace": true}

func (l *layer) rename(prefix, suffix string) {
	if prefix == "" && suffix == "" {
		return
	}
	for _, o := range l.objects {
		if fixedName[o.Kind] {
			continue
		}
		o.remember()
		o.Name = prefix + o.Name + suffix
		o.prefixes = added(o.prefixes, prefix)
		o.suffixes = added(o.suffixes, suffix)
	}
}

func added(all []string, s string) []string {
	if s == "" {
		return all
	}
	return append(all[:len(all):len(all)], s)
}

// mark adds labels and annotations.
func (l *layer) mark(marks []mark) {
	if len(marks) == 0 {
		return
	}
	for _, o := range l.objects {
		o.marks = append(o.marks[:len(o.marks):len(o.marks)], marks...)
	}
}

// finish does what is done last: what kustomize-controller adds to every
// object, and a look for names that two objects have.
func (b *Builder) finish(out *Build, s *Settings) {
	if s != nil {
		marks := (&kustomization{file: s.File}).optionMarks(get(s.Node, "commonMetadata"))
		l := &layer{objects: out.Objects}
		l.mark(marks)
	}
	seen := map[id]*Object{}
	for _, o := range out.Objects {
		now := o.id()
		if other := seen[now]; other != nil && !o.Hash {
			out.Unknown = append(out.Unknown, Unknown{o.File, o.Line, o.Kind + " " + o.Name + " stands twice in one build: " + at(other.File, other.Line) + " has it too"})
		}
		seen[now] = o
	}
}
