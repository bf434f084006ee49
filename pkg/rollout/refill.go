package rollout

import (
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// refill is what postBuild of a Kustomization fills in otherwise than before.
type refill struct {
	known bool
	names []string
	from  []string // the files that hold the values, beside its own
}

func (s *since) refill(k *flux.Kustomization) refill {
	if f := s.refills[k]; f.known {
		return f
	}
	f := refill{known: true}
	if old := s.appliers[k]; old != nil {
		f.names, f.from = flux.Refilled(s.Graph, k, s.before.Graph, old)
	}
	s.refills[k] = f
	return f
}

// refilled says whether postBuild fills something else into an object.
func (s *since) refilled(o *kustomize.Object, b *flux.Build) bool {
	return len(s.refillOf(o, b)) > 0
}

// refillOf are the variables that postBuild fills otherwise into an object, or
// into what it reads.
func (s *since) refillOf(o *kustomize.Object, b *flux.Build) []string {
	if b == nil || b.Kustomization == nil {
		return nil
	}
	if names := s.refill(b.Kustomization).names; s.Graph.UsesAny(b, o, names) {
		return names
	}
	for _, reader := range s.readers[o] {
		ref := reader.Reference
		if ref.Object != nil && ref.Build.Kustomization != nil {
			if names := s.refill(ref.Build.Kustomization).names; s.Graph.UsesAny(ref.Build, ref.Object, names) {
				return names
			}
		}
	}
	return nil
}

// refilledBy are the releases and workloads into which postBuild fills something
// of the file.
func (t *telling) refilledBy() {
	if !t.refillFiles[t.file] {
		return
	}
	tell := func(o *kustomize.Object, b *flux.Build) {
		if b.Kustomization != nil && slices.Contains(t.refill(b.Kustomization).from, t.file) && t.refilled(o, b) && !t.skipped(o, b) {
			t.tell(o, func() Outcome { return t.becomes(o, b, t.file) })
		}
	}
	for _, release := range t.Graph.Releases {
		tell(release.Object, release.Build)
	}
	for _, w := range t.Graph.Workloads {
		tell(w.Object, w.Build)
	}
}

// refillVerdict is the verdict where postBuild alone makes what an object reads
// another one.
func (s *since) refillVerdict(o *kustomize.Object, reader flux.Reader) (v flux.Verdict, ok bool) {
	ref := reader.Reference
	old := s.counterpart(ref.Object)
	if old == nil || !flux.SameData(s.Graph, ref.Object, s.before.Graph, old, ref.Key) {
		return v, false
	}
	v = s.neverWoken(reader)
	v.Why = "postBuild fills " + strings.Join(s.refillOf(ref.Object, ref.Build), ", ") + " otherwise into " + ref.Kind + " " + ref.Name + ", which no checksum sees: " + untilNext(reader)
	if reader.Release != nil && s.writer(reader.Release) != "" {
		k := ref.Build.Kustomization
		v.Instead = "add " + strings.Join(orOwn(s.refill(k).from, k), " and ") + " to the files of rule " + s.writer(reader.Release)
	}
	return v, true
}

// orOwn are the files that hold the values, or that of the Kustomization itself.
func orOwn(files []string, k *flux.Kustomization) []string {
	if len(files) == 0 {
		return []string{k.File}
	}
	return files
}

// refillsItself is the verdict where postBuild makes an object itself another
// one.
func (s *since) refillsItself(o *kustomize.Object, b *flux.Build) (v flux.Verdict, ok bool) {
	if b.Kustomization == nil {
		return v, false
	}
	names := s.refill(b.Kustomization).names
	if !s.Graph.UsesAny(b, o, names) {
		return v, false
	}
	v.Why = "postBuild fills " + strings.Join(names, ", ") + " otherwise into " + o.Kind + " " + o.Name
	switch {
	case s.releases[o] != nil && flux.UsesBelow(o, names, "spec"):
		v.When, v.Why = flux.Immediate, v.Why+": its spec changes"
	case s.releases[o] != nil:
		v.When, v.Why = flux.Untold, v.Why+": whether that wakes it cannot be told"
	case flux.UsesBelow(o, names, "spec", "template"):
		v.When, v.Why = flux.PodsRoll, v.Why+": its pod template changes"
	default:
		v.When, v.Why = flux.Nothing, v.Why+", and not into its pod template"
	}
	return v, true
}
