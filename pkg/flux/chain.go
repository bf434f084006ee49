package flux

import (
	"maps"
	"path"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Chain is the way of a file into one object, and what reads that.
type Chain struct {
	File   string
	Object *kustomize.Object
	Build  *Build
	// Entries are the keys of the object that the file fills.
	Entries []kustomize.Entry
	// Readers are the releases and workloads that read one of these keys.
	Readers []Reader
}

// Chains returns the ways of a file into ConfigMaps and Secrets.
func (g *Graph) Chains(file string) []Chain {
	var all []Chain
	for _, u := range g.sources[file] {
		if n := len(all); n > 0 && all[n-1].Object == u.Object {
			all[n-1].Entries = append(all[n-1].Entries, u.entry)
			continue
		}
		all = append(all, Chain{File: file, Object: u.Object, Build: u.build, Entries: []kustomize.Entry{u.entry}})
	}
	for i := range all {
		all[i].Readers = g.readersOf(&all[i])
	}
	return all
}

// readersOf are those that read one of the keys of a chain, or all keys.
func (g *Graph) readersOf(c *Chain) []Reader {
	return slices.DeleteFunc(slices.Clone(g.reads[c.Object]), func(r Reader) bool {
		key := r.Reference.Key
		return key != "" && !slices.ContainsFunc(c.Entries, func(e kustomize.Entry) bool { return e.Key == key })
	})
}

// Waits says whether a Kustomization depends on another one, directly or not.
func (g *Graph) Waits(k, on *Kustomization) bool { return g.waits(k, on, map[string]bool{}) }

func (g *Graph) waits(k, on *Kustomization, seen map[string]bool) bool {
	if seen[k.ID()] {
		return false
	}
	seen[k.ID()] = true
	for _, id := range k.DependsOn {
		if id == on.ID() {
			return true
		}
		for _, other := range g.Kustomizations {
			if other.ID() == id && other.Parent == k.Parent && g.waits(other, on, seen) {
				return true
			}
		}
	}
	return false
}

// Declared are the objects that a target names: those of a manifest, or those
// that a kustomization builds. Empty names stand for any.
func (g *Graph) Declared(file, kind, name, namespace string) []Spot {
	g.indexFiles()
	all := slices.Clone(g.inFile[file])
	if kind != "" || name != "" {
		for _, b := range g.through[file] {
			for _, o := range b.Objects {
				if o.File != file {
					all = append(all, Spot{Object: o, Build: b})
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(s Spot) bool {
		o := s.Object
		return kind != "" && o.Kind != kind || name != "" && o.Name != name && o.OriginalName() != name ||
			namespace != "" && o.Namespace != namespace && o.OriginalNamespace() != namespace
	})
}

// indexFiles makes the tables of objects and builds by file.
func (g *Graph) indexFiles() {
	if g.inFile != nil {
		return
	}
	g.inFile, g.through = map[string][]Spot{}, map[string][]*Build{}
	for _, b := range g.Builds {
		for _, o := range b.Objects {
			g.inFile[o.File] = append(g.inFile[o.File], Spot{Object: o, Build: b})
		}
		for _, file := range b.Files {
			if kustomize.IsKustomizationName(path.Base(file)) {
				g.through[file] = append(g.through[file], b)
			}
		}
	}
}

// Suspended says whether an object of Flux is suspended.
func Suspended(o *kustomize.Object) bool { return str(o.Node(), "spec", "suspend") == "true" }

// SuspendedIn is the file in which spec.suspend of an object stands.
func (g *Graph) SuspendedIn(o *kustomize.Object) string {
	return g.builder.FileOf(o, get(o.Node(), "spec", "suspend"))
}

// AppliesElsewhere says whether a Kustomization applies what it builds to another
// cluster than the one in which it stands itself.
func AppliesElsewhere(o *kustomize.Object) bool { return get(o.Node(), "spec", "kubeConfig") != nil }

// HandlesSecrets says whether a Kustomization decrypts what it applies, or fills in what
// stands in a Secret.
func HandlesSecrets(o *kustomize.Object) bool {
	if get(o.Node(), "spec", "decryption") != nil {
		return true
	}
	for _, n := range items(o.Node(), "spec", "postBuild", "substituteFrom") {
		if str(n, "kind") == "Secret" {
			return true
		}
	}
	return false
}

// EncryptedFile says whether SOPS has encrypted a file.
func (g *Graph) EncryptedFile(file string) bool {
	text, err := g.builder.Text(file)
	return err == nil && Encrypted(text)
}

// SourceFiles are all files that go into ConfigMaps and Secrets, sorted.
func (g *Graph) SourceFiles() []string { return slices.Sorted(maps.Keys(g.sources)) }
