package kustomize

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// patch is an entry of patches, patchesStrategicMerge or patchesJson6902: a
// text or a file, and what it is aimed at.
type patch struct {
	file   string // where the entry stands
	line   int
	inline *yaml.Node // scalar with the text, or the patch itself
	path   string
	target *yaml.Node
	rename bool // options let it change the name or kind of the object
}

func (k *kustomization) readPatches() {
	k.strategic = patchesOf(k.node, "patchesStrategicMerge", k.file)
	k.operations = patchesOf(k.node, "patchesJson6902", k.file)
	k.patches = patchesOf(k.node, "patches", k.file)
}

func patchesOf(n *yaml.Node, key, file string) []patch {
	var all []patch
	for _, item := range list(n, key) {
		p := patch{file: file, line: item.Line, inline: item}
		if key != "patchesStrategicMerge" {
			p.inline, p.path, p.target = get(item, "patch"), text(item, "path"), get(item, "target")
			p.rename = truth(item, "options", "allowNameChange") || truth(item, "options", "allowKindChange")
		} else if item.Kind == yaml.ScalarNode && !strings.Contains(item.Value, "\n") && !strings.Contains(item.Value, ": ") {
			p.inline, p.path = nil, item.Value
		}
		all = append(all, p)
	}
	return all
}

// documents reads a patch. Each caller gets nodes of its own, whose files are
// known.
func (b *Builder) documents(l *layer, k *kustomization, p *patch) []*yaml.Node {
	if p.path != "" {
		return b.patchFile(l, k, p)
	}
	switch {
	case p.inline == nil:
		l.not(p.file, p.line, "a patch without patch or path")
		return nil
	case p.inline.Kind != yaml.ScalarNode:
		return b.clonedAll(l, p, []*yaml.Node{p.inline}, p.file)
	}
	docs, err := yamledit.Nodes([]byte(p.inline.Value), nil)
	if err != nil {
		l.not(p.file, p.inline.Line, "the patch cannot be read: "+messageOf(err))
		return nil
	}
	block := p.inline.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	for _, d := range docs {
		b.moved(d, p.inline.Line, block)
		b.claim(d, p.file)
	}
	return docs
}

func messageOf(err error) string {
	if e, ok := err.(*yamledit.Error); ok {
		return e.Message
	}
	return err.Error()
}

func (b *Builder) patchFile(l *layer, k *kustomization, p *patch) []*yaml.Node {
	name, problem := k.path(p.path)
	if problem != "" {
		l.not(p.file, p.line, problem)
		return nil
	}
	l.files = append(l.files, name)
	f := b.Whole(name)
	if f.Err != nil {
		l.not(p.file, p.line, p.path+" "+said(f))
	}
	return b.clonedAll(l, p, f.Docs, name)
}

// clonedAll copies the documents of a patch.
func (b *Builder) clonedAll(l *layer, p *patch, docs []*yaml.Node, file string) []*yaml.Node {
	var all []*yaml.Node
	for _, d := range docs {
		if copied := b.cloned(d, file); copied != nil {
			all = append(all, copied)
		} else {
			l.not(p.file, p.line, "the patch is too large to be followed")
		}
	}
	return all
}

// moved sets the lines of a text inside a scalar to those of its file.
func (b *Builder) moved(n *yaml.Node, line int, block bool) {
	if block {
		n.Line += line
	} else {
		n.Line = line
	}
	for _, c := range n.Content {
		b.moved(c, line, block)
	}
}

// claim notes the file of nodes.
func (b *Builder) claim(n *yaml.Node, file string) {
	b.origins[n] = file
	for _, c := range n.Content {
		b.claim(c, file)
	}
}

// cloned copies nodes that stand in a file.
func (b *Builder) cloned(n *yaml.Node, file string) *yaml.Node {
	return clone(n, func(copy, original *yaml.Node) {
		if from, ok := b.origins[original]; ok {
			b.origins[copy] = from
		} else {
			b.origins[copy] = file
		}
	})
}

