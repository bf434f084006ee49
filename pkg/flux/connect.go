package flux

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// objectKey is what a reference names.
type objectKey struct{ kind, name, namespace string }

// found is an object in a build.
type found struct {
	*kustomize.Object
	build *Build
}

// used is an object that a file goes into, under a key of it.
type used struct {
	found
	entry kustomize.Entry
}

// Reader is what reads an object: a release or a workload.
type Reader struct {
	Release   *Release
	Workload  *Workload
	Reference *Reference
}

// Object is the one that reads.
func (r Reader) Object() *kustomize.Object {
	if r.Release != nil {
		return r.Release.Object
	}
	return r.Workload.Object
}

// connect finds releases and workloads, and what they read.
func (g *Graph) connect() {
	g.byName, g.sources, g.reads = map[objectKey][]found{}, map[string][]used{}, map[*kustomize.Object][]Reader{}
	for _, b := range g.Builds {
		for _, o := range b.Objects {
			g.index(b, o)
		}
	}
	for _, r := range g.Releases {
		for i := range r.Values {
			g.resolve(r.Build, r.Object, &r.Values[i], rewritten)
			g.note(Reader{Release: r, Reference: &r.Values[i]})
		}
	}
	for _, w := range g.Workloads {
		for i := range w.Reads {
			g.resolve(w.Build, w.Object, &w.Reads[i], renamed)
			g.note(Reader{Workload: w, Reference: &w.Reads[i]})
		}
	}
}

// follower finds what kustomize makes of a reference: the object whose final
// name it writes there, nil when it leaves the name alone, and by which
// nameReference.
type follower func(b *Build, from *kustomize.Object, r *Reference) (*kustomize.Object, *kustomize.NameReference, error)

// rewritten follows a name in valuesFrom, which configurations may cover.
func rewritten(b *Build, from *kustomize.Object, r *Reference) (*kustomize.Object, *kustomize.NameReference, error) {
	to, by, err := b.Rewritten(from, r.Name)
	if err == nil && to != nil && to.Kind != r.Kind {
		err = fmt.Errorf("the nameReference at %s:%d makes it the name of the %s of %s:%d, whatever the kind beside it", by.File, by.Line, to.Kind, to.File, to.Line)
	}
	return to, by, err
}

// builtIn stands for the nameReferences that kustomize has for workloads.
var builtIn = &kustomize.NameReference{}

// renamed follows a name in a pod.
func renamed(b *Build, from *kustomize.Object, r *Reference) (*kustomize.Object, *kustomize.NameReference, error) {
	return b.Renamed(from, r.Kind, r.Name), builtIn, nil
}

func (g *Graph) index(b *Build, o *kustomize.Object) {
	switch {
	case o.Is(helmGroup, "HelmRelease"):
		g.Releases = append(g.Releases, g.release(b, o))
	case isWorkload(o):
		g.Workloads = append(g.Workloads, g.workload(b, o))
	case o.Kind == "ConfigMap" || o.Kind == "Secret":
		if !o.Hash {
			key := objectKey{o.Kind, o.Name, effective(o.Namespace)}
			g.byName[key] = append(g.byName[key], found{o, b})
		}
		for _, e := range o.Entries {
			file := fileOf(e)
			g.sources[file] = append(g.sources[file], used{found{o, b}, e})
		}
	}
}

// effective is the namespace that no namespace means.
func effective(namespace string) string { return cmp.Or(namespace, "default") }

func (g *Graph) note(r Reader) {
	if o := r.Reference.Object; o != nil {
		g.reads[o] = append(g.reads[o], r)
	}
}

// resolve finds what a reference leads to: in its own build, else in another
// one.
func (g *Graph) resolve(b *Build, from *kustomize.Object, r *Reference, follow follower) {
	if r.Kind != "ConfigMap" && r.Kind != "Secret" {
		r.Unknown = fmt.Sprintf("a %s is not read by Flux, expected a ConfigMap or Secret", cmp.Or(r.Kind, "reference without kind"))
		return
	}
	switch o, by, err := follow(b, from, r); {
	case err != nil:
		r.Unknown = err.Error()
		return
	case o != nil:
		r.Rename = by
		r.set(found{o, b})
		return
	}
	all := g.byName[objectKey{r.Kind, r.Name, effective(from.Namespace)}]
	if len(all) > maxNamesakes {
		r.Unknown = fmt.Sprintf("%d %ss of that name can be meant", len(all), r.Kind)
		return
	}
	switch best := nearest(all, b, from); len(best) {
	case 1:
		r.set(best[0])
	case 0:
		r.Unknown, r.Broken = g.absent(b, from, r)
	default:
		r.Unknown = fmt.Sprintf("%d %ss of that name can be meant: %s", len(best), r.Kind, places(best))
	}
}

