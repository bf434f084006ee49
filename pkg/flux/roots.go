package flux

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// group of the Kustomizations of Flux.
const kustomizeGroup = "kustomize.toolkit.fluxcd.io"

// Kustomization is one of Flux: it applies what a folder of the repository
// gives.
type Kustomization struct {
	*kustomize.Object
	// Path is its folder, from the root of the tree; "" when that is not in the
	// tree.
	Path string
	// Interval as it stands in its spec.
	Interval string
	// DependsOn are the others that it waits for, as namespace/name.
	DependsOn []string
	// Build is what it applies; nil when Path is not in the tree.
	Build *Build
	// Parent is the build in which it stands itself.
	Parent *Build

	otherwise bool // another build of it may fill in other values
	// twins are what other builds make of it.
	twins []*Kustomization
}

// meet notes that it is built once more: overlays may patch it, or fill it in, each in
// their own way.
func (k *Kustomization) meet(o *kustomize.Object, in *Build) {
	if k.Parent == nil {
		k.Parent = in
	}
	post, other := get(k.Node(), "spec", "postBuild"), get(o.Node(), "spec", "postBuild")
	k.otherwise = k.otherwise || !sameNode(post, other) || in != k.Parent && post != nil && bytes.Contains(scalars(post), []byte("$"))
	k.twins = append(k.twins, &Kustomization{Object: o, Parent: in})
}

// all are the Kustomization as each build makes it.
func (k *Kustomization) all() []*Kustomization { return append([]*Kustomization{k}, k.twins...) }

// blind says whether something that is not followed may change it.
func (k *Kustomization) blind() bool { return k.Parent != nil && k.Parent.Blind(k.Object) != "" }

// ID is namespace/name.
func (k *Kustomization) ID() string { return k.Namespace + "/" + k.Name }

// roots finds out what is built.
type roots struct {
	graph   *Graph
	names   []string
	prefix  string
	dirs    []string        // that hold a kustomization
	inner   map[string]bool // of these, those that another one includes
	applied map[string]bool // the folders that Kustomizations apply
	seen    map[string]*Kustomization
	used    map[string]bool // files that a build has read
}

func newRoots(g *Graph, names []string, prefix string) *roots {
	r := &roots{graph: g, names: names, prefix: prefix, inner: map[string]bool{}, applied: map[string]bool{}, seen: map[string]*Kustomization{}, used: map[string]bool{}}
	for _, name := range names {
		if dir := path.Dir(name); kustomize.IsKustomizationName(path.Base(name)) && !slices.Contains(r.dirs[max(0, len(r.dirs)-1):], dir) {
			r.dirs = append(r.dirs, dir)
		}
	}
	return r
}

// build builds all there is: first what no other kustomization includes, and
// from what is found there the folders of Kustomizations, until no new one is
// found. A folder that a Kustomization applies is not built a second time
// without it.
func (r *roots) build() {
	g := r.graph
	r.findInner()
	var plain []*Build
	for _, dir := range r.dirs {
		if !r.inner[dir] && !r.isComponent(dir) {
			plain = append(plain, r.plain(dir))
		}
	}
	plain = append(plain, r.circles()...)
	r.follow(plain)
	for _, k := range g.Kustomizations {
		if k.Build != nil {
			r.applied[k.Path] = true
			r.cover(k.Build)
		}
	}
	for _, b := range plain {
		if !r.applied[b.Dir] && !r.used[b.File] {
			r.cover(b)
			g.Builds = append(g.Builds, b)
		}
	}
	for _, k := range g.Kustomizations {
		if k.Build != nil {
			g.Builds = append(g.Builds, k.Build)
		}
	}
	r.loose()
	for _, b := range g.Builds {
		g.Unknown = append(g.Unknown, b.Unknown...)
	}
	g.Unknown = unique(g.Unknown)
}

func (r *roots) plain(dir string) *Build {
	return &Build{Build: r.graph.builder.Build(dir, nil)}
}

func (r *roots) cover(b *Build) {
	for _, name := range b.Files {
		r.used[name] = true
	}
}

// findInner notes the folders that kustomizations include.
func (r *roots) findInner() {
	for _, dir := range r.dirs {
		for _, other := range r.graph.builder.Includes(dir) {
			if other != dir {
				r.inner[other] = true
			}
		}
	}
}

func (r *roots) isComponent(dir string) bool {
	docs := r.graph.builder.File(r.graph.builder.Kustomization(dir)).Docs
	return len(docs) > 0 && str(docs[0], "kind") == "Component"
}

