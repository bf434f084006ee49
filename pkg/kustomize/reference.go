package kustomize

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// NameReference is a fieldSpec of a nameReference in a configuration, for a
// HelmRelease: kustomize writes the final name of objects of a kind into the
// field at its path.
type NameReference struct {
	Kind string // that is referred to
	Path string
	File string
	Line int
	// Through is the kustomization that names the configuration.
	Through string

	target, referrer gvk
	block            int // the line of the nameReference it belongs to
}

// gvk is a kind of objects; what is empty is any.
type gvk struct{ group, version, kind string }

func gvkOf(n *yaml.Node) gvk { return gvk{text(n, "group"), text(n, "version"), text(n, "kind")} }

func (g gvk) takes(i id) bool { return fits(g.group, g.version, g.kind, i) }

// configurations reads what kustomizations name under that key.
func (b *Builder) configurations(l *layer, k *kustomization) {
	for _, c := range k.configurations {
		name, problem := k.path(c.path)
		if problem != "" {
			l.not(k.file, c.line, problem)
			continue
		}
		f := b.Whole(name)
		l.add(name)
		if f.Err != nil {
			l.not(k.file, c.line, c.path+" "+said(f))
		}
		for _, n := range f.Docs[:min(1, len(f.Docs))] { // kustomize reads no other
			if n = b.expanded(n, name); n != nil {
				b.configuration(l, k, c, n, name)
			} else {
				l.not(k.file, c.line, c.path+": its aliases expand to more than can be followed")
			}
		}
	}
}

func (b *Builder) configuration(l *layer, k *kustomization, c named, n *yaml.Node, name string) {
	pairs(n, func(key, _ *yaml.Node) {
		if key.Value != "nameReference" {
			l.not(k.file, c.line, configurationNotFollowed)
		}
	})
	l.refer(nameReferences(n, name, k.file)...)
}

func nameReferences(n *yaml.Node, file, through string) []NameReference {
	var all []NameReference
	for _, r := range list(n, "nameReference") {
		for _, spec := range list(r, "fieldSpecs") {
			all = append(all, NameReference{Kind: text(r, "kind"), Path: text(spec, "path"), File: file, Line: spec.Line, Through: through, target: gvkOf(r), referrer: gvkOf(spec), block: r.Line})
		}
	}
	return all
}

// valuesFromName is where a HelmRelease names what its values come from.
const valuesFromName = "spec/valuesFrom/name"

// FitsValuesFrom says whether the path is that of the names in valuesFrom.
func (r NameReference) FitsValuesFrom() bool { return r.cleanPath() == valuesFromName }

// cleanPath is the path without signs that mean nothing.
func (r NameReference) cleanPath() string {
	parts := pathOf(r.Path)
	for i := range parts {
		parts[i] = strings.TrimSuffix(parts[i], "[]")
	}
	return strings.Join(parts, "/")
}

// forReleases says whether the nameReference is one for HelmReleases: it names
// them, or is for all kinds and has the path of their valuesFrom.
func (r NameReference) forReleases() bool {
	return r.referrer.kind == "HelmRelease" || r.referrer.kind == "" && r.FitsValuesFrom()
}

// refers says whether kustomize takes the nameReference for an object.
func (r NameReference) refers(o *Object) bool { return r.referrer.takes(o.first()) }

// isFirst says whether a nameReference belongs to the first entry for its
// target, which kustomize takes over as it is.
// Source: sigs.k8s.io/kustomize/api/internal/plugins/builtinconfig nbrSlice.mergeOne.
func (b *Build) isFirst(r *NameReference) bool {
	if builtInTargets[r.target] {
		return false
	}
	i := slices.IndexFunc(b.custom, func(other NameReference) bool { return other.target == r.target })
	return i < 0 || b.custom[i].File == r.File && b.custom[i].block == r.block
}

