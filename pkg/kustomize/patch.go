package kustomize

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
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
	// remembers says that kustomize keeps what an object was known by before JSON
	// operations: those under patches, not those under patchesJson6902.
	remembers bool
	strategic bool // it stands under patchesStrategicMerge
}

func (k *kustomization) readPatches() {
	k.strategic = patchesOf(k.node, "patchesStrategicMerge", k.file)
	k.operations = patchesOf(k.node, "patchesJson6902", k.file)
	k.patches = patchesOf(k.node, "patches", k.file)
}

func patchesOf(n *yaml.Node, key, file string) []patch {
	var all []patch
	for _, item := range list(n, key) {
		p := patch{file: file, line: item.Line, inline: item, remembers: key == "patches", strategic: key == "patchesStrategicMerge"}
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

// cloned copies nodes that stand in a file; nil when they are too large.
func (b *Builder) cloned(n *yaml.Node, file string) *yaml.Node {
	return b.copy(n, func(copy, original *yaml.Node) {
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
	first, again := map[*yaml.Node]*yaml.Node{}, map[*yaml.Node]*yaml.Node{}
	n := b.copy(o.node, func(copy, original *yaml.Node) {
		if from, ok := b.origins[original]; ok {
			b.origins[copy] = from
		}
		if o.joined && first[original] != nil {
			again[copy] = first[original]
		} else if o.joined {
			first[original] = copy
		}
	})
	if n == nil {
		return false
	}
	if len(again) > 0 {
		n = swapped(n, again)
	}
	o.node, o.shared = n, false
	return true
}

// joints counts in how many places of an object scalars stand that stand in
// more than one.
func (o *Object) joints() map[*yaml.Node]int {
	if !o.joined {
		return nil
	}
	count := map[*yaml.Node]int{}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			count[n]++
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(o.node)
	maps.DeleteFunc(count, func(_ *yaml.Node, places int) bool { return places < 2 })
	return count
}

// part gives each place a node of its own, as JSON operations do.
func (o *Object) part(b *Builder) {
	o.joined, o.shared = false, true
	b.own(o)
}

// apart notes that a patch has changed a label or annotation in one of the
// places where kustomize has the same node: there it changes them all.
func (o *Object) apart(l *layer, p *patch, before map[*yaml.Node]int) {
	now := o.joints()
	for n, places := range before {
		if now[n] != places {
			o.not(l, p.file, p.line, "a patch of a common label or annotation "+n.Value+" may change it elsewhere too, and is not followed")
		}
	}
}

// copy copies nodes; what was too large once is not tried again.
func (b *Builder) copy(n *yaml.Node, note func(copy, original *yaml.Node)) *yaml.Node {
	if b.tooBig[n] || b.copied > maxCopied {
		return nil
	}
	count := 0
	made := clone(n, func(copy, original *yaml.Node) {
		count++
		note(copy, original)
	})
	if made == nil {
		b.tooBig[n] = true
	}
	if count > largeCopy {
		b.copied += count
	}
	return made
}

// patchAll applies the patches of one key.
func (b *Builder) patchAll(l *layer, k *kustomization, all []patch) {
	for i := range all {
		p := &all[i]
		if !b.mayLook(l, k.file, 1) {
			return
		}
		for _, doc := range b.documents(l, k, p) {
			b.patchDocument(l, p, doc)
		}
	}
}

func (b *Builder) patchDocument(l *layer, p *patch, doc *yaml.Node) {
	targets := b.targets(l, p, doc)
	for _, o := range targets {
		if !b.mayLook(l, p.file, patchLooks) {
			return
		}
		fresh := b.cloned(doc, p.file)
		switch {
		case fresh == nil:
			o.not(l, p.file, p.line, "the patch is too large to be followed")
		case p.rename:
			o.not(l, p.file, p.line, "a patch that may change names or kinds is not followed")
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
		if !b.mayLook(l, p.file, len(l.objects)) {
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
	if l.index == nil && !b.mayLook(l, p.file, len(l.objects)) {
		return nil
	}
	all := l.find(aim.id())
	if len(all) != 1 {
		found := "no such object"
		if len(all) > 1 {
			found = fmt.Sprintf("%d objects", len(all))
		}
		l.not(p.file, p.line, fmt.Sprintf("the patch of %s %s finds %s", aim.Kind, aim.Name, found))
		return nil
	}
	return slices.Clone(all)
}

func (b *Builder) patchObject(l *layer, p *patch, o *Object, doc *yaml.Node) {
	if !b.own(o) {
		o.not(l, p.file, p.line, "the object is too large to be patched here")
		return
	}
	kept, err := b.spread(o)
	if err != nil {
		o.not(l, p.file, p.line, "its data cannot be patched: "+err.Error())
		return
	}
	before, joints := o.id(), o.joints()
	if p.remembers && doc.Kind == yaml.SequenceNode {
		o.remember()
	}
	deleted, err := p.applyTo(o.node, doc)
	switch {
	case err != nil:
		o.not(l, p.file, p.line, "the patch does not fit: "+err.Error())
	case deleted:
		l.drop(o)
	default:
		if doc.Kind != yaml.SequenceNode {
			o.apart(l, p, joints)
		} else if len(joints) > 0 {
			o.part(b)
		}
		b.refresh(o, kept)
		if o.id() != before {
			l.index = nil
		}
	}
}

func (p *patch) applyTo(object, doc *yaml.Node) (deleted bool, err error) {
	switch {
	case doc.Kind == yaml.SequenceNode:
		return false, applyOperations(object, doc)
	case p.target != nil || p.strategic:
		if err := targetPatch(doc); err != nil {
			return false, err
		}
	}
	return mergePatch(object, doc)
}

func (o *Object) not(l *layer, file string, line int, message string) {
	l.not(file, line, fmt.Sprintf("%s %s: %s", o.Kind, o.Name, message))
	o.because(message)
}

// because notes why an object may not be as it is built, once.
func (o *Object) because(message string) {
	if len(o.Not) < maxReasons && !slices.Contains(o.Not, message) {
		o.Not = append(slices.Clip(o.Not), message)
	}
}

func (l *layer) drop(o *Object) {
	if i := slices.Index(l.objects, o); i >= 0 {
		l.objects = slices.Delete(l.objects, i, i+1)
		l.index = nil
	}
}

// spread writes the data of a generated object into its node, for patches to
// find them there. It returns which value is which entry.
func (b *Builder) spread(o *Object) (kept map[*yaml.Node]Entry, err error) {
	if !o.lazy {
		return nil, nil
	}
	kept = map[*yaml.Node]Entry{}
	fields := map[string]*yaml.Node{}
	entries := slices.Clone(o.Entries)
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	for _, e := range entries {
		under, value, err := b.stored(o, e)
		if err != nil {
			return nil, err
		}
		if fields[under] == nil {
			fields[under] = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: o.Line}
		}
		v := b.leaf(value, e.File, e.Line)
		kept[v] = e
		fields[under].Content = append(fields[under].Content, b.leaf(e.Key, e.File, e.Line), v)
	}
	if !o.noData && fields["data"] == nil {
		fields["data"] = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: o.Line}
	}
	if o.Kind == "Secret" {
		fields["type"] = b.leaf(o.kind, o.File, o.Line)
	}
	for _, under := range []string{"type", "data", "binaryData"} {
		if fields[under] != nil {
			o.node.Content = append(o.node.Content, b.leaf(under, o.File, o.Line), fields[under])
		}
	}
	o.lazy = false
	return kept, nil
}

// refresh takes over what a patch has changed.
func (b *Builder) refresh(o *Object, kept map[*yaml.Node]Entry) {
	was := o.Entries
	o.read()
	o.Entries = manifestEntries(o)
	if len(o.Entries) == 0 {
		return
	}
	old := make(map[string]Entry, len(was))
	for _, e := range was {
		old[e.Key] = e
	}
	values := map[string]*yaml.Node{}
	for _, under := range []string{"binaryData", "data", "stringData"} {
		pairs(get(o.node, under), func(key, value *yaml.Node) { values[key.Value] = value })
	}
	for i := range o.Entries {
		e, v := &o.Entries[i], values[o.Entries[i].Key]
		if same, ok := kept[v]; ok {
			*e = same
			continue
		}
		e.File, e.Line = b.FileOf(o, v), v.Line
		if same, ok := old[e.Key]; ok && same.File == e.File && same.Line == e.Line && same.Source != "" {
			*e = same
		}
	}
}
