package kustomize

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// kustomization is the file of that name, as far as it is followed.
// Source: sigs.k8s.io/kustomize/api/types.Kustomization.
type kustomization struct {
	dir, file string
	implied   bool // there is no such file
	node      *yaml.Node

	resources, components []named
	configurations        []named
	namespace             Place
	prefix, suffix        string
	generators            []generator
	labels                []marking
	annotations           marking
	strategic, operations []patch // patchesStrategicMerge, patchesJson6902
	patches               []patch

	settings *Settings // nil where kustomize-controller adds nothing

	ways []string
}

// named is an entry that names a file or folder.
type named struct {
	path string
	line int
}

// reading is what came of reading a kustomization.
type reading struct {
	k       *kustomization // nil when it cannot be read
	unknown []Unknown
}

// kustomization reads the file of a kustomization; nil when it cannot be
// read.
func (b *Builder) kustomization(l *layer, file string) *kustomization {
	l.add(file)
	r := b.read[file]
	if r == nil {
		noted := &layer{}
		r = &reading{k: b.readKustomization(noted, file)}
		r.unknown = noted.unknown
		b.read[file] = r
	}
	for _, u := range r.unknown {
		l.not(u.File, u.Line, u.Message)
	}
	if r.k == nil {
		return nil
	}
	k := *r.k
	return &k
}

func (b *Builder) readKustomization(l *layer, file string) *kustomization {
	f := b.File(file)
	if f.Err != nil {
		l.not(file, f.Line, said(f))
	}
	if b.twoKustomizations(path.Dir(file)) {
		l.not(file, 0, "the folder holds two kustomizations, which kustomize refuses")
	}
	if len(f.Docs) == 0 {
		l.not(file, 0, "is empty, which kustomize refuses")
		return nil
	}
	n := b.known(l, file, f.Docs[0])
	if n == nil {
		return nil
	}
	k := &kustomization{dir: path.Dir(file), file: file, node: n, ways: []string{file}}
	k.resources = append(k.names("resources"), k.names("bases")...)
	k.components, k.configurations = k.names("components"), k.names("configurations")
	if v := get(n, "namespace"); v != nil {
		k.namespace = Place{scalar(v), file, v.Line}
	}
	k.prefix, k.suffix = text(n, "namePrefix"), text(n, "nameSuffix")
	k.readGenerators()
	k.readMarks()
	k.readPatches()
	k.notFollowed(l)
	return k
}

// twoKustomizations says whether a folder holds files of two of the names.
func (b *Builder) twoKustomizations(dir string) bool {
	entries, _ := b.Folder(dir)
	count := 0
	for _, e := range entries {
		if !e.IsDir() && IsKustomizationName(e.Name()) {
			count++
		}
	}
	return count > 1
}

// known is the document of a kustomization as kustomize reads it: without
// aliases, of keys that stand twice the last, and with the names of fields in
// any case. Fields that it refuses are told.
// Source: sigs.k8s.io/kustomize/api/types Kustomization.Unmarshal.
func (b *Builder) known(l *layer, file string, n *yaml.Node) *yaml.Node {
	line := n.Line
	if n = b.expanded(n, file); n == nil {
		l.not(file, line, "its aliases expand to more than can be followed")
		return nil
	}
	if n.Kind != yaml.MappingNode {
		l.not(file, n.Line, "is no kustomization: not a map")
		return nil
	}
	return knownFields(l, file, "", n)
}

func knownFields(l *layer, file, level string, n *yaml.Node) *yaml.Node {
	if n = resolve(n); n.Kind == yaml.SequenceNode {
		made := shallow(n)
		for i, item := range n.Content {
			made.Content[i] = knownFields(l, file, level, item)
		}
		return made
	}
	if n.Kind != yaml.MappingNode {
		return n
	}
	made := *n
	made.Content = nil
	fields := strings.Fields(schema[level])
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := *n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(fields, func(f string) bool { return strings.EqualFold(f, key.Value) })
		if at < 0 {
			l.not(file, key.Line, "kustomize refuses the field "+key.Value)
			continue
		}
		key.Value = fields[at]
		if below := strings.TrimSpace(level + " " + key.Value); schema[below] != "" {
			value = knownFields(l, file, below, value)
		}
		if j := keyIndex(&made, key.Value); j >= 0 {
			if casesOf(n, key.Value) > 1 {
				l.not(file, key.Line, "the field "+key.Value+" stands twice, in two spellings: which of them counts is not followed")
			}
			made.Content[j+1] = value
		} else {
			made.Content = append(made.Content, &key, value)
		}
	}
	return &made
}

// casesOf is in how many spellings a key stands in a map.
func casesOf(n *yaml.Node, name string) int {
	seen := map[string]bool{}
	pairs(n, func(key, _ *yaml.Node) {
		if strings.EqualFold(key.Value, name) {
			seen[key.Value] = true
		}
	})
	return len(seen)
}

func (k *kustomization) names(key string) []named {
	var all []named
	for _, n := range list(k.node, key) {
		all = append(all, named{n.Value, n.Line})
	}
	return all
}

// way is that of objects which the kustomization itself names. They share it.
func (k *kustomization) way() []string { return k.ways }

