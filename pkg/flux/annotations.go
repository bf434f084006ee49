package flux

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Annotation is a value of an annotations map of an object: its own, that of a
// pod template, or one in the values of a chart.
type Annotation struct {
	kustomize.Place
	Path []string
	Key  string
}

// Annotations returns the annotations of an object, wherever they stand in it.
func (g *Graph) Annotations(o *kustomize.Object) []Annotation {
	var all []Annotation
	g.walk(o, func(path []string, key string, v *yaml.Node, file string) {
		if n := len(path); n > 0 && strings.HasSuffix(strings.ToLower(path[n-1]), "annotations") && v.Kind == yaml.ScalarNode {
			all = append(all, Annotation{kustomize.Place{Value: v.Value, File: file, Line: v.Line}, slices.Clone(path), key})
		}
	})
	for _, key := range slices.Sorted(maps.Keys(o.Annotations(g.builder))) {
		p, _ := o.Annotation(g.builder, key)
		if !slices.ContainsFunc(all, func(a Annotation) bool { return a.Place == p && a.Key == key }) {
			all = append(all, Annotation{p, []string{"commonAnnotations"}, key})
		}
	}
	slices.SortStableFunc(all, func(a, b Annotation) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return all
}

// SourcesOf are the files that hold what a reference reads: that of its key, or
// those of all keys.
func (g *Graph) SourcesOf(r *Reference) []string {
	switch {
	case r.Object == nil:
		return nil
	case r.Key != "" && r.Entry == nil:
		return nil
	case r.Entry != nil:
		return []string{r.Source()}
	}
	var files []string
	for _, e := range r.Object.Entries {
		files = append(files, fileOf(e))
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// AnnotationPlace is where an annotation of an object's own metadata stands.
func (g *Graph) AnnotationPlace(o *kustomize.Object, key string) (kustomize.Place, bool) {
	return o.Annotation(g.builder, key)
}

// PatchedIn are the files of patches that have added annotations to an object.
func (g *Graph) PatchedIn(o *kustomize.Object) []string {
	var files []string
	for _, a := range g.Annotations(o) {
		if a.File != o.File && !slices.Contains(files, a.File) && a.Path[0] == "metadata" {
			files = append(files, a.File)
		}
	}
	return files
}
