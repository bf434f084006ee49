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
	more  bool     // and perhaps more than these
}

func (s *since) refill(k *flux.Kustomization) refill {
	if f := s.refills[k]; f.known {
		return f
	}
	f := refill{known: true}
	if old := s.appliers[k]; old != nil {
		f.names, f.from, f.more = flux.Refilled(s.Graph, k, s.before.Graph, old)
	}
	s.refills[k] = f
	return f
}

// refilled says whether postBuild fills something else into an object, or into what
// it reads, or may do so.
func (s *since) refilled(o *kustomize.Object, b *flux.Build) bool { return s.refillOf(o, b) != "" }

// refillOf says how postBuild treats an object, or what it reads, otherwise than
// before; "" when it does not.
func (s *since) refillOf(o *kustomize.Object, b *flux.Build) string {
	if now, then, ok := s.bothTrees(o, b); ok {
		if how := flux.RefilledBelow(now, then); how != flux.Kept {
			return s.refillText(now, then, how)
		}
	}
	for _, reader := range s.readers[o] {
		if text := s.refillOfRead(reader.Reference, reader.Reference.Key); text != "" {
			return text
		}
	}
	return ""
}

// refillOfRead is refillOf for a key that a reference leads to, or for all.
func (s *since) refillOfRead(ref *flux.Reference, key string) string {
	if ref.Object == nil {
		return ""
	}
	now, then, ok := s.bothTrees(ref.Object, ref.Build)
	if !ok {
		return ""
	}
	if how := flux.RefilledData(now, then, key); how != flux.Kept {
		return s.refillText(now, then, how)
	}
	return ""
}

// bothTrees are an object and what it was before, where postBuild may treat them
// differently.
func (s *since) bothTrees(o *kustomize.Object, b *flux.Build) (now, then flux.Applied, ok bool) {
	old := s.olds[o]
	if old.Object == nil || b == nil || b.Kustomization == nil || old.build.Kustomization == nil {
		return now, then, false
	}
	now, then = flux.Applied{Graph: s.Graph, Build: b, Object: o}, flux.Applied{Graph: s.before.Graph, Build: old.build, Object: old.Object}
	f := s.refill(b.Kustomization)
	return now, then, f.more || len(f.names) > 0 || now.Substituted() != then.Substituted()
}

// refillText says how postBuild treats an object otherwise.
func (s *since) refillText(now, then flux.Applied, how flux.Refill) string {
	o := now.Object.Kind + " " + now.Object.Name
	names := flux.UsedIn(now.Texts(), s.refill(now.Build.Kustomization).names)
	switch {
	case how == flux.Perhaps:
		return "postBuild may make something else of " + o
	case len(names) > 0:
		return "postBuild fills " + strings.Join(names, ", ") + " otherwise into " + o
	case then.Untouched():
		return "postBuild goes over " + o + " from now on"
	case now.Untouched():
		return "postBuild goes over " + o + " no more"
	}
	return "postBuild makes something else of " + o
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
	if _, same := s.sameValues(o); same {
		return v, false
	}
	v = s.neverWoken(reader)
	v.Why = s.refillOfRead(ref, ref.Key) + ", which no checksum sees: " + untilNext(reader)
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
	now, then, ok := s.bothTrees(o, b)
	if !ok {
		return v, false
	}
	how := flux.RefilledBelow(now, then)
	if how == flux.Kept {
		return v, false
	}
	v = s.refillWakes(now, then)
	v.Why = s.refillText(now, then, how) + v.Why
	return v, true
}

// refillWakes is what comes of that: the end of its reason alone.
func (s *since) refillWakes(now, then flux.Applied) flux.Verdict {
	if s.releases[now.Object] != nil {
		if flux.RefilledBelow(now, then, "spec") == flux.Otherwise {
			return flux.Verdict{When: flux.Immediate, Why: ": its spec changes"}
		}
		return flux.Verdict{When: flux.Untold, Why: ": whether that wakes it cannot be told"}
	}
	switch flux.RefilledBelow(now, then, "spec", "template") {
	case flux.Otherwise:
		return flux.Verdict{When: flux.PodsRoll, Why: ": its pod template changes"}
	case flux.Perhaps:
		return flux.Verdict{When: flux.Untold, Why: ": whether its pod template changes cannot be told"}
	}
	return flux.Verdict{When: flux.Nothing, Why: ": its pod template stays as it is"}
}
