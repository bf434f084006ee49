package rollout

import (
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// ownChanges are the releases and workloads that differ, beside those that were
// told, and the rules whose checksums on them do.
func (s *since) ownChanges() ([]Outcome, []RuleImpact) {
	t := &telling{s, "", map[*kustomize.Object]bool{}, nil}
	for _, release := range s.Graph.Releases {
		t.own(release.Object, release.Build)
	}
	for _, w := range s.Graph.Workloads {
		t.own(w.Object, w.Build)
	}
	for _, old := range s.before.Graph.Releases {
		t.ownBefore(old.Object, old.Build)
	}
	for _, old := range s.before.Graph.Workloads {
		t.ownBefore(old.Object, old.Build)
	}
	return t.all, s.movedOn(t.here)
}

// own tells of an object when its own manifest or its Kustomization changes it.
func (t *telling) own(o *kustomize.Object, b *flux.Build) {
	if !t.told[o] && !t.skipped(o, b) && t.touched(o, b) {
		t.tell(o, func() Outcome { return t.becomes(o, b, "") })
	}
}

// touched says whether anything of the change of the tree reaches an object that
// no source was told of.
func (s *since) touched(o *kustomize.Object, b *flux.Build) bool {
	old := s.counterpart(o)
	if old == nil || s.newlyStopped(b) || s.refilled(o, b) || s.freedRead(o) || s.images(o, b) != nil {
		return true
	}
	v, ok := s.change(o, old)
	if s.releases[o] == nil {
		ok = ok && v.When == flux.PodsRoll
	}
	return ok || s.byNewHash(o)
}

// change is flux.Changed, told once for each object.
func (s *since) change(o, old *kustomize.Object) (v flux.Verdict, ok bool) {
	if known, told := s.changes[o]; told {
		return known.Verdict, known.differs
	}
	v, ok = flux.Changed(o, old)
	s.changes[o] = change{v, ok}
	return v, ok
}

// newlyStopped says whether a build, and all that it applies, comes to a halt or
// goes on with this change.
func (s *since) newlyStopped(b *flux.Build) bool {
	old := s.builds[b]
	if old == nil {
		return false
	}
	if (s.Graph.Failing(b) == "") != (s.before.Graph.Failing(old) == "") {
		return true
	}
	k, was := b.Kustomization, old.Kustomization
	return k != nil && was != nil && (flux.Suspended(k.Object) != flux.Suspended(was.Object) || s.elsewhere(k) != "")
}

func (t *telling) ownBefore(old *kustomize.Object, b *flux.Build) {
	if !t.told[old] && t.heir(old).Object == nil && !t.stillWritten(old, b) {
		t.told[old] = true
		t.all = append(t.all, t.removed(old, b))
	}
}

// stillWritten says whether an object that no Kustomization applied stands in its
// manifest as before, and another build tells of it now.
func (s *since) stillWritten(old *kustomize.Object, b *flux.Build) bool {
	return b.Kustomization == nil && (b.Loose || s.oldBuild[b] == nil) && s.writes[written(old)]
}