// builtInTargets are those for which kustomize has entries of its own.
var builtInTargets = map[gvk]bool{
	{"", "", "Deployment"}: true, {"", "", "ReplicationController"}: true, {"", "", "ReplicaSet"}: true, {"", "", "StatefulSet"}: true,
	{"", "v1", "ConfigMap"}: true, {"", "v1", "Secret"}: true, {"", "v1", "Service"}: true, {"", "v1", "ServiceAccount"}: true,
	{"", "v1", "PersistentVolumeClaim"}: true, {"", "v1", "PersistentVolume"}: true, {"rbac.authorization.k8s.io", "", "Role"}: true,
	{"rbac.authorization.k8s.io", "", "ClusterRole"}: true, {"storage.k8s.io", "v1", "StorageClass"}: true,
	{"scheduling.k8s.io", "v1", "PriorityClass"}: true, {"networking.k8s.io/v1", "v1", "IngressClass"}: true,
	{"admissionregistration.k8s.io", "", "ValidatingAdmissionPolicy"}: true,
}

// hiddenBy says whether kustomize leaves a nameReference out because of an
// earlier one: one for the same objects and path, or for some of them alone.
// Source: sigs.k8s.io/kustomize/api/types FsSlice.MergeOne.
func (r NameReference) hiddenBy(earlier NameReference) bool {
	e := earlier.referrer
	return r.target == earlier.target && r.Path == earlier.Path && r.referrer.takes(id{e.group, e.version, e.kind, "", ""})
}

// Rewritten follows what kustomize does to a name in the valuesFrom of a
// HelmRelease: to is the object whose final name it writes there, nil when it
// leaves the name alone, and by the nameReference. kustomize does not look at the
// kind beside the name, so that to may be of another. The error says why
// kustomize fails.
func (b *Build) Rewritten(from *Object, name string) (to *Object, by *NameReference, err error) {
	for _, r := range b.sortedReferences() {
		if !r.FitsValuesFrom() || !r.refers(from) {
			continue
		}
		found, err := b.referral(from, r.target, name)
		switch {
		case err != nil:
			return nil, nil, err
		case found != nil:
			to, by, name = found, r, found.Name
		}
		if to != nil && to.Hash {
			return to, by, nil // no object was ever known by the name with the hash
		}
	}
	return to, by, nil
}

// sortedReferences are the nameReferences in the order in which kustomize
// applies them, as far as that can matter.
func (b *Build) sortedReferences() []*NameReference {
	if len(b.sorted) == len(b.custom) {
		return b.sorted
	}
	all := make([]*NameReference, len(b.custom))
	for i := range b.custom {
		all[i] = &b.custom[i]
	}
	rank := func(kind string) int { return slices.Index([]string{"ServiceAccount", "ConfigMap", "Secret"}, kind) }
	slices.SortStableFunc(all, func(a, b *NameReference) int {
		switch ra, rb := rank(a.Kind), rank(b.Kind); {
		case ra == rb:
			return strings.Compare(a.target.group+" "+a.target.version+" "+a.Kind, b.target.group+" "+b.target.version+" "+b.Kind)
		case ra < 0:
			return 1
		case rb < 0:
			return -1
		default:
			return ra - rb
		}
	})
	b.sorted = all
	return all
}

// Renamed is the object that a reference by an earlier name means, as kustomize
// finds it, or the one that always had that name; nil when there is none, or
// several that differ.
func (b *Build) Renamed(from *Object, kind, name string) *Object {
	found, err := b.referral(from, gvk{"", "", kind}, name)
	if found != nil || err != nil {
		return found
	}
	for _, o := range b.named(name) {
		if o.Kind == kind && !o.Hash && len(o.before) == 0 && o.id().effective().namespace == from.id().effective().namespace {
			return o
		}
	}
	return nil
}

// referral is the object by whose final name kustomize replaces a name.
// Source: sigs.k8s.io/kustomize/api/filters/nameref Filter.selectReferral.
func (b *Build) referral(from *Object, target gvk, name string) (*Object, error) {
	b.nameAll()
	all := filtered(b.names[name], func(o *Object) bool { return o.wasKind(target) && reachable(from, o) })
	if len(all) == 1 {
		return all[0], nil
	}
	all = filtered(all, func(o *Object) bool { return o.alike(from, true) })
	if len(all) > 1 {
		all = filtered(all, func(o *Object) bool { return o.alike(from, false) })
	}
	if len(all) == 0 {
		return nil, nil
	}
	for _, o := range all {
		if o.Name != all[0].Name || o.Hash != all[0].Hash {
			return nil, fmt.Errorf("%s can mean several objects, and kustomize fails", name)
		}
	}
	return all[0], nil
}

