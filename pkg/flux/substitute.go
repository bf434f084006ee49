package flux

import (
	"bytes"
	"regexp"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// variable is what postBuild fills in; $${…} is an escape.
// Source: github.com/fluxcd/pkg/envsubst.
var variable = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\$\{([_a-zA-Z][_a-zA-Z0-9]*)[^}]*\}`)
})

// Variable is one that postBuild fills in.
type Variable struct {
	Name string
	Line int
}

// variables are those in a text that is not a comment, the first place of each.
func variables(text []byte) []Variable {
	var all []Variable
	seen := map[string]bool{}
	for _, m := range variable().FindAllSubmatchIndex(text, -1) {
		name := string(text[m[2]:m[3]])
		if m[0] > 0 && text[m[0]-1] == '$' || seen[name] || inComment(text, m[0]) {
			continue
		}
		seen[name] = true
		all = append(all, Variable{name, bytes.Count(text[:m[0]], []byte("\n")) + 1})
	}
	return all
}

// inComment says whether a place lies in a line that is a comment: what is
// filled in there changes no value.
func inComment(text []byte, at int) bool {
	line := text[bytes.LastIndexByte(text[:at], '\n')+1 : at]
	return bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("#"))
}

func hasVariable(text []byte) bool { return bytes.Contains(text, []byte("${")) }

// switchedOff is the label or annotation that keeps postBuild out of an object.
const switchedOff = kustomizeGroup + "/substitute"

// substitutes says whether postBuild goes over an object.
func (g *Graph) substitutes(b *Build, o *kustomize.Object) bool {
	if b.Kustomization == nil {
		return false
	}
	if !b.Kustomization.blind() && !slices.ContainsFunc(b.Kustomization.all(), (*Kustomization).fills) {
		return false
	}
	for _, look := range []func(*kustomize.Builder, string) (kustomize.Place, bool){o.Label, o.Annotation} {
		if p, ok := look(g.builder, switchedOff); ok && p.Value == "disabled" {
			return false
		}
	}
	return true
}

// fills says whether a postBuild has, or may have, anything to fill in.
func (k *Kustomization) fills() bool {
	post := get(k.Node(), "spec", "postBuild")
	return str(post, "substituteStrategy") == "Always" || len(items(post, "substituteFrom")) > 0 || len(some(get(post, "substitute")).Content) > 0
}

// Fillers are the Kustomizations whose substituteFrom names an object.
func (g *Graph) Fillers(o *kustomize.Object) []Spot {
	if g.fillers == nil {
		g.indexFillers()
	}
	return g.fillers[objectKey{o.Kind, o.Name, effective(o.Namespace)}]
}

func (g *Graph) indexFillers() {
	g.fillers = map[objectKey][]Spot{}
	for _, b := range g.Builds {
		for _, k := range b.Objects {
			if !k.Is(kustomizeGroup, "Kustomization") {
				continue
			}
			for _, n := range items(k.Node(), "spec", "postBuild", "substituteFrom") {
				key := objectKey{str(n, "kind"), str(n, "name"), effective(k.Namespace)}
				g.fillers[key] = append(g.fillers[key], Spot{Object: k, Build: b})
			}
		}
	}
}

// Filled is a variable that postBuild fills in, in what goes from a file into an
// object.
type Filled struct {
	Variable
	Kustomization *Kustomization
	// From are the files that hold its value; none when the cluster does. Where several
	// builds of the Kustomization have different ones, each is a Filled of its own.
	From []string
}

// Filled returns the variables that postBuild fills in where a file goes into an
// object. Kustomizations of several clusters may share a name: each counts.
func (g *Graph) Filled(file string) []Filled {
	var all []Filled
	seen := map[*Kustomization]bool{}
	for _, u := range g.sources[file] {
		if !g.substitutes(u.build, u.Object) || seen[u.build.Kustomization] {
			continue
		}
		seen[u.build.Kustomization] = true
		text, err := g.builder.Text(file)
		if err != nil {
			return nil
		}
		for _, v := range variables(text) {
			all = append(all, g.filled(v, u.build.Kustomization)...)
		}
	}
	return all
}

// filled is a variable as each build of a Kustomization fills it in.
func (g *Graph) filled(v Variable, k *Kustomization) []Filled {
	var all []Filled
	for _, twin := range k.all() {
		if from, filled := g.valueOf(twin, v.Name); filled {
			all = append(all, Filled{v, k, from})
		}
	}
	return all
}

// valueOf tells whether postBuild has a value for a variable, and the files
// that hold it: of substituteFrom the last one counts, and substitute before all.
func (g *Graph) valueOf(k *Kustomization, name string) (from []string, filled bool) {
	post := get(k.Node(), "spec", "postBuild")
	if get(post, "substitute", name) != nil {
		return []string{g.builder.FileOf(k.Object, get(post, "substitute", name))}, true
	}
	for _, n := range items(post, "substituteFrom") {
		filled = true
		switch files, each := holders(g.givers(k, n), name); {
		case each:
			from = files
		default:
			from = append(from, files...)
		}
	}
	return from, filled
}

// givers are the objects that an entry of substituteFrom may mean: those that are
// certain to be in the cluster of the Kustomization, else all of that name.
func (g *Graph) givers(k *Kustomization, n *yaml.Node) []found {
	all := g.byName[objectKey{str(n, "kind"), str(n, "name"), effective(k.Namespace)}]
	if some := only(all, func(o found) bool { return beside(o, k) }); len(some) > 0 {
		return some
	}
	return all
}

// holders are the files that hold a key of objects; each says that every object has it.
func holders(all []found, key string) (files []string, each bool) {
	having := 0
	for _, f := range all {
		i := slices.IndexFunc(f.Entries, func(e kustomize.Entry) bool { return e.Key == key })
		if i >= 0 {
			having++
			files = append(files, fileOf(f.Entries[i]))
		}
	}
	return files, having > 0 && having == len(all)
}
