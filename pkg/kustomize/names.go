package kustomize

import (
	"cmp"
)

// named are the objects that have a name, but for a hash.
func (b *Build) named(name string) []*Object {
	b.nameAll()
	return b.now[name]
}

// everything are the objects, with those that kustomize drops in the end.
func (b *Build) everything() []*Object {
	if b.all == nil {
		return b.Objects
	}
	return b.all
}

// nameAll makes the tables of names.
func (b *Build) nameAll() {
	if b.names != nil {
		return
	}
	b.names, b.now = map[string][]*Object{}, map[string][]*Object{}
	for _, o := range b.everything() {
		b.now[o.Name] = append(b.now[o.Name], o)
		for _, n := range o.allNames() {
			b.names[n] = append(b.names[n], o)
		}
	}
}

// Hashed returns an object of a kind whose name without its hash is name, or
// nil.
func (b *Build) Hashed(kind, name string) *Object {
	for _, o := range b.named(name) {
		if o.Hash && o.Kind == kind {
			return o
		}
	}
	return nil
}

// Named returns the objects of a kind that have a name, without its hash, in a
// namespace; none is the namespace default.
func (b *Build) Named(kind, name, namespace string) []*Object {
	return filtered(b.named(name), func(o *Object) bool {
		return o.Kind == kind && cmp.Or(o.Namespace, "default") == cmp.Or(namespace, "default")
	})
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
