// Package kustomize builds what kustomize would build, from the files of a tree
// alone, and keeps where everything comes from: for each object, value and
// reference the file and line.
//
// It follows resources, bases, components, generators, namespaces, name
// prefixes and suffixes, labels, annotations, patches of all kinds, hashes of
// generated names and name references. What it does not follow (remote bases,
// replacements, plugins, charts) is an Unknown that says so, never an error.
//
// The rules are those of sigs.k8s.io/kustomize/api v0.21, as Flux's
// kustomize-controller 1.9 calls it; a test in testdata/kustomize holds both
// equal. The package is pure: it reads an fs.FS.
package kustomize

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Unknown is something that cannot be followed.
type Unknown struct {
	File    string
	Line    int
	Message string
}

// Builder builds the kustomizations of a tree. It is not safe for concurrent
// use.
type Builder struct {
	*Loader
	built   map[string]*layer
	read    map[string]*reading
	open    map[string]bool
	origins map[*yaml.Node]string
	tooBig  map[*yaml.Node]bool // nodes that cannot be copied
	copied  int                 // nodes in large copies
	steps   int                 // work that components did in this build
	work    work                // of all builds
	limits  limits
}

// NewBuilder returns a builder that reads through a loader.
func NewBuilder(l *Loader) *Builder {
	return &Builder{Loader: l, built: map[string]*layer{}, read: map[string]*reading{}, open: map[string]bool{}, origins: map[*yaml.Node]string{}, tooBig: map[*yaml.Node]bool{}, limits: usual}
}

// FileOf returns the file in which a node of an object stands.
func (b *Builder) FileOf(o *Object, n *yaml.Node) string {
	if file, ok := b.origins[n]; ok {
		return file
	}
	return o.File
}

// Settings are what Flux's kustomize-controller adds to a kustomization.
// Source: github.com/fluxcd/pkg/kustomize Generator.
type Settings struct {
	Namespace, NamePrefix, NameSuffix string
	Components                        []string
	// Node is the spec that holds patches and commonMetadata, File the file in
	// which it stands.
	Node *yaml.Node
	File string
}

// Build is what a kustomization gives.
type Build struct {
	// Dir is the folder that was built, File its kustomization; "" when there is
	// none and all manifests below were taken.
	Dir, File string
	Objects   []*Object
	Unknown   []Unknown
	// References are the nameReferences of HelmReleases in configurations.
	References []NameReference
	// Files are all that were read for it: kustomizations and manifests.
	Files []string

	custom []NameReference      // all nameReferences of configurations
	sorted []*NameReference     // the same, see sortedReferences
	all    []*Object            // with those that kustomize drops in the end
	names  map[string][]*Object // by a name that they had, made when needed
	now    map[string][]*Object // by the name that they have
}

// Build builds the kustomization in a folder, or as Flux does all manifests
// below it. Settings may be nil.
func (b *Builder) Build(dir string, s *Settings) *Build {
	b.steps = 0
	if l := new(layer); !b.mayTake(l, dir, 0) || !b.mayLook(l, dir, 1) {
		return &Build{Dir: dir, File: b.Kustomization(dir), Unknown: l.unknown}
	}
	l := b.folder(dir, s)
	out := &Build{Dir: dir, File: b.Kustomization(dir), References: l.references, Files: l.files}
	top := &layer{full: l.full}
	if b.mayTake(top, cmp.Or(out.File, dir), len(l.objects)) {
		out.Objects = make([]*Object, len(l.objects))
		for i, o := range l.objects {
			out.Objects[i] = o.copied()
		}
	}
	out.Unknown = slices.Concat(l.unknown, top.unknown)
	b.outermost(out)
	b.finish(out, s)
	return out
}

// outermost notes what counts in the kustomization that is built alone.
func (b *Builder) outermost(out *Build) {
	if out.File == "" {
		return
	}
	if k := b.kustomization(&layer{}, out.File); k != nil {
		if v := get(k.node, "buildMetadata"); v != nil && len(v.Content) > 0 {
			out.Unknown = append(out.Unknown, Unknown{k.file, v.Line, metadataNotFollowed})
		}
	}
}

