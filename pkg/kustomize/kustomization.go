package kustomize

import (
	"path"
	"strings"

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
	marks                 []mark
	strategic, operations []patch // patchesStrategicMerge, patchesJson6902
	patches               []patch
}

// named is an entry that names a file or folder.
type named struct {
	path string
	line int
}

// kustomization reads the file of a kustomization; nil when it cannot be
// read.
func (b *Builder) kustomization(l *layer, file string) *kustomization {
	f := b.File(file)
	l.files = append(l.files, file)
	if f.Err != nil {
		l.not(file, f.Line, said(f))
	}
	if len(f.Docs) == 0 {
		return nil
	}
	n := f.Docs[0]
	k := &kustomization{dir: path.Dir(file), file: file, node: n}
	k.resources = append(k.names("resources"), k.names("bases")...)
	k.components, k.configurations = k.names("components"), k.names("configurations")
	if v := get(n, "namespace"); v != nil {
		k.namespace = Place{v.Value, file, v.Line}
	}
	k.prefix, k.suffix = text(n, "namePrefix"), text(n, "nameSuffix")
	k.readGenerators()
	k.readMarks()
	k.readPatches()
	k.notFollowed(l)
	return k
}

func (k *kustomization) names(key string) []named {
	var all []named
	for _, n := range list(k.node, key) {
		all = append(all, named{n.Value, n.Line})
	}
	return all
}

// readMarks reads labels and annotations for all objects.
func (k *kustomization) readMarks() {
	add := func(n *yaml.Node, label bool) {
		pairs(n, func(key, value *yaml.Node) {
			k.marks = append(k.marks, mark{label, key.Value, value.Value, k.file, value.Line})
		})
	}
	add(get(k.node, "commonLabels"), true)
	for _, l := range list(k.node, "labels") {
		add(get(l, "pairs"), true)
	}
	add(get(k.node, "commonAnnotations"), false)
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
}

func (k *kustomization) notFollowed(l *layer) {
	for _, b := range blind {
		if v := get(k.node, b.key); v != nil && len(v.Content) > 0 {
			l.not(k.file, v.Line, b.what)
		}
	}
}

// apply takes over what kustomize-controller writes into a kustomization.
func (k *kustomization) apply(s *Settings) {
	if s == nil {
		return
	}
	if s.Namespace != "" {
		k.namespace = Place{Value: s.Namespace}
	}
	if s.NamePrefix != "" {
		k.prefix = s.NamePrefix
	}
	if s.NameSuffix != "" {
		k.suffix = s.NameSuffix
	}
	for _, c := range s.Components {
		k.components = append(k.components, named{path: c})
	}
	k.patches = append(k.patches, patchesOf(s.Node, "patches", s.File)...)
	k.strategic = append(k.strategic, patchesOf(s.Node, "patchesStrategicMerge", s.File)...)
	k.operations = append(k.operations, patchesOf(s.Node, "patchesJson6902", s.File)...)
}

// path is a path of the kustomization, from the root of the tree; problem says
// why it cannot be followed.
func (k *kustomization) path(name string) (clean, problem string) {
	switch {
	case name == "":
		return "", "an empty path"
	case isRemote(name):
		return "", name + " is remote, and was not read"
	case path.IsAbs(name):
		return "", name + " is an absolute path"
	}
	clean = path.Join(k.dir, name)
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", name + " is outside of the root, and was not read"
	}
	return clean, ""
}

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