// nearest are those of the objects that stand closest: in the same build, in
// the build of a Kustomization with the same parent, or in any other one of the
// same cluster. Among manifests that belong to no kustomization the folder
// decides.
func nearest(all []found, b *Build, from *kustomize.Object) []found {
	if b.Loose {
		if some := nearby(all, from); len(some) > 0 {
			return some
		}
	}
	for _, close := range []func(found) bool{
		func(f found) bool { return f.build == b && !b.Loose },
		func(f found) bool { return !f.build.Loose && siblings(f.build, b) },
		func(f found) bool { return f.build != b && !f.build.Loose && together(f.build, b, from) },
	} {
		if some := only(all, close); len(some) > 0 {
			return some
		}
	}
	return nearby(all, from)
}

// together says whether another build can be applied to the same cluster: not
// where one is known to be applied elsewhere, or holds a twin of the object or
// of the Kustomization, as the same folders for another cluster do.
func together(other, b *Build, from *kustomize.Object) bool {
	a, z := other.Kustomization, b.Kustomization
	if a != nil && z != nil && (a.ID() == z.ID() || a.Parent != nil && z.Parent != nil && top(a) != top(z)) {
		return false
	}
	return len(other.Named(from.Kind, from.Name, from.Namespace)) == 0
}

// top is the build in which the outermost Kustomization above one stands.
func top(k *Kustomization) *Build {
	seen := map[*Kustomization]bool{}
	for !seen[k] && k.Parent != nil && k.Parent.Kustomization != nil {
		seen[k] = true
		k = k.Parent.Kustomization
	}
	return k.Parent
}

// nearby are the objects of no kustomization in the folder of another one, or in
// the nearest above that has any below it.
func nearby(all []found, from *kustomize.Object) []found {
	loose := only(all, func(f found) bool { return f.build.Loose })
	for dir := path.Dir(from.File); ; dir = path.Dir(dir) {
		if some := only(loose, func(f found) bool { return below(dir, f.File) }); len(some) > 0 || dir == "." {
			return some
		}
	}
}

func only(all []found, ok func(found) bool) []found {
	return slices.DeleteFunc(slices.Clone(all), func(f found) bool { return !ok(f) })
}

func below(dir, file string) bool { return dir == "." || strings.HasPrefix(file, dir+"/") }

// siblings says whether two builds are applied by Kustomizations that stand in
// one build.
func siblings(a, b *Build) bool {
	return a.Kustomization != nil && b.Kustomization != nil && a.Kustomization.Parent != nil && a.Kustomization.Parent == b.Kustomization.Parent
}

// maxNamesakes is how many objects of one name are looked at for the one that
// stands closest.
const maxNamesakes = 500

func places(all []found) string {
	const most = 3
	var text []string
	for _, f := range all[:min(len(all), most)] {
		text = append(text, fmt.Sprintf("%s:%d", f.File, f.Line))
	}
	if more := len(all) - most; more > 0 {
		text = append(text, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(slices.Compact(text), ", ")
}

// set takes up the object that a reference leads to.
func (r *Reference) set(f found) {
	r.Object, r.Build = f.Object, f.build
	if r.Key == "" {
		return
	}
	for i := range f.Entries {
		if f.Entries[i].Key == r.Key {
			r.Entry = &f.Entries[i]
			return
		}
	}
	r.Unknown, r.Broken = fmt.Sprintf("%s %s of %s:%d has no key %s", r.Kind, r.Name, f.File, f.Line, r.Key), !r.Optional
}

// absent says why a reference leads to nothing, and whether that is a mistake
// that can be seen here.
func (g *Graph) absent(b *Build, from *kustomize.Object, r *Reference) (why string, broken bool) {
	if o := b.Renamed(from, r.Kind, r.Name); o != nil {
		return fmt.Sprintf("kustomize gives the %s of %s:%d another name, and no nameReference tells the %s", r.Kind, o.File, o.Line, from.Kind), true
	}
	if b.Hashed(r.Kind, r.Name) != nil {
		o := b.Hashed(r.Kind, r.Name)
		return fmt.Sprintf("kustomize appends a hash to the name of the %s of %s:%d, and no nameReference tells the %s: set disableNameSuffixHash, or add a nameReference for spec/valuesFrom/name", r.Kind, o.File, o.Line, from.Kind), true
	}
	for _, o := range b.Objects {
		if name := makes(o); name == r.Name && r.Kind == "Secret" && effective(o.Namespace) == effective(from.Namespace) {
			return fmt.Sprintf("made in the cluster, from the %s of %s:%d", o.Kind, o.File, o.Line), false
		}
	}
	return "not in this repository: made in the cluster, or by another repository", false
}

// makes is the name of the Secret that an object makes in the cluster.
func makes(o *kustomize.Object) string {
	switch o.Kind {
	case "ExternalSecret":
		return cmp.Or(str(o.Node(), "spec", "target", "name"), o.Name)
	case "SealedSecret":
		return cmp.Or(str(o.Node(), "spec", "template", "metadata", "name"), o.Name)
	case "Certificate":
		return str(o.Node(), "spec", "secretName")
	}
	return ""
}
