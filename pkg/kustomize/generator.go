package kustomize

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
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
	labels, annotations                         []mark
}

func (k *kustomization) readGenerators() {
	common := get(k.node, "generatorOptions")
	for _, of := range []struct{ key, kind string }{{"configMapGenerator", "ConfigMap"}, {"secretGenerator", "Secret"}} {
		for _, n := range list(k.node, of.key) {
			g := generator{kind: of.kind, name: text(n, "name"), namespace: text(n, "namespace"), behavior: text(n, "behavior"), secretType: text(n, "type"), line: n.Line}
			g.files, g.literals = list(n, "files"), list(n, "literals")
			g.envs = list(n, "envs")
			if one := get(n, "env"); one != nil && scalar(one) != "" {
				g.envs = append(g.envs, one)
			}
			g.hash = !truth(common, "disableNameSuffixHash") && !truth(n, "options", "disableNameSuffixHash")
			g.labels = k.optionMarks(common, get(n, "options"), "labels")
			g.annotations = k.optionMarks(common, get(n, "options"), "annotations")
			k.generators = append(k.generators, g)
		}
	}
}

// optionMarks are the labels or annotations of generator options; those of the
// generator itself win.
// Source: sigs.k8s.io/kustomize/api/types MergeGlobalOptionsIntoLocal.
func (k *kustomization) optionMarks(common, own *yaml.Node, under string) []mark {
	all := k.marks(get(common, under), under == "labels")
	for _, m := range k.marks(get(own, under), under == "labels") {
		if i := slices.IndexFunc(all, func(other mark) bool { return other.key == m.key }); i >= 0 {
			all[i] = m
		} else {
			all = append(all, m)
		}
	}
	return all
}

// generate adds the object of a generator, or merges it into the one that is
// there.
// Source: sigs.k8s.io/kustomize/api/resmap resWrangler.appendReplaceOrMerge.
func (b *Builder) generate(l *layer, k *kustomization, g *generator) {
	o := &Object{File: k.file, Line: g.line, APIVersion: "v1", Kind: g.kind, Name: g.name, Namespace: g.namespace,
		Generated: true, Hash: g.hash, Way: k.way(), node: b.generatedNode(k, g), lazy: true, noData: g.kind == "ConfigMap"}
	if g.kind == "Secret" {
		o.kind = g.secretType
		if o.kind == "" {
			o.kind = "Opaque"
		}
	}
	b.fill(l, k, g, o)
	old := l.find(o.id())
	merges := g.behavior == "merge" || g.behavior == "replace"
	switch {
	case len(old) > 1:
		l.not(k.file, g.line, fmt.Sprintf("the generator of %s %s finds %d objects that it can mean", o.Kind, o.Name, len(old)))
	case !merges && len(old) > 0:
		l.not(k.file, g.line, fmt.Sprintf("%s %s is generated twice: %s:%d makes one too", o.Kind, o.Name, old[0].File, old[0].Line))
	case !merges:
		l.put(o)
	case len(old) == 0:
		l.not(k.file, g.line, fmt.Sprintf("there is no %s %s to %s with", o.Kind, o.Name, g.behavior))
	default:
		if g.behavior == "merge" && b.crosses(old[0], o) {
			old[0].not(l, k.file, g.line, "a key of it is both under data and binaryData")
		}
		old[0].absorb(o, g.behavior == "merge")
	}
}

// generatedNode is the object that a generator makes, without its data.
func (b *Builder) generatedNode(k *kustomization, g *generator) *yaml.Node {
	leaf := func(value string) *yaml.Node { return b.leaf(value, k.file, g.line) }
	branch := func(content ...*yaml.Node) *yaml.Node {
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: g.line, Content: content}
	}
	meta := branch(leaf("name"), leaf(g.name))
	if g.namespace != "" {
		meta.Content = append(meta.Content, leaf("namespace"), leaf(g.namespace))
	}
	for _, of := range []struct {
		under string
		marks []mark
	}{{"labels", g.labels}, {"annotations", g.annotations}} {
		m := branch()
		for _, mark := range of.marks {
			m.Content = append(m.Content, b.leaf(mark.key, k.file, mark.line), b.leaf(mark.value, k.file, mark.line))
		}
		if len(m.Content) > 0 {
			meta.Content = append(meta.Content, leaf(of.under), m)
		}
	}
	return branch(leaf("apiVersion"), leaf("v1"), leaf("kind"), leaf(g.kind), leaf("metadata"), meta)
}

