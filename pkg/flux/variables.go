package flux

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// fillingOf is what postBuild of a Kustomization has, read once.
func (g *Graph) fillingOf(k *Kustomization) *filling {
	f := g.fillings[k]
	if f == nil {
		f = g.readFilling(k)
		if g.fillings == nil {
			g.fillings = map[*Kustomization]*filling{}
		}
		g.fillings[k] = f
	}
	return f
}

// readFilling: of substituteFrom the last one counts, and substitute before all.
// Source: github.com/fluxcd/pkg/kustomize LoadVariables.
func (g *Graph) readFilling(k *Kustomization) *filling {
	post := get(k.Node(), "spec", "postBuild")
	strategy := str(post, "substituteStrategy")
	f := &filling{values: map[string]string{}, secret: map[string]bool{}, seen: map[string]string{}, hidden: map[string]bool{}, from: map[string][]string{},
		sure: true, whole: true, always: strategy == "Always", names: []string{strategy}}
	for _, n := range items(post, "substituteFrom") {
		f.names = append(f.names, str(n, "kind")+" "+str(n, "name"))
		g.take(f, k, n)
	}
	if !f.whole {
		clear(f.values) // what is not known may stand in their place
	}
	own := some(get(post, "substitute"))
	for i := 0; i+1 < len(own.Content); i += 2 {
		f.set(own.Content[i].Value, resolved(own.Content[i+1]).Value, false)
		delete(f.from, own.Content[i].Value)
	}
	if k.otherwise || k.blind() || g.filledIn(k, post) || f.refused() {
		clear(f.values)
		f.whole, f.sure, f.always = false, false, false
	}
	return f
}

// filledIn says whether something else may fill in postBuild itself.
func (g *Graph) filledIn(k *Kustomization, post *yaml.Node) bool {
	if post == nil || !bytes.Contains(scalars(post), []byte("$")) {
		return false
	}
	return k.Parent == nil || k.Parent.Kustomization == nil || g.substitutes(k.Parent, k.Object)
}

// take takes over what a ConfigMap or Secret has: the one that is certain to be meant,
// or for what is seen all that may be.
func (g *Graph) take(f *filling, k *Kustomization, n *yaml.Node) {
	all := g.givers(k, n)
	if len(all) != 1 || !beside(all[0], k) {
		f.sure, f.whole = false, false
	}
	for _, from := range all {
		if g.blind(from.build, from.Object) != "" {
			f.sure, f.whole = false, false
		}
		g.takeAll(f, from)
	}
}

// takeAll takes over all that an object has.
func (g *Graph) takeAll(f *filling, from found) {
	for _, e := range from.Entries {
		value, err := g.builder.Value(e)
		if from.Kind == "ConfigMap" && err == nil && (e.Base64 || !utf8.Valid(value)) {
			continue // of binaryData nothing is taken
		}
		hidden := err == nil && g.hides(from.Object, e, value)
		if err != nil || hidden {
			f.whole = false
			f.sure = f.sure && err == nil && !g.substitutes(from.build, from.Object)
		} else if bytes.Contains(value, []byte("$")) && g.substitutes(from.build, from.Object) {
			f.sure, f.whole = false, false
		}
		if err != nil {
			value = []byte(e.Value)
		}
		f.set(e.Key, string(value), from.Kind == "Secret")
		f.hidden[e.Key] = hidden
		f.from[e.Key] = append(f.from[e.Key], fileOf(e))
	}
}

// set takes over a value, without its line breaks as kustomize-controller does.
func (f *filling) set(name, value string, secret bool) {
	value = strings.ReplaceAll(value, "\n", "")
	f.values[name], f.seen[name], f.secret[name] = value, value, secret
	delete(f.hidden, name)
}

// beside says whether an object is certain to be in the cluster of a Kustomization, as
// the tree has it.
func beside(o found, k *Kustomization) bool {
	by := o.build.Kustomization
	switch {
	case by != nil && Suspended(by.Object):
		return false
	case k.Parent == nil || k.Parent.Loose || o.build.Loose:
		return o.build.Loose && path.Dir(o.File) == path.Dir(k.File)
	case o.build == k.Parent:
		return true
	}
	return by != nil && top(by) == top(k) && !elsewhere(by) && !elsewhere(k.Parent.Kustomization)
}

// elsewhere says whether what a Kustomization applies ends up in another cluster than
// the outermost one above it.
func elsewhere(k *Kustomization) bool {
	for seen := map[*Kustomization]bool{}; k != nil && !seen[k]; k = k.Above() {
		if seen[k] = true; AppliesElsewhere(k.Object) {
			return true
		}
	}
	return false
}
