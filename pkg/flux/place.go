package flux

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Spot is a value in an object as it is applied: under Key in the map at Path.
type Spot struct {
	Object *kustomize.Object
	Build  *Build
	Path   []string
	Key    string
	// Common says that a kustomization gives it to all its objects.
	Common bool
}

// Spots returns where a scalar that stands on a line of a file ends up: in the
// object of a manifest, or in those that a patch or a kustomization's common
// annotations reach.
func (g *Graph) Spots(file string, line int, key, value string) []Spot {
	var all []Spot
	for _, b := range g.Builds {
		if !b.Loose && !slices.Contains(b.Files, file) && (b.Kustomization == nil || b.Kustomization.File != file) {
			continue
		}
		for _, o := range b.Objects {
			all = append(all, g.spotsIn(b, o, kustomize.Place{Value: value, File: file, Line: line}, key)...)
		}
	}
	return all
}

func (g *Graph) spotsIn(b *Build, o *kustomize.Object, at kustomize.Place, key string) []Spot {
	var all []Spot
	g.walk(o, o.Node(), nil, func(path []string, under string, v *yaml.Node) {
		if v.Line == at.Line && (under == key || key == "" && v.Value == at.Value) && g.builder.FileOf(o, v) == at.File {
			all = append(all, Spot{Object: o, Build: b, Path: slices.Clone(path), Key: under})
		}
	})
	if p, ok := o.Annotation(g.builder, key); ok && p.File == at.File && p.Line == at.Line && len(all) == 0 {
		all = append(all, Spot{o, b, []string{"metadata", "annotations"}, key, true})
		if template := templates[o.Kind]; template != nil && at.File != o.File {
			all = append(all, Spot{o, b, append(slices.Clone(template), "metadata", "annotations"), key, true})
		}
	}
	return all
}

// walk calls do for the entries of all maps of an object.
func (g *Graph) walk(o *kustomize.Object, n *yaml.Node, path []string, do func(path []string, key string, value *yaml.Node)) {
	if n == nil || len(path) > maxDepth {
		return
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			g.walk(o, c, append(path, strconv.Itoa(i)), do)
		case n.Kind == yaml.MappingNode && i%2 == 1:
			key := n.Content[i-1].Value
			do(path, key, c)
			g.walk(o, c, append(path, key), do)
		}
	}
}

// maxDepth bounds how deep an object is looked into.
const maxDepth = 100

// Verdict is that of a spot, as long as its object is not suspended.
func (g *Graph) Verdict(s Spot) Verdict {
	return VerdictOf(Subject{Kind: s.Object.Kind, Name: s.Object.Name, Interval: Interval(s.Object)}, s.Path, s.Key)
}

// Shows returns the value that stands at a spot; "" when none does.
func (g *Graph) Shows(s Spot) string {
	p, _ := g.ShownAt(s)
	return p.Value
}

// ShownAt returns the value at a spot, and where it comes from.
func (g *Graph) ShownAt(s Spot) (kustomize.Place, bool) {
	if slices.Equal(s.Path, []string{"metadata", "annotations"}) {
		return s.Object.Annotation(g.builder, s.Key)
	}
	v := get(s.Object.Node(), append(slices.Clone(s.Path), s.Key)...)
	if v == nil {
		return kustomize.Place{}, false
	}
	return kustomize.Place{Value: v.Value, File: g.builder.FileOf(s.Object, v), Line: v.Line}, true
}