// own gives an object a node that can be changed.
func (b *Builder) own(o *Object) bool {
	if !o.shared {
		return true
	}
	n := clone(o.node, func(copy, original *yaml.Node) {
		if from, ok := b.origins[original]; ok {
			b.origins[copy] = from
		}
	})
	if n == nil {
		return false
	}
	o.node, o.shared = n, false
	return true
}

// patchAll applies the patches of one key.
func (b *Builder) patchAll(l *layer, k *kustomization, all []patch) {
	for i := range all {
		p := &all[i]
		for _, doc := range b.documents(l, k, p) {
			b.patchDocument(l, p, doc)
		}
	}
}

func (b *Builder) patchDocument(l *layer, p *patch, doc *yaml.Node) {
	targets := b.targets(l, p, doc)
	for _, o := range targets {
		fresh := b.cloned(doc, p.file)
		switch {
		case fresh == nil:
			o.not(l, p, "the patch is too large to be followed")
		case p.rename:
			o.not(l, p, "a patch that may change names or kinds is not followed")
		default:
			b.patchObject(l, p, o, fresh)
		}
	}
}

// targets are the objects that a patch is aimed at.
func (b *Builder) targets(l *layer, p *patch, doc *yaml.Node) []*Object {
	if p.target != nil {
		s, err := newSelector(p.target)
		if err != nil {
			l.not(p.file, p.line, err.Error())
			return nil
		}
		return l.selected(b, s)
	}
	if doc.Kind == yaml.SequenceNode {
		l.not(p.file, p.line, "JSON 6902 operations without a target")
		return nil
	}
	aim := &Object{node: doc}
	aim.read()
	o := l.find(aim.id())
	if o == nil {
		l.not(p.file, p.line, fmt.Sprintf("the patch of %s %s finds no such object", aim.Kind, aim.Name))
		return nil
	}
	return []*Object{o}
}

func (b *Builder) patchObject(l *layer, p *patch, o *Object, doc *yaml.Node) {
	if !b.own(o) {
		o.not(l, p, "the object is too large to be patched here")
		return
	}
	deleted, err := p.applyTo(o.node, doc)
	switch {
	case err != nil:
		o.not(l, p, "the patch does not fit: "+err.Error())
	case deleted:
		l.drop(o)
	default:
		b.refresh(o)
	}
}

func (p *patch) applyTo(object, doc *yaml.Node) (deleted bool, err error) {
	switch {
	case doc.Kind == yaml.SequenceNode:
		return false, applyOperations(object, doc)
	case p.target != nil:
		if err := targetPatch(doc); err != nil {
			return false, err
		}
	}
	return mergePatch(object, doc)
}

func (o *Object) not(l *layer, p *patch, message string) {
	l.not(p.file, p.line, fmt.Sprintf("%s %s: %s", o.Kind, o.Name, message))
	o.Not = append(o.Not, message)
}

func (l *layer) drop(o *Object) {
	for i := range l.objects {
		if l.objects[i] == o {
			l.objects = append(l.objects[:i:i], l.objects[i+1:]...)
			return
		}
	}
}

// refresh takes over what a patch has changed.
func (b *Builder) refresh(o *Object) {
	if o.Generated {
		b.refreshGenerated(o)
		return
	}
	before := o.id()
	was := *o
	was.read()
	if first := o.first(); was.Name != first.name {
		o.remember()
		o.Name = was.Name
	}
	if was.Kind != before.kind {
		o.Kind = was.Kind
	}
	entries := manifestEntries(o)
	for i := range entries {
		if _, under := b.dataNode(o, entries[i].Key); under != nil {
			entries[i].File, entries[i].Line = b.FileOf(o, under), under.Line
		}
	}
	o.Entries = entries
}