// folder builds a folder, once for each use without settings.
func (b *Builder) folder(dir string, s *Settings) *layer {
	if l := b.built[dir]; l != nil && s == nil {
		return l
	}
	file := b.Kustomization(dir)
	if file == "" {
		return b.generated(dir, s)
	}
	l := &layer{}
	b.open[dir] = true
	if k := b.kustomization(l, file); k != nil {
		k.apply(s)
		b.accumulate(l, k)
	}
	delete(b.open, dir)
	if s == nil {
		b.built[dir] = l
	}
	return l
}

// generated is a folder without a kustomization: Flux takes all manifests in it,
// and all below it that belong to no kustomization of their own.
func (b *Builder) generated(dir string, s *Settings) *layer {
	l := &layer{}
	k := &kustomization{dir: dir, implied: true}
	b.scan(dir, func(name string) { k.resources = append(k.resources, named{path: name}) })
	k.apply(s)
	if b.mayLook(l, dir, len(k.resources)) {
		b.accumulate(l, k)
	}
	return l
}

// scan calls do for the manifests of a folder and for the folders below that
// hold a kustomization.
func (b *Builder) scan(dir string, do func(name string)) {
	entries, _ := b.Folder(dir)
	b.work.looks += len(entries)
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir() && b.Kustomization(name) != "":
			do(name)
		case e.IsDir():
			b.scan(name, do)
		case strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml"):
			do(name)
		}
	}
}

// accumulate does what kustomize does, in its order.
// Source: sigs.k8s.io/kustomize/api/internal/target KustTarget.accumulateTarget.
func (b *Builder) accumulate(l *layer, k *kustomization) {
	for _, r := range k.resources {
		b.resource(l, k, r)
	}
	b.configurations(l, k)
	for i := range k.generators {
		b.generate(l, k, &k.generators[i])
	}
	for _, c := range k.components {
		b.component(l, k, c)
	}
	b.transform(l, k)
}

// resource adds a file or folder that a kustomization names.
func (b *Builder) resource(l *layer, k *kustomization, r named) {
	if k.implied {
		r = named{path: relative(k.dir, r.path), line: r.line}
	}
	name, problem := k.path(r.path)
	if problem == "" {
		name = b.RealFolder(name)
	}
	switch {
	case problem != "":
		l.not(k.file, r.line, problem)
	case b.open[name]:
		l.not(k.file, r.line, "the kustomizations go in a circle: "+r.path)
	default:
		b.resourceAt(l, k, r, name)
	}
}

func (b *Builder) resourceAt(l *layer, k *kustomization, r named, name string) {
	if _, ok := b.Folder(name); ok {
		b.base(l, k, r, name)
		return
	}
	f := b.File(name)
	if f.Err != nil {
		l.not(k.file, r.line, r.path+" "+said(f))
	}
	l.add(name)
	before := len(l.objects)
	for _, n := range f.Docs {
		b.manifest(l, k, name, n)
	}
	b.mayTake(l, k.file, max(0, len(l.objects)-before))
}

// base adds what the kustomization in a folder builds.
func (b *Builder) base(l *layer, k *kustomization, r named, name string) {
	switch file := b.Kustomization(name); {
	case file == "":
		l.not(k.file, r.line, r.path+" is a folder without a kustomization.yaml")
	case b.isComponent(file):
		l.not(k.file, r.line, r.path+" is a component, which kustomize refuses under resources")
	default:
		b.take(l, b.folder(name, nil), k.file)
	}
}

func (b *Builder) isComponent(file string) bool {
	k := b.kustomization(&layer{}, file)
	return k != nil && text(k.node, "kind") == "Component"
}

// said is why a file cannot be read.
func said(f *File) string {
	if f.Line == 0 {
		return f.Err.Error()
	}
	return "cannot be read: " + f.Err.Error()
}

// manifest adds the objects of a document.
func (b *Builder) manifest(l *layer, k *kustomization, file string, n *yaml.Node) {
	whole := b.expanded(n, file)
	if whole == nil {
		l.not(file, n.Line, "its aliases expand to more than can be followed")
		return
	}
	b.expandedManifest(l, k, file, whole, 0)
}

