package kustomize

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// SecretInputs says of a file whether one of the kustomizations makes a Secret
// of it, by its secretGenerator or by a plugin; so does it of a file whose name
// stands in what cannot be read. A kustomization of the tree that does not name a
// generator costs no more than its bytes.
func (l *Loader) SecretInputs(kustomizations []string) func(file string) bool {
	s := &secretInputs{Builder: NewBuilder(l), names: map[string]bool{}}
	for _, name := range kustomizations {
		text, err := l.Text(name)
		if err == nil && generates().Match(text) && !s.addAll(name) {
			s.unread = append(s.unread, text)
		}
	}
	return s.has
}

// generates is a kustomization that may generate Secrets: with a field for that,
// whose name kustomize takes in any case, or by plugins.
var generates = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)secretGenerator|generators\b`)
})

// secretInputs are files that kustomizations make Secrets of.
type secretInputs struct {
	*Builder
	names  map[string]bool
	unread [][]byte // what may name more
}

func (s *secretInputs) has(file string) bool {
	if s.names[s.RealFolder(file)] || s.names[s.Real(file)] {
		return true
	}
	for _, text := range s.unread {
		if bytes.Contains(text, []byte(path.Base(file))) {
			return true
		}
	}
	return false
}

// addAll adds those of a kustomization; false when it cannot be read.
func (s *secretInputs) addAll(name string) bool {
	k := s.readKustomization(&layer{}, name)
	if k == nil || s.Whole(name).Err != nil {
		return false
	}
	for i := range k.generators {
		if g := &k.generators[i]; g.kind == "Secret" {
			s.addFiles(k, g.files)
			s.addNames(k, g.envs)
		}
	}
	s.addPlugins(k)
	return true
}

// addPlugins adds what the plugins of a kustomization read. Their configs are
// texts, files, or what is built in a folder; their paths are from the
// kustomization that runs them.
// Source: sigs.k8s.io/kustomize/api/internal/target configureExternalGenerators.
func (s *secretInputs) addPlugins(k *kustomization) {
	l, configs := &layer{}, *k
	configs.resources = nil
	for _, n := range list(k.node, "generators") {
		if docs, ok := inline(n); ok {
			s.addConfigs(k, docs)
		} else {
			configs.resources = append(configs.resources, named{path: n.Value, line: n.Line})
		}
	}
	for _, r := range configs.resources {
		s.resource(l, &configs, r)
	}
	for _, o := range l.objects {
		s.addConfigs(k, []*yaml.Node{o.node})
	}
	if len(l.unknown) > 0 {
		s.distrust(l.files)
	}
}

// inline are the documents of an entry that is no path; ok is false when it is
// one.
func inline(n *yaml.Node) (docs []*yaml.Node, ok bool) {
	docs, err := yamledit.Nodes([]byte(n.Value), nil)
	return docs, err == nil && len(docs) > 0 && docs[0].Kind == yaml.MappingNode
}

// distrust notes files that name inputs which could not be followed.
func (s *secretInputs) distrust(files []string) {
	for _, name := range files {
		if text, err := s.Text(name); err == nil {
			s.unread = append(s.unread, text)
		}
	}
}

// addConfigs adds what plugins read that have to do with Secrets: kustomize's
// own, KSOPS and its like.
// Source: sigs.k8s.io/kustomize/api/builtins SecretGeneratorPlugin;
// github.com/viaduct-ai/kustomize-sops.
func (s *secretInputs) addConfigs(k *kustomization, configs []*yaml.Node) {
	for _, n := range configs {
		if !ofSecrets().MatchString(text(n, "kind")) {
			continue
		}
		for _, from := range append(list(n, "secretFrom"), n) {
			s.addFiles(k, append(list(from, "files"), list(from, "binaryFiles")...))
			s.addNames(k, append(list(from, "envs"), list(from, "env")...))
		}
	}
}

var ofSecrets = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)secret|sops`) })

// addFiles adds files, which may have a key before them.
func (s *secretInputs) addFiles(k *kustomization, files []*yaml.Node) {
	for _, n := range files {
		_, source, ok := strings.Cut(n.Value, "=")
		if !ok {
			source = n.Value
		}
		s.add(k, source)
	}
}

func (s *secretInputs) addNames(k *kustomization, names []*yaml.Node) {
	for _, n := range names {
		s.add(k, n.Value)
	}
}

// add adds a file, and what it leads to when it is a link.
func (s *secretInputs) add(k *kustomization, source string) {
	name, problem := k.path(source)
	if problem != "" {
		return
	}
	s.names[s.RealFolder(name)] = true
	s.names[s.Real(name)] = true
}