// absorb takes over what a generator makes of an object that is there. Of that
// one nothing is left but its name, namespace, labels, annotations and data, and
// it gets a hash only where both ask for one.
// Source: sigs.k8s.io/kustomize/api/resource Resource.CopyMergeMetaDataFieldsFrom.
func (o *Object) absorb(from *Object, merge bool) {
	node := from.node
	for _, under := range []string{"labels", "annotations"} {
		node = inherit(node, o.node, under)
	}
	for i, path := range [][]string{namePath, namespacePath} {
		value := get(o.node, path...)
		if value != nil && text(o.node, path...) != "" {
			node, _ = edit(node, path, yaml.ScalarNode, valueSetter(value))
		} else if i == 1 {
			node, _ = edit(node, path[:1], 0, func(n *yaml.Node) (*yaml.Node, error) {
				made := shallow(n)
				removeKey(made, "namespace")
				return made, nil
			})
		}
	}
	o.keys = nil
	if merge {
		o.Entries = slices.Clone(o.Entries)
		for _, e := range from.Entries {
			o.put(e)
		}
	} else {
		o.Entries = from.Entries
	}
	o.noData = merge || from.noData
	o.node, o.shared, o.lazy, o.kind = node, true, true, from.kind
	o.Hash = o.Hash && from.Hash
	o.Way = append(o.Way[:len(o.Way):len(o.Way)], from.Way...)
}

// crosses says whether one of two ConfigMaps has a value as text and the other
// one of the same key as bytes: merged it stands in both forms.
func (b *Builder) crosses(o, from *Object) bool {
	if o.Kind != "ConfigMap" {
		return false
	}
	for _, e := range from.Entries {
		i := slices.IndexFunc(o.Entries, func(old Entry) bool { return old.Key == e.Key })
		if i < 0 {
			continue
		}
		was, _, _ := b.stored(o, o.Entries[i])
		is, _, _ := b.stored(from, e)
		if was != is {
			return true
		}
	}
	return false
}

// inherit adds the labels or annotations of another object that one has not.
func inherit(node, from *yaml.Node, under string) *yaml.Node {
	pairs(get(from, "metadata", under), func(key, value *yaml.Node) {
		if get(node, "metadata", under, key.Value) == nil {
			node, _ = edit(node, []string{"metadata", under}, yaml.MappingNode, func(n *yaml.Node) (*yaml.Node, error) {
				return withField(n, keyIndex(n, key.Value), key.Value, value), nil
			})
		}
	})
	return node
}

// fill gathers the data of a generator, in kustomize's order.
func (b *Builder) fill(l *layer, k *kustomization, g *generator, o *Object) {
	for _, n := range g.literals {
		key, value, _ := strings.Cut(n.Value, "=")
		l.fill(o, Entry{Key: key, File: k.file, Line: n.Line, Value: unquote(value)})
	}
	for _, n := range g.files {
		key, source, ok := strings.Cut(n.Value, "=")
		if !ok {
			key, source = path.Base(n.Value), n.Value
		}
		if name := b.input(l, k, n, source); name != "" {
			l.fill(o, Entry{Key: key, File: k.file, Line: n.Line, Source: name})
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
	l.add(name)
	return name
}

// env reads a file of KEY=VALUE lines.
// Source: sigs.k8s.io/kustomize/api/kv keyValuesFromLine.
func (b *Builder) env(l *layer, k *kustomization, n *yaml.Node, name string, o *Object) {
	content, err := b.Text(name)
	if err != nil {
		l.not(k.file, n.Line, name+" "+err.Error())
		o.put(Entry{Key: name, File: k.file, Line: n.Line, Source: name, Env: true})
		return
	}
	lines := bufio.NewScanner(bytes.NewReader(content)) // drops what follows a line of 64 KiB, as kustomize does
	for first := true; lines.Scan(); first = false {
		line := lines.Bytes()
		if first {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		line = bytes.TrimLeftFunc(line, unicode.IsSpace)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		key, value, _ := strings.Cut(string(line), "=")
		l.fill(o, Entry{Key: key, File: k.file, Line: n.Line, Source: name, Env: true, Value: value})
	}
}

// fill adds an entry to a generated object. kustomize refuses a key that is
// there.
func (l *layer) fill(o *Object, e Entry) {
	if e.Key == "" && e.Env {
		return
	}
	e.text = o.Kind == "ConfigMap"
	if !o.put(e) {
		l.not(e.File, e.Line, fmt.Sprintf("%s %s has %s twice, which kustomize refuses", o.Kind, o.Name, o.keyName(e.Key)))
	}
}

// keyName names a key of an object; in a Secret it may be what somebody meant to
// be the value.
func (o *Object) keyName(key string) string {
	if o.Kind == "Secret" {
		return "a key"
	}
	return "the key " + key
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
	if e.Base64 {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(e.Value))
		if err != nil {
			return nil, errors.New("a value is not base64")
		}
		return raw, nil
	}
	value := []byte(e.Value)
	if e.Source != "" && !e.Env {
		var err error
		if value, err = b.Text(e.Source); err != nil {
			return nil, err
		}
	}
	if e.text && bytes.Contains(value, []byte(nextLine)) && utf8.Valid(value) {
		return nil, errors.New("a value has a line break U+0085, which kustomize does not keep")
	}
	return value, nil
}

// nextLine is a line break for YAML 1.1 alone.
const nextLine = "\u0085"
