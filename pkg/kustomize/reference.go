package kustomize

import (
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
}

// configurations reads what kustomizations name under that key.
func (b *Builder) configurations(l *layer, k *kustomization) {
	for _, c := range k.configurations {
		name, problem := k.path(c.path)
		if problem != "" {
			l.not(k.file, c.line, problem)
			continue
		}
		f := b.Whole(name)
		l.files = append(l.files, name)
		if f.Err != nil {
			l.not(k.file, c.line, c.path+" "+said(f))
		}
		for _, n := range f.Docs {
			l.references = append(l.references, nameReferences(n, name, k.file)...)
		}
	}
}

func nameReferences(n *yaml.Node, file, through string) []NameReference {
	var all []NameReference
	for _, r := range list(n, "nameReference") {
		for _, spec := range list(r, "fieldSpecs") {
			if text(spec, "kind") == "HelmRelease" {
				all = append(all, NameReference{Kind: text(r, "kind"), Path: text(spec, "path"), File: file, Line: spec.Line, Through: through})
			}
		}
	}
	return all
}

// valuesFromName is where a HelmRelease names what its values come from.
const valuesFromName = "spec/valuesFrom/name"

// FitsValuesFrom says whether the path is that of the names in valuesFrom.
func (r NameReference) FitsValuesFrom() bool {
	return strings.ReplaceAll(strings.Trim(r.Path, "/"), "[]", "") == valuesFromName
}

// Covers returns the nameReference that writes the names of a kind into the
// valuesFrom of HelmReleases, or nil.
func (b *Build) Covers(kind string) *NameReference {
	for i := range b.References {
		if r := &b.References[i]; r.Kind == kind && r.FitsValuesFrom() {
			return r
		}
	}
	return nil
}

// Renamed is the object that a reference by an earlier name means, as kustomize
// finds it; nil when there is none, or several that differ.
// Source: sigs.k8s.io/kustomize/api/filters/nameref Filter.selectReferral.
func (b *Build) Renamed(from *Object, kind, name string) *Object {
	all := filtered(b.named(kind, name), func(o *Object) bool { return effective(o.Namespace) == effective(from.Namespace) })
	if len(all) > 1 {
		all = filtered(all, func(o *Object) bool { return o.alike(from, true) })
	}
	if len(all) > 1 {
		all = filtered(all, func(o *Object) bool { return o.alike(from, false) })
	}
	if len(all) == 0 || len(all) > 1 && all[0].Name != all[1].Name {
		return nil
	}
	return all[0]
}

// named are the objects of a kind that have, or had, a name.
func (b *Build) named(kind, name string) []*Object {
	if b.names == nil {
		b.names = map[string][]*Object{}
		for _, o := range b.Objects {
			for _, n := range o.allNames() {
				b.names[o.Kind+" "+n] = append(b.names[o.Kind+" "+n], o)
			}
		}
	}
	return b.names[kind+" "+name]
}

// allNames are those that an object has, and had.
func (o *Object) allNames() []string {
	names := []string{o.Name}
	for _, i := range o.before {
		if !slices.Contains(names, i.name) {
			names = append(names, i.name)
		}
	}
	return names
}

func filtered(all []*Object, ok func(*Object) bool) []*Object {
	var some []*Object
	for _, o := range all {
		if ok(o) {
			some = append(some, o)
		}
	}
	return some
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
	for i := 1; i <= min(len(a), len(b)); i++ {
		if a[len(a)-i] != b[len(b)-i] {
			return false
		}
	}
	return true
}

// Hashed returns an object of a kind whose name without its hash is name, or
// nil.
func (b *Build) Hashed(kind, name string) *Object {
	for _, o := range b.named(kind, name) {
		if o.Hash && o.Name == name {
			return o
		}
	}
	return nil
}
