package rollout

import (
	"fmt"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// stop is why a change does not reach an object, or why that cannot be told.
type stop struct {
	flux.Verdict
	upgrade string // no or unknown
	why     string // of the upgrade
	fails   bool   // the build does
	maybe   bool   // the change may reach the object all the same
}

// text is what it means for Helm.
func (st *stop) text() string {
	if st.upgrade == "no" {
		return "Helm will not upgrade: " + st.why
	}
	return "whether Helm will upgrade cannot be told: " + st.why
}

// stops says what keeps a change of the tree from an object; nil when nothing is
// known to.
func (s *since) stops(o *kustomize.Object, b *flux.Build) *stop {
	if st := s.buildStops(b); st != nil {
		return st
	}
	if old := s.moved[o]; old.Object != nil {
		return s.takenOver(o, b, old.build)
	}
	if k := s.twin(s.idsBefore, o, b); k != nil && s.counterpart(o) == nil {
		return untold(fmt.Sprintf("Kustomization %s applies %s %s from now on, which Kustomization %s applied before", b.Kustomization.Name, o.Kind, o.Name, k.Name), "another Kustomization applied it before")
	}
	if s.unapplied(o, b) {
		return nothing(fmt.Sprintf("no Kustomization and no kustomization of this tree applies %s %s", o.Kind, o.Name), "nothing of this tree applies it")
	}
	if s.unclaimed(o, b) {
		return untold(fmt.Sprintf("%s %s is new, and no Kustomization of this tree applies %s: whether another one does is not known", o.Kind, o.Name, b.Dir), "no Kustomization of this tree applies it")
	}
	if st := s.images(o, b); st != nil {
		return st
	}
	if st := s.alone(o); st != nil {
		return st
	}
	old := s.counterpart(o)
	switch {
	case s.releases[o] != nil && flux.Suspended(o) && old == nil:
		st := paused(o)
		st.Why = fmt.Sprintf("%s %s is new and suspended: it is applied, and Helm does not install it", o.Kind, o.Name)
		return st
	case s.releases[o] != nil && flux.Suspended(o):
		return paused(o)
	case old != nil && s.releases[o] != nil && flux.Suspended(old):
		return resumed(o, "helm-controller reconciles it at once")
	}
	return nil
}

// alone says that kustomize-controller leaves an object alone, or did so before. What
// it is in the cluster, and so what a release reads there, is then not known.
func (s *since) alone(o *kustomize.Object) *stop {
	why, old := s.Graph.LeftAlone(o), s.counterpart(o)
	switch {
	case s.freed(o):
		return untold(o.Kind+" "+o.Name+" is no longer left alone by kustomize-controller: what is in the cluster is not known", "kustomize-controller no longer leaves "+o.Kind+" "+o.Name+" alone")
	case why == "" || old == nil && s.Graph.MadeOnce(o):
		return nil
	case old == nil || s.releases[o] != nil:
		return untold(why, "kustomize-controller leaves "+o.Kind+" "+o.Name+" alone")
	}
	return nothing(why, "kustomize-controller leaves "+o.Kind+" "+o.Name+" alone")
}

// freed says whether kustomize-controller left an object alone before, and does not now.
func (s *since) freed(o *kustomize.Object) bool {
	old := s.counterpart(o)
	return old != nil && s.Graph.LeftAlone(o) == "" && s.before.Graph.LeftAlone(old) != ""
}

// freedRead says whether that is so of something that an object reads.
func (s *since) freedRead(o *kustomize.Object) bool {
	return slices.ContainsFunc(s.readers[o], func(r flux.Reader) bool { return r.Reference.Object != nil && s.freed(r.Reference.Object) })
}

func nothing(why, upgrade string) *stop {
	return &stop{Verdict: flux.Verdict{When: flux.Nothing, Why: why}, upgrade: "no", why: upgrade}
}

func untold(why, upgrade string) *stop {
	return &stop{Verdict: flux.Verdict{When: flux.Untold, Why: why}, upgrade: "unknown", why: upgrade}
}

// paused is what an object that is suspended stops.
func paused(o *kustomize.Object) *stop {
	v := flux.Paused(o)
	v.Instead = "flux resume " + flux.Resource(o.Kind) + " " + quoted(o.Name) + inNamespace(o.Namespace)
	why := "it is suspended"
	if o.Kind != "HelmRelease" {
		why = o.Kind + " " + o.Name + " is suspended"
	}
	return &stop{Verdict: v, upgrade: "no", why: why}
}

// resumed is what comes of an object that is suspended no more.
func resumed(o *kustomize.Object, then string) *stop {
	v := flux.Verdict{When: flux.Immediate, Why: fmt.Sprintf("%s %s is no longer suspended: %s", o.Kind, o.Name, then)}
	return &stop{Verdict: v, upgrade: "unknown", why: "what has changed while " + o.Kind + " " + o.Name + " was suspended is not known"}
}

// buildStops says what keeps a change of the tree from all that a build applies.
func (s *since) buildStops(b *flux.Build) *stop {
	st, known := s.halts[b]
	if !known {
		st = s.halt(b)
		s.halts[b] = st
	}
	return st
}

func (s *since) halt(b *flux.Build) *stop {
	if b.Kustomization != nil && s.sleeps(b.Kustomization) {
		return paused(b.Kustomization.Object)
	}
	if why := s.Graph.Failing(b); why != "" {
		return fails(why)
	}
	k := b.Kustomization
	if k == nil {
		return s.mended(b)
	}
	old := s.appliers[k]
	switch {
	case s.above(k, old) != nil:
		return s.above(k, old)
	case flux.Suspended(k.Object):
		st := untold(fmt.Sprintf("Kustomization %s is suspended from now on: whether it applies this change before is not known", k.Name), "Kustomization "+k.Name+" is suspended from now on")
		st.maybe = true
		return st
	case s.elsewhere(k) != "":
		return untold(fmt.Sprintf("Kustomization %s has another %s: what comes of what it applies is not known here", k.Name, s.elsewhere(k)), "Kustomization "+k.Name+" has another "+s.elsewhere(k))
	case old != nil && flux.Suspended(old.Object):
		return resumed(k.Object, "it applies all that has changed meanwhile")
	}
	return s.mended(b)
}

// sleeps says whether a Kustomization is suspended, and was so before.
func (s *since) sleeps(k *flux.Kustomization) bool {
	old := s.appliers[k]
	return flux.Suspended(k.Object) && (old == nil || flux.Suspended(old.Object))
}

// elsewhere is a part of the spec of a Kustomization that differs, and by which it
// applies something else, or to another cluster; "" when none does.
func (s *since) elsewhere(k *flux.Kustomization) string {
	if old := s.appliers[k]; old != nil {
		for _, key := range flux.SpecOf(k.Object, old.Object) {
			if key == "sourceRef" || key == "kubeConfig" {
				return "spec." + key
			}
		}
	}
	return ""
}

// images says that a Kustomization puts other images into a workload, which is
// not followed here.
func (s *since) images(o *kustomize.Object, b *flux.Build) *stop {
	if k := b.Kustomization; k != nil && s.releases[o] == nil && s.appliers[k] != nil && slices.Contains(flux.SpecOf(k.Object, s.appliers[k].Object), "images") {
		return untold(fmt.Sprintf("spec.images of Kustomization %s changes: the pods of %s %s roll where one of its images does", k.Name, o.Kind, o.Name), "")
	}
	return nil
}

func fails(why string) *stop {
	st := nothing("the build fails: "+why+": nothing of it is applied, and nothing deleted", "the build fails")
	st.fails = true
	return st
}

// mended says that a build failed before: then what is in the cluster is not what
// the earlier tree says.
func (s *since) mended(b *flux.Build) *stop {
	old := s.builds[b]
	if old == nil {
		return nil
	}
	if why := s.before.Graph.Failing(old); why != "" {
		return untold("the build failed before: "+why+": what is in the cluster is not known", "the build failed before")
	}
	return nil
}

// above says whether a change of a Kustomization, or a new one, comes to nothing
// because of the one that applies it.
func (s *since) above(k, old *flux.Kustomization) *stop {
	if old != nil {
		if _, differs := flux.Changed(k.Object, old.Object); !differs {
			return nil
		}
	}
	by := k.Parent
	switch {
	case by == nil || k.Above() == nil && by.Kustomization != nil:
		return nil
	case s.Graph.Failing(by) != "" && old == nil:
		return fails(s.Graph.Failing(by))
	case by.Kustomization == nil || !flux.Suspended(by.Kustomization.Object):
		return nil
	case old == nil:
		return paused(by.Kustomization.Object)
	}
	return untold(fmt.Sprintf("Kustomization %s changes, and Kustomization %s, which applies it, is suspended", k.Name, by.Kustomization.Name), "Kustomization "+by.Kustomization.Name+" is suspended")
}

// takenOver is what comes of an object that another Kustomization applies now.
func (s *since) takenOver(o *kustomize.Object, b, old *flux.Build) *stop {
	if old.Kustomization == nil {
		return untold(fmt.Sprintf("Kustomization %s applies %s %s from now on: what applied it before is not known", b.Kustomization.Name, o.Kind, o.Name), "what applied it before is not known")
	}
	return untold(fmt.Sprintf("%s %s moves from Kustomization %s to %s: it is deleted and made anew where the first prunes before the second applies", o.Kind, o.Name, old.Kustomization.Name, b.Kustomization.Name), "it moves to another Kustomization")
}

// twin is another Kustomization of the same cluster that applies an object of the
// same name in a tree; nil when there is none.
func (s *since) twin(ids map[objectID][]*flux.Build, o *kustomize.Object, b *flux.Build) *flux.Kustomization {
	if b.Kustomization == nil {
		return nil
	}
	for _, other := range ids[idOf(o)] {
		if k := other.Kustomization; k != nil && k.ID() != b.Kustomization.ID() && cluster(k) == cluster(b.Kustomization) {
			return k
		}
	}
	return nil
}

// unapplied says whether nothing of the tree applies an object, where Flux
// applies others.
func (s *since) unapplied(o *kustomize.Object, b *flux.Build) bool {
	if b.Kustomization != nil || s.counterpart(o) != nil || !b.Loose {
		return false
	}
	return slices.ContainsFunc(s.Graph.Builds, func(other *flux.Build) bool { return !other.Loose })
}

// unclaimed says whether an object is new in a kustomization that no Kustomization
// applies, where the tree holds Kustomizations that do apply others.
func (s *since) unclaimed(o *kustomize.Object, b *flux.Build) bool {
	return b.Kustomization == nil && !b.Loose && s.counterpart(o) == nil && len(s.Graph.Kustomizations) > 0
}

// skipped says whether an object of a build that no Kustomization applies is told
// by what it was before: something applied it, and does so no more.
func (s *since) skipped(o *kustomize.Object, b *flux.Build) bool {
	return b.Kustomization == nil && s.counterpart(o) == nil && s.dropped[written(o)]
}

// removal says what becomes of an object that the tree builds no more.
func (s *since) removal(old *kustomize.Object, b *flux.Build) flux.Verdict {
	if v, ok := s.stays(old, b); ok {
		return v
	}
	if k := s.twin(s.idsNow, old, b); k != nil {
		return untold(fmt.Sprintf("Kustomization %s applies %s %s no more, and Kustomization %s does", b.Kustomization.Name, old.Kind, old.Name, k.Name), "").Verdict
	}
	why := old.Kind + " " + old.Name + " is gone: it is deleted where its Kustomization prunes"
	if s.was[old] != nil && flux.Suspended(old) {
		why += "; as it is suspended, Helm uninstalls nothing"
	}
	return flux.Verdict{When: flux.Immediate, Why: why}
}

// stays says why an object that the tree builds no more is not deleted, or why
// that cannot be told.
func (s *since) stays(old *kustomize.Object, b *flux.Build) (flux.Verdict, bool) {
	k, now := b.Kustomization, s.oldBuild[b]
	switch {
	case now != nil && s.Graph.Failing(now) != "" && (k == nil || !s.sleeps(now.Kustomization)):
		return fails(s.Graph.Failing(now)).Verdict, true
	case now == nil && k != nil:
		return s.orphaned(old, k)
	case b.Loose && s.Graph.BrokenAt(old.File) != "":
		return untold(s.Graph.BrokenAt(old.File), "").Verdict, true
	case b.Loose && slices.ContainsFunc(s.before.Graph.Builds, func(other *flux.Build) bool { return !other.Loose }):
		return nothing(fmt.Sprintf("%s %s is gone: no Kustomization and no kustomization of this tree applied it", old.Kind, old.Name), "").Verdict, true
	case now == nil || now.Kustomization == nil:
		return flux.Verdict{}, false
	}
	switch st := s.buildStops(now); {
	case s.sleeps(now.Kustomization):
		return undeleted(now.Kustomization), true
	case st != nil && st.When != flux.Immediate:
		return st.Verdict, true
	case !s.Graph.Prunes(now.Kustomization, old):
		return kept(old, now.Kustomization), true
	}
	return flux.Verdict{}, false
}

// orphaned is stays for an object whose Kustomization builds nothing more.
func (s *since) orphaned(old *kustomize.Object, k *flux.Kustomization) (flux.Verdict, bool) {
	now := s.oldKs[k]
	switch {
	case now != nil && s.sleeps(now):
		return undeleted(now), true
	case now != nil && s.Graph.NoFolder(now):
		return fails(s.Graph.Unapplied(now)).Verdict, true
	case now != nil:
		return untold(s.Graph.Unapplied(now), "").Verdict, true
	case s.Graph.BrokenAt(k.File) != "":
		return nothing(s.Graph.BrokenAt(k.File)+": Kustomization "+k.Name+" stays as it is, and applies what it did", "").Verdict, true
	case flux.Suspended(k.Object):
		return nothing(fmt.Sprintf("Kustomization %s is gone while it is suspended: nothing of it is deleted", k.Name), "").Verdict, true
	case !s.before.Graph.Prunes(k, old):
		return kept(old, k), true
	}
	if by := s.oldBuild[k.Parent]; k.Parent != nil && by != nil && by.Kustomization != nil {
		if st := s.buildStops(by); st != nil && st.When == flux.Nothing {
			return st.Verdict, true
		}
	}
	return flux.Verdict{}, false
}

// undeleted is what becomes of what a suspended Kustomization builds no more.
func undeleted(k *flux.Kustomization) flux.Verdict {
	v := paused(k.Object).Verdict
	v.Why = "Kustomization " + k.Name + " is suspended: nothing is deleted"
	return v
}

func kept(o *kustomize.Object, k *flux.Kustomization) flux.Verdict {
	return flux.Verdict{When: flux.Nothing, Why: fmt.Sprintf("%s %s is gone from the tree, and stays in the cluster: it is not pruned by Kustomization %s", o.Kind, o.Name, k.Name)}
}
