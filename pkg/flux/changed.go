package flux

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Changed is what Flux does because an object is not what it was in an earlier
// tree: the verdict on the change that does most; ok is false when nothing of it
// differs. The hash in the names of what it reads does not count.
func Changed(now, old *kustomize.Object) (best Verdict, ok bool) {
	s := Subject{Kind: now.Kind, Name: now.Name, Interval: Interval(now)}
	differ(now.Built(), old.Built(), nil, func(path []string, key string) {
		if v := VerdictOf(s, path, key); !ok || v.When.Weight() > best.When.Weight() {
			best, ok = v, true
		}
	})
	return best, ok
}

// Weight orders what Flux does by how soon something happens.
func (w When) Weight() int {
	return slices.Index([]When{Untold, Nothing, NextInterval, Immediate, PodsRoll}, w)
}

// differ calls do for the entries of maps that differ, as far down as both have
// the same form.
func differ(a, b *yaml.Node, path []string, do func(path []string, key string)) {
	a, b = resolved(a), resolved(b)
	switch {
	case len(path) > maxDepth || sameNode(a, b):
	case a != nil && b != nil && a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode:
		all, olds := entries(a), entries(b) // get is slow in large maps
		for _, key := range keysOf(a, b) {
			x, y := all[key], olds[key]
			if branches(x, y) {
				differ(x, y, append(path[:len(path):len(path)], key), do)
			} else if !sameNode(x, y) {
				do(path, key)
			}
		}
	case a != nil && b != nil && a.Kind == yaml.SequenceNode && len(a.Content) == len(b.Content):
		for i := range a.Content {
			differ(a.Content[i], b.Content[i], append(path[:len(path):len(path)], strconv.Itoa(i)), do)
		}
	case len(path) > 0:
		do(path[:len(path)-1], path[len(path)-1])
	}
}

// branches says whether two nodes can be compared further down.
func branches(a, b *yaml.Node) bool {
	a, b = resolved(a), resolved(b)
	return a != nil && b != nil && a.Kind == b.Kind && (a.Kind == yaml.MappingNode || a.Kind == yaml.SequenceNode && len(a.Content) == len(b.Content))
}

func keysOf(all ...*yaml.Node) []string {
	var keys []string
	for _, n := range all {
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys = append(keys, n.Content[i].Value)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