// wasKind says whether an object was of a kind before its name changed.
func (o *Object) wasKind(target gvk) bool {
	if o.Hash && target.takes(o.id()) {
		return true
	}
	now := o.id()
	return slices.ContainsFunc(o.before, func(i id) bool {
		return fits(target.group, target.version, target.kind, id{now.group, now.version, i.kind, "", ""})
	})
}

// reachable says whether an object can refer to another.
func reachable(from, to *Object) bool {
	a, b := from.id(), to.id()
	return a.clusterWide() || b.clusterWide() || a.effective().namespace == b.effective().namespace
}

// allNames are those that an object had before its last one.
func (o *Object) allNames() []string {
	var names []string
	if o.Hash {
		names = append(names, o.Name)
	}
	for _, i := range o.before {
		if len(names) == 0 || names[len(names)-1] != i.name {
			names = append(names, i.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// alike says whether two objects got the same prefixes and suffixes.
// Source: sigs.k8s.io/kustomize/api/resource Resource.PrefixesSuffixesEquals.
func (o *Object) alike(other *Object, allowNone bool) bool {
	same := func(a, b []string) bool {
		return allowNone && (len(a) == 0 || len(b) == 0) || sameEnd(a, b)
	}
	return same(o.prefixes, other.prefixes) && same(o.suffixes, other.suffixes)
}

func sameEnd(a, b []string) bool {
	if (len(a) == 0) != (len(b) == 0) {
		return false
	}
	for i := 1; i <= min(len(a), len(b)); i++ {
		if a[len(a)-i] != b[len(b)-i] {
			return false
		}
	}
	return true
}

// rewriteAll writes final names where nameReferences of configurations lead, but
// for the valuesFrom of HelmReleases and the pods of workloads: there the names
// stay as they are written, and [Build.Rewritten] and [Build.Renamed] tell what
// becomes of them.
func (b *Builder) rewriteAll(out *Build) {
	all := out.References
	out.References = nil
	for _, r := range all {
		if !b.mayRewrite(out, &r, len(out.custom)) {
			return
		}
		if out.isFirst(&r) || !slices.ContainsFunc(out.custom, r.hiddenBy) {
			out.custom = append(out.custom, r)
		}
		if r.forReleases() {
			out.References = append(out.References, r)
		}
	}
	for _, r := range out.sortedReferences() {
		if r.FitsValuesFrom() {
			continue
		}
		if !b.mayRewrite(out, r, len(out.all)) {
			return
		}
		for _, o := range out.all {
			if r.refers(o) && !isPodOwner[o.Kind] {
				b.rewrite(out, r, o)
			}
		}
	}
}

// mayRewrite says whether there may be more looks at a build for a nameReference.
func (b *Builder) mayRewrite(out *Build, r *NameReference, looks int) bool {
	l := new(layer)
	ok := b.mayLook(l, r.Through, looks)
	if !ok {
		out.Objects, out.all, out.Unknown = nil, nil, append(out.Unknown, l.unknown...)
	}
	return ok
}

func (b *Builder) rewrite(out *Build, r *NameReference, o *Object) {
	err := o.write(pathOf(r.Path), 0, func(n *yaml.Node) (*yaml.Node, error) { return b.finalName(out, r, o, n) })
	if err != nil {
		out.Unknown = append(out.Unknown, Unknown{r.File, r.Line, fmt.Sprintf("%s %s: the nameReference does not fit: %s", o.Kind, o.Name, err)})
		o.because("a nameReference does not fit it: " + err.Error())
	}
}

// finalName is what a nameReference makes of a value.
func (b *Builder) finalName(out *Build, r *NameReference, from *Object, n *yaml.Node) (*yaml.Node, error) {
	switch {
	case isMissing(n):
		return n, nil
	case n.Kind == yaml.SequenceNode:
		made := shallow(n)
		for i, item := range n.Content {
			final, err := b.finalName(out, r, from, resolve(item))
			if err != nil {
				return nil, err
			}
			made.Content[i] = final
		}
		return made, nil
	case n.Kind != yaml.ScalarNode:
		return nil, fmt.Errorf("%s leads to a map, and what kustomize then does is not followed", r.Path)
	}
	to, err := out.referral(from, r.target, n.Value)
	if err != nil || to == nil {
		return n, err
	}
	name, err := b.BuiltName(to)
	if err != nil || name == n.Value {
		return n, err
	}
	return b.leaf(name, b.FileOf(from, n), n.Line), nil
}
