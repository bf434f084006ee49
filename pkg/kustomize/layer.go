package kustomize

import (
	"fmt"
	"slices"
)

// layer is what a kustomization and all below it give, before names are
// final.
type layer struct {
	objects    []*Object
	unknown    []Unknown
	references []NameReference
	files      []string
	full       bool // it held more than can be followed, and is cut off

	told   map[Unknown]bool
	listed map[string]bool
	named  map[NameReference]bool
	index  map[id][]*Object // by all ids; nil until it is needed
}

func (l *layer) not(file string, line int, message string) {
	u := Unknown{file, line, message}
	if l.told == nil {
		l.told = map[Unknown]bool{}
	}
	if !l.told[u] {
		l.told[u] = true
		l.unknown = append(l.unknown, u)
	}
}

// add notes files that were read, each once: a base may be used without end.
func (l *layer) add(files ...string) {
	if l.listed == nil {
		l.listed = map[string]bool{}
	}
	for _, name := range files {
		if !l.listed[name] {
			l.listed[name] = true
			l.files = append(l.files, name)
		}
	}
}

// refer notes nameReferences, each once.
func (l *layer) refer(all ...NameReference) {
	if l.named == nil {
		l.named = map[NameReference]bool{}
	}
	for _, r := range all {
		if !l.named[r] {
			l.named[r] = true
			l.references = append(l.references, r)
		}
	}
}

// put adds an object.
func (l *layer) put(o *Object) {
	if l.full {
		return
	}
	l.objects = append(l.objects, o)
	l.file(o)
}

// file adds an object to the index, if there is one.
func (l *layer) file(o *Object) {
	if l.index != nil {
		for _, i := range o.ids() {
			l.index[i] = append(l.index[i], o)
		}
	}
}

// find returns the objects that are, or were, known by an id.
func (l *layer) find(i id) []*Object {
	if l.index == nil {
		l.index = make(map[id][]*Object, len(l.objects))
		for _, o := range l.objects {
			l.file(o)
		}
	}
	return l.index[i.effective()]
}

// take adds what another layer gives.
func (b *Builder) take(l, from *layer, through string) {
	if !b.mayLook(l, through, 1+len(from.unknown)+len(from.references)+len(from.files)) {
		return
	}
	for _, u := range from.unknown {
		l.not(u.File, u.Line, u.Message)
	}
	l.refer(from.references...)
	l.add(from.files...)
	if from.full && !l.full {
		l.leaveOut(through, "is left out, with all that it builds: "+tooMuchBelow)
	}
	if len(l.objects)+len(from.objects) > b.limits.objects && !l.full {
		l.leaveOut(through, fmt.Sprintf("is left out: it builds more than %d objects", b.limits.objects))
	}
	if !b.mayTake(l, through, len(from.objects)) {
		return
	}
	w := way{through: through}
	l.objects = slices.Grow(l.objects, len(from.objects))
	for _, o := range from.objects {
		c := o.copied()
		c.Way = w.of(o.Way)
		l.put(c)
	}
}

// way puts a kustomization before the ways of objects. Those that came the same
// way share it.
type way struct {
	through   string
	last, new []string
}

func (w *way) of(old []string) []string {
	if w.through == "" {
		return old
	}
	if w.new == nil || len(old) != len(w.last) || len(old) > 0 && &old[0] != &w.last[0] {
		w.last, w.new = old, append([]string{w.through}, old...)
	}
	return w.new
}

// tooMuchBelow is why a kustomization is left out that uses another one.
const tooMuchBelow = "what it uses is too much to be followed"