// circles builds the kustomizations that include each other, and so are
// included by none outside.
func (r *roots) circles() []*Build {
	reached := map[string]bool{}
	var reach func(dir string)
	reach = func(dir string) {
		if reached[dir] {
			return
		}
		reached[dir] = true
		for _, other := range r.graph.builder.Includes(dir) {
			reach(other)
		}
	}
	for _, dir := range r.dirs {
		if !r.inner[dir] {
			reach(dir)
		}
	}
	var all []*Build
	for _, dir := range r.dirs {
		if !reached[dir] {
			reach(dir)
			all = append(all, r.plain(dir))
		}
	}
	return all
}

// follow finds Kustomizations in builds and in manifests of their own, and what
// they apply.
func (r *roots) follow(builds []*Build) {
	for _, b := range builds {
		r.kustomizations(b, b.Objects)
	}
	done := map[string]bool{}
	for _, b := range builds {
		for _, name := range b.Files {
			done[name] = true
		}
	}
	for _, name := range r.names {
		if !done[name] {
			r.kustomizations(nil, r.graph.builder.Objects(name))
		}
	}
	r.refuseOthers()
}

// kustomizations takes up the Kustomizations among objects.
func (r *roots) kustomizations(in *Build, objects []*kustomize.Object) {
	for _, o := range objects {
		if !o.Is(kustomizeGroup, "Kustomization") {
			continue
		}
		k := &Kustomization{Object: o, Interval: str(o.Node(), "spec", "interval"), Parent: in}
		key := o.File + "\x00" + k.ID() + "\x00" + str(o.Node(), "spec", "path")
		if known := r.seen[key]; known != nil {
			known.meet(o, in)
			continue
		}
		r.seen[key] = k
		for _, d := range items(o.Node(), "spec", "dependsOn") {
			namespace := str(d, "namespace")
			if namespace == "" {
				namespace = o.Namespace
			}
			k.DependsOn = append(k.DependsOn, namespace+"/"+str(d, "name"))
		}
		r.graph.Kustomizations = append(r.graph.Kustomizations, k)
		r.apply(k)
	}
}

// apply builds what a Kustomization applies, and takes up those in there.
func (r *roots) apply(k *Kustomization) {
	node := get(k.Node(), "spec")
	dir, ok := r.folder(str(node, "path"))
	if !ok {
		r.graph.Unknown = append(r.graph.Unknown, kustomize.Unknown{File: k.File, Line: k.Line, Message: "Kustomization " + k.Name + " applies " + str(node, "path") + ", which is not in this tree"})
		return
	}
	k.Path = dir
	s := &kustomize.Settings{Namespace: str(node, "targetNamespace"), NamePrefix: str(node, "namePrefix"), NameSuffix: str(node, "nameSuffix"), Node: node, File: k.File}
	for _, c := range items(node, "components") {
		s.Components = append(s.Components, c.Value)
	}
	k.Build = &Build{Build: r.graph.builder.Build(dir, s), Kustomization: k}
	r.kustomizations(k.Build, k.Build.Objects)
}

// folder is the path of a Kustomization, from the root of the tree.
func (r *roots) folder(name string) (string, bool) {
	dir := path.Clean(strings.TrimPrefix(path.Join("/", name), "/"))
	if r.prefix != "." {
		rest, ok := strings.CutPrefix(dir+"/", r.prefix+"/")
		if !ok {
			return "", false
		}
		dir = path.Join(".", rest)
	}
	_, ok := r.graph.builder.Folder(dir)
	return r.graph.builder.Real(dir), ok
}

// loose gathers the manifests that belong to no kustomization.
func (r *roots) loose() {
	b := &Build{Build: &kustomize.Build{Dir: "."}, Loose: true}
	for _, name := range r.names {
		if !r.used[name] && !kustomize.IsKustomizationName(path.Base(name)) {
			b.Objects = append(b.Objects, r.graph.builder.Objects(name)...)
		}
	}
	if len(b.Objects) > 0 {
		r.graph.Builds = append(r.graph.Builds, b)
	}
}

// unique sorts, and drops what stands twice: a base is built for each of its
// overlays.
func unique(all []kustomize.Unknown) []kustomize.Unknown {
	slices.SortFunc(all, func(a, b kustomize.Unknown) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Message, b.Message)
	})
	return slices.Compact(all)
}