// refreshGenerated takes over data that a patch gives to a generated object.
func (b *Builder) refreshGenerated(o *Object) {
	all := append([]Entry(nil), o.Entries...)
	for _, under := range []string{"data", "stringData"} {
		pairs(get(o.node, under), func(key, value *yaml.Node) {
			all = put(all, Entry{Key: key.Value, File: b.FileOf(o, value), Line: value.Line, Value: value.Value, Base64: under == "data" && o.Kind == "Secret"})
		})
	}
	o.Entries = all
}

// dataNode finds the value of a key of a ConfigMap or Secret.
func (b *Builder) dataNode(o *Object, key string) (under string, value *yaml.Node) {
	for _, under := range []string{"stringData", "data", "binaryData"} {
		if v := get(o.node, under, key); v != nil {
			return under, v
		}
	}
	return "", nil
}

// selector chooses objects, by anchored regular expressions.
// Source: sigs.k8s.io/kustomize/api/types.SelectorRegex.
type selector struct {
	group, version, kind, name, namespace *regexp.Regexp
	labels, annotations                   []requirement
}

func newSelector(n *yaml.Node) (*selector, error) {
	var s selector
	for _, f := range []struct {
		to  **regexp.Regexp
		key string
	}{{&s.group, "group"}, {&s.version, "version"}, {&s.kind, "kind"}, {&s.name, "name"}, {&s.namespace, "namespace"}} {
		if pattern := text(n, f.key); pattern != "" {
			re, err := regexp.Compile("^(?:" + pattern + ")$")
			if err != nil {
				return nil, fmt.Errorf("%q is no regular expression", pattern)
			}
			*f.to = re
		}
	}
	var err error
	if s.labels, err = requirements(text(n, "labelSelector")); err == nil {
		s.annotations, err = requirements(text(n, "annotationSelector"))
	}
	return &s, err
}

func matches(re *regexp.Regexp, all ...string) bool {
	for _, s := range all {
		if re == nil || re.MatchString(s) {
			return true
		}
	}
	return false
}

// selected are the objects that a selector chooses.
// Source: sigs.k8s.io/kustomize/api/resmap resWrangler.Select.
func (l *layer) selected(b *Builder, s *selector) []*Object {
	var all []*Object
	for _, o := range l.objects {
		first, now := o.first(), o.id()
		if matches(s.namespace, effective(first.namespace), effective(now.namespace)) && matches(s.name, first.name, now.name) &&
			matches(s.group, now.group) && matches(s.version, now.version) && matches(s.kind, now.kind) &&
			meets(s.labels, func(key string) (Place, bool) { return o.Label(b, key) }) &&
			meets(s.annotations, func(key string) (Place, bool) { return o.Annotation(b, key) }) {
			all = append(all, o)
		}
	}
	return all
}

// requirement is a part of a label selector: key, !key, key=value, key!=value.
type requirement struct {
	key, value     string
	exists, differ bool
}

func requirements(selector string) ([]requirement, error) {
	var all []requirement
	if selector == "" {
		return nil, nil
	}
	if strings.ContainsAny(selector, "()<>") {
		return nil, fmt.Errorf("the selector %q is not followed", selector)
	}
	for _, part := range strings.Split(selector, ",") {
		part = strings.TrimSpace(part)
		key, value, ok := strings.Cut(part, "=")
		r := requirement{key: strings.TrimSpace(strings.TrimSuffix(key, "!")), value: strings.TrimSpace(strings.TrimPrefix(value, "="))}
		switch {
		case !ok && strings.HasPrefix(part, "!"):
			r.key, r.exists, r.differ = strings.TrimSpace(part[1:]), true, true
		case !ok:
			r.exists = true
		default:
			r.differ = strings.HasSuffix(key, "!")
		}
		all = append(all, r)
	}
	return all, nil
}

func meets(all []requirement, look func(string) (Place, bool)) bool {
	for _, r := range all {
		found, ok := look(r.key)
		if !r.exists {
			ok = ok && found.Value == r.value
		}
		if ok == r.differ {
			return false
		}
	}
	return true
}
