package flux

import (
	"bytes"
	"maps"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Refilled are the variables to which postBuild of a Kustomization gives another
// value than in an earlier tree; from are the files that hold the values, as far
// as they are no part of its own manifest. Either Kustomization may be nil.
func Refilled(g *Graph, k *Kustomization, before *Graph, old *Kustomization) (names, from []string) {
	now, nowFiles := g.filling(k)
	then, thenFiles := before.filling(old)
	for name := range now {
		if was, ok := then[name]; !ok || was != now[name] {
			names = append(names, name)
		}
	}
	for name := range then {
		if _, ok := now[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	from = append(nowFiles, thenFiles...)
	slices.Sort(from)
	return names, slices.Compact(from)
}

// filling is what postBuild fills in: of substituteFrom the last one counts, and
// substitute before all.
// Source: github.com/fluxcd/pkg/kustomize LoadVariables.
func (g *Graph) filling(k *Kustomization) (values map[string]string, files []string) {
	values = map[string]string{}
	if k == nil {
		return values, nil
	}
	post := get(k.Node(), "spec", "postBuild")
	for _, n := range items(post, "substituteFrom") {
		for _, f := range g.byName[objectKey{str(n, "kind"), str(n, "name"), effective(k.Namespace)}] {
			for _, e := range f.Entries {
				if value, err := g.builder.Value(e); err == nil {
					values[e.Key] = string(value)
				}
				if files = append(files, e.File); e.Source != "" {
					files = append(files, e.Source)
				}
			}
		}
	}
	own := some(get(post, "substitute"))
	for i := 0; i+1 < len(own.Content); i += 2 {
		values[own.Content[i].Value] = own.Content[i+1].Value
	}
	return values, files
}

// UsesAny says whether postBuild fills one of some variables into an object.
func (g *Graph) UsesAny(b *Build, o *kustomize.Object, names []string) bool {
	if len(names) == 0 || !g.mayFill(b, o) {
		return false
	}
	if usesAny(scalars(some(o.Built())), names) {
		return true
	}
	for _, e := range o.Entries {
		if value, err := g.builder.Value(e); err == nil && bytes.Contains(value, []byte("${")) && usesAny(value, names) {
			return true
		}
	}
	return false
}

// UsesBelow says whether one of some variables stands below keys of an object.
func UsesBelow(o *kustomize.Object, names []string, keys ...string) bool {
	n := get(o.Built(), keys...)
	return n != nil && usesAny(scalars(n), names)
}

// mayFill says whether postBuild goes over an object, were there any values.
func (g *Graph) mayFill(b *Build, o *kustomize.Object) bool {
	if b == nil || b.Kustomization == nil {
		return false
	}
	for _, look := range []func(*kustomize.Builder, string) (kustomize.Place, bool){o.Label, o.Annotation} {
		if p, ok := look(g.builder, switchedOff); ok && p.Value == "disabled" {
			return false
		}
	}
	return true
}

// HasVariables says whether there is anything in an object for postBuild to fill in.
func HasVariables(o *kustomize.Object) bool { return hasVariable(scalars(some(o.Built()))) }

// FileHasVariables says that of a file.
func (g *Graph) FileHasVariables(file string) bool {
	text, err := g.builder.Text(file)
	return err == nil && hasVariable(text)
}

func usesAny(text []byte, names []string) bool {
	return slices.ContainsFunc(variables(text), func(v Variable) bool { return slices.Contains(names, v.Name) })
}

// Prunes says whether an object is deleted that its Kustomization applies no
// more; a nil one may.
func (g *Graph) Prunes(k *Kustomization, o *kustomize.Object) bool {
	for _, look := range []func(*kustomize.Builder, string) (kustomize.Place, bool){o.Label, o.Annotation} {
		if p, ok := look(g.builder, kustomizeGroup+"/prune"); ok && p.Value == "disabled" {
			return false
		}
	}
	return k == nil || str(k.Node(), "spec", "prune") != "false"
}

// Above is the Kustomization that applies another one; nil when the tree does
// not say.
func (k *Kustomization) Above() *Kustomization {
	if k.Parent == nil || k.Parent.Kustomization == k {
		return nil
	}
	return k.Parent.Kustomization
}

// SpecOf are the keys of the spec that differ between two objects.
func SpecOf(now, old *kustomize.Object) []string {
	differing := map[string]bool{}
	a, b := some(get(now.Node(), "spec")), some(get(old.Node(), "spec"))
	for _, key := range keysOf(a, b) {
		if !sameNode(get(a, key), get(b, key)) {
			differing[key] = true
		}
	}
	return slices.Sorted(maps.Keys(differing))
}
