package flux

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/yamledit"
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
// annotations reach. Without a key it is known by its value.
func (g *Graph) Spots(file string, line int, key, value string) []Spot {
	g.indexLine(file, line)
	var all []Spot
	for _, s := range g.lines[fileLine{file, line}] {
		if s.Key == key || key == "" && s.value == value {
			all = append(all, s.Spot)
		}
	}
	return all
}

type fileLine struct {
	file string
	line int
}

type standing struct {
	Spot
	value string
}

// Expect tells which lines Spots will be asked for, so that all objects are
// walked once.
func (g *Graph) Expect(lines []kustomize.Place) {
	wanted := map[fileLine]bool{}
	for _, p := range lines {
		wanted[fileLine{p.File, p.Line}] = true
	}
	g.lines = map[fileLine][]standing{}
	for at := range wanted {
		g.lines[at] = nil
	}
	for _, b := range g.Builds {
		for _, o := range b.Objects {
			g.spotsIn(b, o, wanted)
		}
	}
}

// indexLine makes a line known that was not expected.
func (g *Graph) indexLine(file string, line int) {
	if _, known := g.lines[fileLine{file, line}]; known {
		return
	}
	old := g.lines
	g.Expect([]kustomize.Place{{File: file, Line: line}})
	for at, spots := range old {
		g.lines[at] = spots
	}
}

func (g *Graph) spotsIn(b *Build, o *kustomize.Object, wanted map[fileLine]bool) {
	here := map[fileLine]bool{}
	add := func(at fileLine, s Spot, value string) { g.lines[at] = append(g.lines[at], standing{s, value}) }
	g.walk(o, func(path []string, key string, v *yaml.Node, file string) {
		if at := (fileLine{file, v.Line}); wanted[at] {
			here[at] = true
			add(at, Spot{Object: o, Build: b, Path: slices.Clone(path), Key: key}, v.Value)
		}
	})
	for key, p := range o.AnnotationPlaces(g.builder) {
		at := fileLine{p.File, p.Line}
		if !wanted[at] || here[at] {
			continue
		}
		add(at, Spot{o, b, []string{"metadata", "annotations"}, key, true}, p.Value)
		if template := templates[o.Kind]; template != nil && p.File != o.File {
			add(at, Spot{o, b, append(slices.Clone(template), "metadata", "annotations"), key, true}, p.Value)
		}
	}
}

// walk calls do for the entries of all maps of an object, also of those in the
// text of a patch in it.
func (g *Graph) walk(o *kustomize.Object, do func(path []string, key string, value *yaml.Node, file string)) {
	w := walker{graph: g, object: o, do: do}
	w.walk(o.Node(), nil, "")
}

type walker struct {
	graph  *Graph
	object *kustomize.Object
	do     func(path []string, key string, value *yaml.Node, file string)
}

// walk goes down from a node; file is that of a text around it, "" outside of
// one.
func (w *walker) walk(n *yaml.Node, path []string, file string) {
	if n == nil || len(path) > maxDepth {
		return
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			w.walk(c, append(path, strconv.Itoa(i)), file)
		case n.Kind == yaml.MappingNode && i%2 == 1:
			key := n.Content[i-1].Value
			in := file
			if in == "" {
				in = w.graph.builder.FileOf(w.object, c)
			}
			w.do(path, key, c, in)
			w.walk(c, append(path, key), file)
			if key == "patch" && c.Kind == yaml.ScalarNode && file == "" {
				w.text(c, append(path, key), in)
			}
		}
	}
}

// text goes into the text of a patch: of a post-renderer, say.
func (w *walker) text(n *yaml.Node, path []string, file string) {
	docs, err := yamledit.Nodes([]byte(n.Value), nil)
	if err != nil || len(docs) != 1 || n.Style&yaml.LiteralStyle == 0 {
		return
	}
	lower(docs[0], n.Line)
	w.walk(docs[0], path, file)
}

// lower moves nodes down by some lines.
func lower(n *yaml.Node, lines int) {
	n.Line += lines
	for _, c := range n.Content {
		lower(c, lines)
	}
}

// maxDepth bounds how deep an object is looked into.
const maxDepth = 100

// Verdict is that of a spot, as long as its object is not suspended.
func (g *Graph) Verdict(s Spot) Verdict {
	if why := g.LeftAlone(s.Object); why != "" {
		return Verdict{Nothing, why, ""}
	}
	if s.remakesJob() {
		return Verdict{PodsRoll, "force is set, so kustomize-controller makes Job " + s.Object.Name + " anew, and its pods run again", ""}
	}
	return VerdictOf(Subject{Kind: s.Object.Kind, Name: s.Object.Name, Interval: Interval(s.Object)}, s.Path, s.Key)
}

// remakesJob says whether kustomize-controller makes a Job anew when the value at a spot
// changes: it does where the Job or its Kustomization is forced, since the pod template
// of a Job that is there cannot change.
func (s Spot) remakesJob() bool {
	if s.Object.Kind != "Job" || !fits([]string{"spec", "template", "**"}, s.Path) {
		return false
	}
	for _, in := range []string{"annotations", "labels"} {
		if strings.EqualFold(str(s.Object.Node(), "metadata", in, "kustomize.toolkit.fluxcd.io/force"), "enabled") {
			return true
		}
	}
	return s.Build != nil && s.Build.Kustomization != nil && str(s.Build.Kustomization.Node(), "spec", "force") == "true"
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
