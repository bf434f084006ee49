package kustomize

import (
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// generator is an entry of configMapGenerator or secretGenerator.
// Source: sigs.k8s.io/kustomize/api/types.GeneratorArgs.
type generator struct {
	kind, name, namespace, behavior, secretType string
	hash                                        bool
	line                                        int
	files, envs, literals                       []*yaml.Node
	marks                                       []mark
}

func (k *kustomization) readGenerators() {
	common := get(k.node, "generatorOptions")
	for _, of := range []struct{ key, kind string }{{"configMapGenerator", "ConfigMap"}, {"secretGenerator", "Secret"}} {
		for _, n := range list(k.node, of.key) {
			g := generator{kind: of.kind, name: text(n, "name"), namespace: text(n, "namespace"), behavior: text(n, "behavior"), secretType: text(n, "type"), line: n.Line}
			g.files, g.literals = list(n, "files"), list(n, "literals")
			g.envs = append(list(n, "envs"), list(n, "env")...)
			g.hash = !truth(common, "disableNameSuffixHash") && !truth(n, "options", "disableNameSuffixHash")
			g.marks = append(k.optionMarks(common), k.optionMarks(get(n, "options"))...)
			k.generators = append(k.generators, g)
		}
	}
}

// optionMarks are the labels and annotations of generator options.
func (k *kustomization) optionMarks(options *yaml.Node) []mark {
	var all []mark
	for _, under := range []string{"labels", "annotations"} {
		pairs(get(options, under), func(key, value *yaml.Node) {
			all = append(all, mark{under == "labels", key.Value, value.Value, k.file, value.Line})
		})
	}
	return all
}

// generate adds the object of a generator, or merges it into the one that is
// there.
// Source: sigs.k8s.io/kustomize/api/resmap resWrangler.appendReplaceOrMerge.
func (b *Builder) generate(l *layer, k *kustomization, g *generator) {
	o := &Object{File: k.file, Line: g.line, APIVersion: "v1", Kind: g.kind, Name: g.name, Namespace: g.namespace,
		Generated: true, Hash: g.hash, Way: []string{k.file}, node: g.node()}
	if g.kind == "Secret" {
		o.kind = g.secretType
		if o.kind == "" {
			o.kind = "Opaque"
		}
	}
	b.fill(l, k, g, o)
	old := l.find(o.id())
	switch {
	case g.behavior != "merge" && g.behavior != "replace":
		if old != nil {
			l.not(k.file, g.line, fmt.Sprintf("%s %s is generated twice: %s:%d makes one too", o.Kind, o.Name, old.File, old.Line))
			return
		}
		l.objects = append(l.objects, o)
	case old == nil:
		l.not(k.file, g.line, fmt.Sprintf("there is no %s %s to %s with", o.Kind, o.Name, g.behavior))
	default:
		old.absorb(o, g.behavior == "merge")
	}
}

// node is the object that a generator makes, without its data.
func (g *generator) node() *yaml.Node {
	meta := g.branch("name", g.leaf(g.name, g.line))
	if g.namespace != "" {
		meta.Content = append(meta.Content, g.leaf("namespace", g.line), g.leaf(g.namespace, g.line))
	}
	for _, under := range []string{"labels", "annotations"} {
		m := g.branch("", nil)
		for _, mark := range g.marks {
			if mark.label == (under == "labels") {
				m.Content = append(m.Content, g.leaf(mark.key, mark.line), g.leaf(mark.value, mark.line))
			}
		}
		if len(m.Content) > 0 {
			meta.Content = append(meta.Content, g.leaf(under, g.line), m)
		}
	}
	n := g.branch("apiVersion", g.leaf("v1", g.line))
	n.Content = append(n.Content, g.leaf("kind", g.line), g.leaf(g.kind, g.line), g.leaf("metadata", g.line), meta)
	return n
}

func (g *generator) leaf(value string, line int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: line}
}

func (g *generator) branch(key string, value *yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: g.line}
	if key != "" {
		n.Content = []*yaml.Node{g.leaf(key, g.line), value}
	}
	return n
}