func (b *Builder) expandedManifest(l *layer, k *kustomization, file string, n *yaml.Node, depth int) {
	if items := get(n, "items"); items != nil && strings.HasSuffix(text(n, "kind"), "List") {
		for _, item := range items.Content {
			if items.Kind == yaml.SequenceNode && depth < maxDepth {
				b.expandedManifest(l, k, file, item, depth+1)
			}
		}
		return
	}
	o := newObject(file, n)
	if o == nil {
		return
	}
	if k.file != "" {
		o.Way = k.way()
	}
	l.put(o)
}

// expanded is a node with copies for its aliases and merge keys, as kustomize
// reads everything; nil when that is too large.
func (b *Builder) expanded(n *yaml.Node, file string) *yaml.Node {
	if !hasAliases(n) {
		return n
	}
	return b.cloned(n, file)
}

// hasAliases says whether there is an alias or a merge key below a node.
func hasAliases(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || n.Tag == "!!merge" || slices.ContainsFunc(n.Content, hasAliases)
}

// Objects returns the objects of a file that belongs to no kustomization.
func (b *Builder) Objects(file string) []*Object {
	l := &layer{}
	for _, n := range b.File(file).Docs {
		b.manifest(l, &kustomization{}, file, n)
	}
	return l.objects
}

// component lets a component work on what has been gathered.
func (b *Builder) component(l *layer, k *kustomization, c named) {
	name, problem := k.path(c.path)
	if problem == "" {
		name = b.RealFolder(name)
	}
	if problem == "" && b.open[name] {
		problem = "the kustomizations go in a circle: " + c.path
	}
	file := b.Kustomization(name)
	switch {
	case problem != "":
	case file == "":
		problem = c.path + " is no folder with a kustomization.yaml"
	case !b.isComponent(file):
		problem = c.path + " is no component, and kustomize refuses it"
	}
	if problem != "" {
		l.not(k.file, c.line, problem)
		return
	}
	b.open[name] = true
	defer delete(b.open, name)
	if !b.mayLook(l, k.file, componentLooks+len(l.objects)) {
		return
	}
	if b.steps += 1 + len(l.objects)/100; b.steps > b.limits.steps {
		l.leaveOut(k.file, fmt.Sprintf("is left out: components are used more than %d times in one build", b.limits.steps))
		return
	}
	if inner := b.kustomization(l, file); inner != nil {
		b.accumulate(l, inner)
		inner.blinds(l)
	}
}

// blinds notes that a component may change what was gathered before it, in a
// way that is not followed. (That an object came through a component is on its
// way only if the component holds it.)
func (k *kustomization) blinds(l *layer) {
	for _, u := range blind {
		if v := get(k.node, u.key); v != nil && len(v.Content) > 0 {
			for _, o := range l.objects {
				o.because(at(k.file, v.Line) + ": " + u.what)
			}
		}
	}
}

// Includes are the folders that the kustomization in a folder names under
// resources, bases and components.
func (b *Builder) Includes(dir string) []string {
	file := b.Kustomization(dir)
	if file == "" {
		return nil
	}
	k := b.kustomization(&layer{}, file)
	if k == nil {
		return nil
	}
	var all []string
	for _, n := range append(k.resources, k.components...) {
		name, problem := k.path(n.path)
		if problem != "" {
			continue
		}
		if name = b.RealFolder(name); b.Kustomization(name) != "" {
			all = append(all, name)
		}
	}
	return all
}

// Blind says why an object may differ from what kustomize builds, "" when
// nothing that is not followed is on its way.
func (b *Build) Blind(o *Object) string {
	if len(o.Not) > 0 {
		return o.Not[0]
	}
	for _, u := range b.Unknown {
		if everywhere, ok := blinding[u.Message]; ok && (everywhere || slices.Contains(o.Way, u.File)) {
			return at(u.File, u.Line) + ": " + u.Message
		}
	}
	return ""
}
