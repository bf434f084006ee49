package flux

import (
	"bytes"
	"reflect"
	"slices"

	"sigs.k8s.io/yaml"
)

// SameValues says whether a release has, for certain, the same values in two
// trees: each part that goes into them is the same, to the byte or, where it is
// YAML, in its values. That can be told where parts are encrypted, too.
func SameValues(g *Graph, r *Release, before *Graph, old *Release) bool {
	if len(r.Values) != len(old.Values) || r.Build.Blind(r.Object) != "" || old.Build.Blind(old.Object) != "" {
		return false
	}
	for i := range r.Values {
		if !samePart(g, &r.Values[i], before, &old.Values[i]) {
			return false
		}
	}
	spec, err := g.specValues(r)
	if err != nil {
		return false
	}
	oldSpec, err := before.specValues(old)
	return err == nil && bytes.Equal(spec, oldSpec)
}

func samePart(g *Graph, a *Reference, before *Graph, b *Reference) bool {
	if a.TargetPath != b.TargetPath || a.Literal != b.Literal || a.Entry == nil || b.Entry == nil || a.Build.Blind(a.Object) != "" || b.Build.Blind(b.Object) != "" {
		return false
	}
	text, err := g.builder.Value(*a.Entry)
	if err != nil {
		return false
	}
	old, err := before.builder.Value(*b.Entry)
	switch {
	case err != nil:
		return false
	case bytes.Equal(text, old):
		return true
	case a.TargetPath != "" || slices.ContainsFunc([][]byte{text, old}, func(t []byte) bool { return Encrypted(t) || hasVariable(t) }):
		return false
	}
	var x, y any
	return yaml.Unmarshal(text, &x) == nil && yaml.Unmarshal(old, &y) == nil && reflect.DeepEqual(x, y)
}
