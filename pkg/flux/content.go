package flux

import (
	"bytes"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// SameData says whether a ConfigMap or Secret holds the same in two trees, for
// certain: under a key, or under all where that is "".
func SameData(g *Graph, o *kustomize.Object, before *Graph, old *kustomize.Object, key string) bool {
	now, ok := g.data(o, key)
	then, known := before.data(old, key)
	if !ok || !known || len(now) != len(then) || len(o.Not)+len(old.Not) > 0 {
		return false
	}
	for k, value := range now {
		if other, there := then[k]; !there || !bytes.Equal(value, other) {
			return false
		}
	}
	return true
}

// data are the values of an object; ok is false where one cannot be read.
func (g *Graph) data(o *kustomize.Object, key string) (all map[string][]byte, ok bool) {
	all = map[string][]byte{}
	for _, e := range o.Entries {
		if key != "" && e.Key != key {
			continue
		}
		value, err := g.builder.Value(e)
		if err != nil {
			return nil, false
		}
		all[e.Key] = value
	}
	return all, true
}

// SameName says whether kustomize gives an object the same name in two trees,
// with the hash of its content; known is false where that cannot be told.
func SameName(g *Graph, o *kustomize.Object, before *Graph, old *kustomize.Object) (same, known bool) {
	now, err := g.builder.BuiltName(o)
	if err != nil || len(o.Not)+len(old.Not) > 0 {
		return false, false
	}
	then, err := before.builder.BuiltName(old)
	return now == then, err == nil
}

// SameRead says whether two references read the same in two trees, for certain.
func SameRead(g *Graph, a *Reference, before *Graph, b *Reference) bool {
	same, _ := samePart(g, a, before, b)
	return same
}

// SameInline says whether two releases have the same spec.values, for certain, and as
// many other ones.
func SameInline(g *Graph, r *Release, before *Graph, old *Release) bool {
	if len(r.Values) != len(old.Values) {
		return false
	}
	now, err := g.SpecValues(r)
	then, errOld := before.SpecValues(old)
	if err != nil || errOld != nil {
		return sameNode(get(r.Node(), "spec", "values"), get(old.Node(), "spec", "values")) && sameFilling(Applied{g, r.Build, r.Object}, Applied{before, old.Build, old.Object})
	}
	return bytes.Equal(now, then)
}

// Real is the name of a file with the links on its way resolved.
func (g *Graph) Real(file string) string { return g.builder.Real(file) }
