package flux

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sync"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Refilled are the variables to which postBuild of a Kustomization gives another
// value than in an earlier tree, and the files that hold these values, as far as they
// are no part of its own manifest. More says that it may do otherwise beside these: it
// begins or ends to fill in, say, or with something that is not in the tree.
func Refilled(g *Graph, k *Kustomization, before *Graph, old *Kustomization) (names, files []string, more bool) {
	now, then := g.fillingOf(k), before.fillingOf(old)
	names, more = now.differs(then)
	for _, name := range names {
		files = append(append(files, now.from[name]...), then.from[name]...)
	}
	slices.Sort(files)
	return names, slices.Compact(files), more
}

// differs are the variables that had another value, and whether more may differ.
func (f *filling) differs(old *filling) (names []string, more bool) {
	for name, value := range f.seen {
		if was, ok := old.seen[name]; !ok || was != value {
			names = append(names, name)
		}
	}
	for name := range old.seen {
		if _, ok := f.seen[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	more = f.sure != old.sure || f.works() != old.works() || f.idle() != old.idle()
	return names, more || !f.sure && !slices.Equal(f.names, old.names)
}

// Applied is an object in a build of a tree.
type Applied struct {
	Graph  *Graph
	Build  *Build
	Object *kustomize.Object
}

// substituted says whether postBuild goes over it.
func (a Applied) substituted() bool { return a.Graph.substitutes(a.Build, a.Object) }

func (a Applied) filling() *filling { return a.Graph.fillingOf(a.Build.Kustomization) }

// Refill is what postBuild makes of something, beside an earlier tree.
type Refill int

// As before, as far as the tree says; perhaps something else; and something else.
const (
	Kept Refill = iota
	Perhaps
	Otherwise
)

// RefilledBelow tells what postBuild makes of what stands below keys of an object, as
// it stands there now.
func RefilledBelow(now, then Applied, keys ...string) Refill {
	n := get(now.Object.Built(), keys...)
	if n == nil {
		return Kept
	}
	var part any
	text, hidden := scalars(n), get(now.Object.Node(), "sops") != nil
	if hidden || n.Decode(&part) != nil {
		return mayRefill(now, then, text, hidden)
	}
	for _, key := range slices.Backward(keys) {
		part = map[string]any{key: part}
	}
	return refillPart(now, then, part, text)
}

// RefilledData tells what it makes of what a ConfigMap or Secret holds under a key, or
// under all where that is "".
func RefilledData(now, then Applied, key string) Refill {
	best := Kept
	for _, e := range now.Object.Entries {
		if key == "" || e.Key == key {
			best = max(best, refillEntry(now, then, e))
		}
	}
	return best
}

func refillEntry(now, then Applied, e kustomize.Entry) Refill {
	text, err := now.Graph.builder.Value(e)
	section, ok := filledSection(now.Object, e)
	switch {
	case !ok || err != nil:
		return Kept
	case now.Graph.hides(now.Object, e, text):
		return mayRefill(now, then, text, true)
	}
	return refillPart(now, then, map[string]any{section: map[string]string{e.Key: string(text)}}, text)
}

// refillPart compares what the two trees fill into a part of an object, the text of
// which is given, where both are known.
func refillPart(now, then Applied, part any, text []byte) Refill {
	if !bytes.Contains(text, []byte("$")) {
		return Kept
	}
	a, err := now.Graph.fill(now.Build, now.Object, part, "")
	b, errOld := then.Graph.fill(then.Build, then.Object, part, "")
	switch {
	case err != nil || errOld != nil:
		return mayRefill(now, then, text, false)
	case sameJSON(a, b):
		return Kept
	}
	return Otherwise
}

// mayRefill tells of a text of which that is not known: hidden ones may hold any
// variable.
func mayRefill(now, then Applied, text []byte, hidden bool) Refill {
	on, was := now.substituted(), then.substituted()
	switch {
	case !on && !was:
		return Kept
	case on != was:
		return Perhaps
	}
	names, more := now.filling().differs(then.filling())
	switch used := UsedIn(text, names); {
	case slices.ContainsFunc(used, func(name string) bool { return !now.filling().hidden[name] || !then.filling().hidden[name] }):
		return Otherwise
	case len(used) > 0:
		return Perhaps // both are encrypted, which SOPS does otherwise each time
	case more && (hidden || bytes.Contains(text, []byte("$"))), hidden && len(names) > 0:
		return Perhaps
	}
	return Kept
}

// sameFilling says whether postBuild is certain to make the same of any text.
func sameFilling(now, then Applied) bool {
	on, was := now.substituted(), then.substituted()
	if !on || !was {
		return on == was
	}
	names, more := now.filling().differs(then.filling())
	return now.filling().sure && len(names) == 0 && !more
}

func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// RefilledBeside says whether postBuild makes something else of what helm-controller
// looks at in a release beside its values, or may do so.
func RefilledBeside(now, then Applied) bool {
	return RefilledBelow(now, then, "metadata") != Kept || slices.ContainsFunc(judged, func(key string) bool {
		return key != "values" && RefilledBelow(now, then, "spec", key) != Kept
	})
}

// UsedIn are those of some variables that stand in a text.
func UsedIn(text []byte, names []string) []string {
	words := map[string]bool{}
	for _, inner := range opened().FindAll(text, -1) {
		for _, word := range wordsIn(string(inner)) {
			words[word] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !words[name] })
}

// opened is a place to be filled in, as far as that of another one or its end.
var opened = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{[^}]*`) })

// Texts are all that postBuild may look into in an object.
func (a Applied) Texts() []byte {
	text := scalars(some(a.Object.Built()))
	for _, e := range a.Object.Entries {
		if value, err := a.Graph.builder.Value(e); err == nil {
			text = append(append(text, '\n'), value...)
		}
	}
	return text
}

// Substituted says whether postBuild goes over an object, and has anything to fill in
// for certain.
func (a Applied) Substituted() bool { return a.substituted() && a.filling().works() }

// Untouched says whether it is certain that nothing is filled into an object.
func (a Applied) Untouched() bool { return !a.substituted() || a.filling().idle() }

// HasVariables says whether there is anything in an object for postBuild to fill in.
func HasVariables(o *kustomize.Object) bool { return hasVariable(scalars(some(o.Built()))) }

// FileHasVariables says that of a file.
func (g *Graph) FileHasVariables(file string) bool {
	text, err := g.builder.Text(file)
	return err == nil && hasVariable(text)
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