// absorb takes over what a generator makes of an object that is there.
func (o *Object) absorb(from *Object, merge bool) {
	entries := from.Entries
	if merge {
		entries = append([]Entry(nil), o.Entries...)
		for _, e := range from.Entries {
			entries = put(entries, e)
		}
	}
	o.Entries = entries
	o.Hash = o.Hash || from.Hash
	o.Way = append(o.Way[:len(o.Way):len(o.Way)], from.Way...)
	o.marks = append(o.marks[:len(o.marks):len(o.marks)], from.generatorMarks()...)
	if from.kind != "" {
		o.kind = from.kind
	}
}

// generatorMarks are the labels and annotations of a generated object.
func (o *Object) generatorMarks() []mark {
	var all []mark
	for _, under := range []string{"labels", "annotations"} {
		pairs(get(o.node, "metadata", under), func(key, value *yaml.Node) {
			all = append(all, mark{under == "labels", key.Value, value.Value, o.File, value.Line})
		})
	}
	return all
}

// find returns the one object that is, or was, known by an id.
func (l *layer) find(i id) *Object {
	for _, o := range l.objects {
		if o.known(i) {
			return o
		}
	}
	return nil
}

// fill gathers the data of a generator, in kustomize's order.
func (b *Builder) fill(l *layer, k *kustomization, g *generator, o *Object) {
	for _, n := range g.literals {
		key, value, _ := strings.Cut(n.Value, "=")
		o.Entries = put(o.Entries, Entry{Key: key, File: k.file, Line: n.Line, Value: unquote(value)})
	}
	for _, n := range g.files {
		key, source, ok := strings.Cut(n.Value, "=")
		if !ok {
			key, source = path.Base(n.Value), n.Value
		}
		if name := b.input(l, k, n, source); name != "" {
			o.Entries = put(o.Entries, Entry{Key: key, File: k.file, Line: n.Line, Source: name})
		}
	}
	for _, n := range g.envs {
		if name := b.input(l, k, n, n.Value); name != "" {
			b.env(l, k, n, name, o)
		}
	}
}

// input is a file that a generator reads, from the root of the tree.
func (b *Builder) input(l *layer, k *kustomization, n *yaml.Node, source string) string {
	name, problem := k.path(source)
	if problem != "" {
		l.not(k.file, n.Line, problem)
		return ""
	}
	l.files = append(l.files, name)
	return name
}

// env reads a file of KEY=VALUE lines.
// Source: sigs.k8s.io/kustomize/api/kv keyValuesFromLine.
func (b *Builder) env(l *layer, k *kustomization, n *yaml.Node, name string, o *Object) {
	content, err := b.Text(name)
	if err != nil {
		l.not(k.file, n.Line, name+" "+err.Error())
		o.Entries = put(o.Entries, Entry{Key: name, File: k.file, Line: n.Line, Source: name, Env: true})
		return
	}
	for _, line := range strings.Split(strings.TrimPrefix(string(content), "\ufeff"), "\n") {
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			l.not(k.file, n.Line, fmt.Sprintf("%s: the value of %s comes from the environment of kustomize", name, key))
			continue
		}
		o.Entries = put(o.Entries, Entry{Key: key, File: k.file, Line: n.Line, Source: name, Env: true, Value: value})
	}
}

// unquote takes the quotes off a literal.
// Source: sigs.k8s.io/kustomize/api/kv removeQuotes.
func unquote(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

// Value returns the bytes of an entry.
func (b *Builder) Value(e Entry) ([]byte, error) {
	switch {
	case e.Source != "" && !e.Env:
		return b.Text(e.Source)
	case e.Base64:
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(e.Value))
		if err != nil {
			return nil, fmt.Errorf("the value of %s is not base64", e.Key)
		}
		return raw, nil
	}
	return []byte(e.Value), nil
}

// isText says whether kustomize puts a value under data, not binaryData.
func isText(value []byte) bool { return utf8.Valid(value) }
