package kustomize

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"
)

// SecretInputs says of a file whether the secretGenerator of one of the
// kustomizations reads it; so does it of a file whose name stands in one that
// cannot be read. A kustomization of the tree that does not name a
// secretGenerator costs no more than its bytes.
func (l *Loader) SecretInputs(kustomizations []string) func(file string) bool {
	inputs := map[string]bool{}
	var unread [][]byte
	for _, name := range kustomizations {
		text, err := l.Text(name)
		if err != nil || !generates().Match(text) {
			continue
		}
		if !l.addInputs(name, inputs) {
			unread = append(unread, text)
		}
	}
	return func(file string) bool {
		if inputs[l.RealFolder(file)] || inputs[l.Real(file)] {
			return true
		}
		for _, text := range unread {
			if bytes.Contains(text, []byte(path.Base(file))) {
				return true
			}
		}
		return false
	}
}

// generates is a kustomization that may generate Secrets: with a field for that,
// whose name kustomize takes in any case, or by plugins.
var generates = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)secretGenerator|generators\b`)
})

// addInputs adds those of a kustomization; false when it cannot be read.
func (l *Loader) addInputs(name string, inputs map[string]bool) bool {
	b := NewBuilder(l)
	k := b.readKustomization(&layer{}, name)
	if k == nil || l.Whole(name).Err != nil {
		return false
	}
	for i := range k.generators {
		if g := &k.generators[i]; g.kind == "Secret" {
			l.addFiles(k, g, inputs)
		}
	}
	for _, n := range list(k.node, "generators") {
		if file, problem := k.path(n.Value); problem == "" {
			l.addPlugins(k, file, inputs)
		}
	}
	return true
}

// addPlugins adds the inputs of the generators in a file of the builtin kind.
// Source: sigs.k8s.io/kustomize/api/builtins SecretGeneratorPlugin.
func (l *Loader) addPlugins(k *kustomization, file string, inputs map[string]bool) {
	for _, doc := range l.Whole(file).Docs {
		if text(doc, "kind") == "SecretGenerator" {
			l.addFiles(k, &generator{files: list(doc, "files"), envs: append(list(doc, "envs"), list(doc, "env")...)}, inputs)
		}
	}
}

func (l *Loader) addFiles(k *kustomization, g *generator, inputs map[string]bool) {
	for _, n := range g.files {
		_, source, ok := strings.Cut(n.Value, "=")
		if !ok {
			source = n.Value
		}
		l.addInput(k, source, inputs)
	}
	for _, n := range g.envs {
		l.addInput(k, n.Value, inputs)
	}
}

// addInput adds a file, and what it leads to when it is a link.
func (l *Loader) addInput(k *kustomization, source string, inputs map[string]bool) {
	name, problem := k.path(source)
	if problem != "" {
		return
	}
	inputs[l.RealFolder(name)] = true
	inputs[l.Real(name)] = true
}