// readMarks reads labels and annotations for all objects.
func (k *kustomization) readMarks() {
	for _, n := range list(k.node, "labels") {
		m := marking{under: "labels", marks: k.marks(get(n, "pairs"), true), own: ownSpecs(n)}
		switch {
		case truth(n, "includeSelectors"):
			m.specs = slices.Concat(selectorLabels, templateLabels, claimLabels)
		case truth(n, "includeTemplates") && truth(n, "includeVolumeClaimTemplates"):
			m.specs = slices.Concat(templateLabels, claimLabels)
		case truth(n, "includeTemplates"):
			m.specs = templateLabels
		case truth(n, "includeVolumeClaimTemplates"):
			m.specs = claimLabels
		}
		k.labels = append(k.labels, m)
	}
	if common := k.marks(get(k.node, "commonLabels"), true); len(common) > 0 {
		k.labels = append(k.labels, marking{under: "labels", marks: common, specs: slices.Concat(selectorLabels, templateLabels, claimLabels)})
	}
	k.annotations = marking{under: "annotations", marks: k.marks(get(k.node, "commonAnnotations"), false), specs: templateAnnotations}
}

// ownSpecs are the fields that an entry of labels names itself.
func ownSpecs(n *yaml.Node) []fieldSpec {
	var all []fieldSpec
	for _, f := range list(n, "fields") {
		all = append(all, fieldSpec{text(f, "group"), text(f, "version"), text(f, "kind"), text(f, "path"), truth(f, "create")})
	}
	return all
}

func (k *kustomization) marks(n *yaml.Node, label bool) []mark {
	var all []mark
	pairs(n, func(key, value *yaml.Node) {
		m := mark{label, key.Value, scalar(value), k.file, value.Line}
		if i := slices.IndexFunc(all, func(other mark) bool { return other.key == m.key }); i >= 0 {
			all[i] = m
			return
		}
		all = append(all, m)
	})
	return all
}

// metadataMarkings are the labels and annotations that stand below a node, for
// the metadata alone.
func metadataMarkings(n *yaml.Node, file string) []marking {
	k := &kustomization{file: file}
	return []marking{
		{under: "labels", marks: k.marks(get(n, "labels"), true)},
		{under: "annotations", marks: k.marks(get(n, "annotations"), false)},
	}
}

// blind are the keys of a kustomization that may change what is built, in a way
// that is not followed.
var blind = []struct{ key, what string }{
	{"replacements", "replacements are not followed"},
	{"vars", "vars are not followed"},
	{"helmCharts", "charts are not rendered"},
	{"helmChartInflationGenerator", "charts are not rendered"},
	{"generators", "generator plugins are not run"},
	{"transformers", "transformer plugins are not run"},
	{"validators", "validator plugins are not run"},
	{"crds", "the references that crds add are not followed"},
	{"openapi", "an openapi schema is not followed"},
}

const (
	configurationNotFollowed = "of a configuration, only nameReference is followed"
	metadataNotFollowed      = "what buildMetadata adds is not followed"
)

// blinding are the messages of what may change objects in a way that is not
// followed: those that the kustomization builds or, where it is true, any of the
// whole build.
var blinding = func() map[string]bool {
	all := map[string]bool{configurationNotFollowed: true, metadataNotFollowed: true}
	for _, b := range blind {
		all[b.what] = b.key == "vars" || b.key == "crds" || b.key == "openapi"
	}
	return all
}()

func (k *kustomization) notFollowed(l *layer) {
	for _, b := range blind {
		if v := get(k.node, b.key); v != nil && len(v.Content) > 0 {
			l.not(k.file, v.Line, b.what)
		}
	}
}

// apply takes over what kustomize-controller writes into a kustomization.
func (k *kustomization) apply(s *Settings) {
	if k.settings = s; s == nil {
		return
	}
	if s.Namespace != "" {
		k.namespace = Place{Value: s.Namespace, File: s.File}
		if s.Node != nil {
			k.namespace.Line = s.Node.Line
		}
	}
	if s.NamePrefix != "" {
		k.prefix = s.NamePrefix
	}
	if s.NameSuffix != "" {
		k.suffix = s.NameSuffix
	}
	k.components = slices.Clip(k.components)
	for _, c := range s.Components {
		k.components = append(k.components, named{path: c})
	}
	k.patches = slices.Concat(k.patches, patchesOf(s.Node, "patches", s.File))
	k.strategic = slices.Concat(k.strategic, patchesOf(s.Node, "patchesStrategicMerge", s.File))
	k.operations = slices.Concat(k.operations, patchesOf(s.Node, "patchesJson6902", s.File))
}

// path is a path of the kustomization, from the root of the tree; problem says
// why it cannot be followed.
func (k *kustomization) path(name string) (clean, problem string) {
	switch {
	case name == "":
		return "", "an empty path"
	case isRemote(name):
		return "", userinfo().ReplaceAllString(name, "://") + " is remote, and was not read"
	case path.IsAbs(name):
		return "", name + " is an absolute path"
	}
	clean = path.Join(k.dir, name)
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", name + " is outside of the root, and was not read"
	}
	return clean, ""
}

// userinfo is what a URL says of who asks: it may hold a token.
var userinfo = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`://[^/@]*@`)
})

// isRemote says whether kustomize would fetch a resource.
// Source: sigs.k8s.io/kustomize/api/internal/git NewRepoSpecFromURL.
func isRemote(name string) bool {
	for _, sign := range []string{"://", "?ref=", "git@", "git::", ".git//"} {
		if strings.Contains(name, sign) {
			return true
		}
	}
	for _, host := range []string{"github.com/", "gitlab.com/", "bitbucket.org/", "gh:"} {
		if strings.HasPrefix(name, host) {
			return true
		}
	}
	return false
}

// relative is a path below dir, from there.
func relative(dir, name string) string {
	if dir == "." {
		return name
	}
	return strings.TrimPrefix(name, dir+"/")
}
