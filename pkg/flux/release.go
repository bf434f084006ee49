package flux

import (
	"cmp"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// helmGroup is that of HelmReleases.
const helmGroup = "helm.toolkit.fluxcd.io"

// WatchLabel on a ConfigMap or Secret makes the controllers of Flux 2.7 and
// later act on each change of it.
const WatchLabel = "reconcile.fluxcd.io/watch"

// Release is a HelmRelease as it is applied.
type Release struct {
	*kustomize.Object
	Build *Build
	// Interval as it stands in its spec; "" when there is none.
	Interval string
	// Suspended releases are left alone by helm-controller.
	Suspended bool
	// Values are the entries of valuesFrom, in their order.
	Values []Reference
}

// Reference is a name by which an object reads a ConfigMap or Secret.
type Reference struct {
	Kind, Name string
	// Key that is read; "" for all of them.
	Key string
	// File and Line of the reference.
	File string
	Line int
	// TargetPath, Optional and Literal as in valuesFrom.
	TargetPath        string
	Optional, Literal bool

	// Object is what it leads to, nil when Unknown says why there is none.
	Object *kustomize.Object
	// Build is that in which the object is.
	Build *Build
	// Entry is the key of the object, nil when all keys are read or the key is
	// not known.
	Entry   *kustomize.Entry
	Unknown string
	// Broken says that Unknown is a mistake: the object is here, and the name or
	// the key does not lead to it.
	Broken bool
	// Rename is the nameReference through which kustomize writes the final name
	// of the object.
	Rename *kustomize.NameReference
}

// Source is the file whose change changes what is read: the one that a
// generator reads, else the one in which the value stands; "" when unknown.
func (r *Reference) Source() string {
	switch {
	case r.Object == nil, r.Key != "" && r.Entry == nil:
		return ""
	case r.Entry == nil:
		return r.Object.File
	}
	return fileOf(*r.Entry)
}

// fileOf is the file in which the value of an entry stands, or that a generator reads.
func fileOf(e kustomize.Entry) string { return cmp.Or(e.Source, e.File) }

// ByHash says whether a change of the content changes the name of the object,
// and with it the spec that refers to it.
func (r *Reference) ByHash() bool {
	return r.Object != nil && r.Object.Hash && r.Rename != nil
}

// Watched says whether the object carries the label by which Flux 2.7 and later
// acts on each change of it, and where.
func (g *Graph) Watched(o *kustomize.Object) (kustomize.Place, bool) {
	place, ok := o.Label(g.builder, WatchLabel)
	return place, ok && place.Value == "Enabled"
}

// release reads a HelmRelease.
func (g *Graph) release(b *Build, o *kustomize.Object) *Release {
	spec := get(o.Node(), "spec")
	r := &Release{Object: o, Build: b, Interval: str(spec, "interval"), Suspended: str(spec, "suspend") == "true"}
	for _, n := range items(spec, "valuesFrom") {
		ref := Reference{Kind: str(n, "kind"), Name: str(n, "name"), Key: str(n, "valuesKey"), File: g.builder.FileOf(o, n), Line: n.Line,
			TargetPath: str(n, "targetPath"), Optional: str(n, "optional") == "true", Literal: str(n, "literal") == "true"}
		if ref.Key == "" {
			ref.Key = "values.yaml"
		}
		r.Values = append(r.Values, ref)
	}
	return r
}

// Interval is that of an object of Flux, as it stands in its spec.
func Interval(o *kustomize.Object) string { return str(o.Node(), "spec", "interval") }

// PreservesValues says whether helm-controller lets Helm add the values of the
// release before: then status.history[].configDigest covers those too, and
// status.lastAttemptedConfigDigest is the digest of the values in Git.
func PreservesValues(o *kustomize.Object) bool {
	return str(o.Node(), "spec", "upgrade", "preserveValues") == "true"
}
