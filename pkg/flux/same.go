package flux

import (
	"bytes"
	"cmp"
	"maps"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"
)

// SameValues says whether a release has, for certain, the same values in two
// trees: each part that goes into them is the same in its values or, then they are
// identical, to the byte. That can be told where parts are encrypted, too.
func SameValues(g *Graph, r *Release, before *Graph, old *Release) (same, identical bool) {
	if len(r.Values) != len(old.Values) || g.blind(r.Build, r.Object) != "" || before.blind(old.Build, old.Object) != "" {
		return false, false
	}
	identical = true
	for i := range r.Values {
		same, bytewise := samePart(g, &r.Values[i], before, &old.Values[i])
		if !same {
			return false, false
		}
		identical = identical && bytewise
	}
	same = SameInline(g, r, before, old)
	return same, same && identical
}

// DifferBeside says whether the values of a release differ in two trees beside
// what cannot be told of them, as long as that is the same in both: encrypted to
// the same bytes, or in neither tree. Hidden is why it cannot be told.
func DifferBeside(g *Graph, r *Release, before *Graph, old *Release) (differ bool, hidden error) {
	now, err := g.allParts(r)
	if err != nil || len(r.Values) != len(old.Values) {
		return false, nil
	}
	then, err := before.allParts(old)
	if err != nil {
		return false, nil
	}
	for i := range now.parts {
		if now.parts[i].hidden == nil && then.parts[i].hidden == nil {
			continue
		}
		if !sameHidden(g, &r.Values[i], before, &old.Values[i]) {
			return false, nil
		}
		hidden = cmp.Or(hidden, now.parts[i].hidden)
	}
	_, digest, err := now.merge()
	if err != nil {
		return false, nil
	}
	_, oldDigest, err := then.merge()
	return err == nil && digest != oldDigest, hidden
}

// sameHidden says whether what cannot be told of two references is the same.
func sameHidden(g *Graph, a *Reference, before *Graph, b *Reference) bool {
	if a.Object == nil && b.Object == nil {
		return a.Kind == b.Kind && a.Name == b.Name && a.Key == b.Key && a.TargetPath == b.TargetPath
	}
	_, identical := samePart(g, a, before, b)
	return identical
}

// samePart compares what two references read, as it is applied: where it is not known
// what postBuild makes of it, it and all that is filled in have to be the same.
func samePart(g *Graph, a *Reference, before *Graph, b *Reference) (same, identical bool) {
	if a.TargetPath != b.TargetPath || a.Literal != b.Literal || a.Entry == nil || b.Entry == nil || g.blind(a.Build, a.Object) != "" || before.blind(b.Build, b.Object) != "" {
		return false, false
	}
	text, err := g.builder.Value(*a.Entry)
	old, errOld := before.builder.Value(*b.Entry)
	if err != nil || errOld != nil {
		return false, false
	}
	if g.hides(a.Object, *a.Entry, text) || before.hides(b.Object, *b.Entry, old) {
		same = bytes.Equal(text, old) && sameHand(g, a, before, b)
		return same, same
	}
	filled, err := g.fillEntry(a, text)
	filledOld, errOld := before.fillEntry(b, old)
	if err != nil || errOld != nil {
		same = bytes.Equal(text, old) && sameHand(g, a, before, b)
		return same, same
	}
	return sameText(filled, filledOld, a.TargetPath != "")
}

// sameHand says whether postBuild is certain to treat what two references read the same.
func sameHand(g *Graph, a *Reference, before *Graph, b *Reference) bool {
	_, ok := filledSection(a.Object, *a.Entry)
	_, was := filledSection(b.Object, *b.Entry)
	return !ok && !was || sameFilling(Applied{g, a.Build, a.Object}, Applied{before, b.Build, b.Object})
}

// sameText compares values: of a single one each byte counts.
func sameText(text, old []byte, single bool) (same, identical bool) {
	switch {
	case bytes.Equal(text, old):
		return true, true
	case single:
		return false, false
	}
	var x, y any
	same = sigsyaml.Unmarshal(text, &x) == nil && sigsyaml.Unmarshal(old, &y) == nil && reflect.DeepEqual(x, y)
	return same, false
}

// sameNode says whether two nodes mean the same. Of a key that stands twice the
// last counts, as for kustomize.
func sameNode(a, b *yaml.Node) bool {
	a, b = resolved(a), resolved(b)
	switch {
	case a == b:
		return true
	case a == nil || b == nil || a.Kind != b.Kind || a.Kind == yaml.ScalarNode:
		return sameScalar(a, b)
	case a.Kind == yaml.SequenceNode:
		return slices.EqualFunc(a.Content, b.Content, sameNode)
	}
	return maps.EqualFunc(entries(a), entries(b), sameNode)
}

// sameScalar compares what is no map and no list, or not the same of them.
func sameScalar(a, b *yaml.Node) bool {
	if a != nil && b != nil && a.Tag == b.Tag && a.Value == b.Value && a.Kind == b.Kind {
		return true
	}
	var x, y any
	if a != nil && a.Decode(&x) != nil || b != nil && b.Decode(&y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

// entries are those of a map.
func entries(n *yaml.Node) map[string]*yaml.Node {
	all := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		all[n.Content[i].Value] = resolved(n.Content[i+1])
	}
	return all
}
