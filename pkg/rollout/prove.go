package rollout

import (
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// A patch may take away what an update writes into a manifest, or put something
// else in its place. What comes of a checksum is seen by building once more.

// lost are the rules whose checksum ends up in none of their releases, after an
// update has written it.
func (p *Proposal) lost(plan *fluxsum.Plan, after *flux.Graph) map[string]*failure {
	bad := map[string]*failure{}
	if after == nil {
		return bad
	}
	computed := map[string]string{}
	for _, res := range plan.Results {
		computed[res.Rule] = res.Computed
	}
	for _, r := range p.Rules {
		if f := p.lostFrom(r, after, computed[r.Name]); f != nil {
			bad[r.Name] = f
		}
	}
	return bad
}

// mayBeLost says whether a kustomization may change what a rule writes. An adopted
// checksum is known to end up where it stands.
func mayBeLost(r Proposed) bool {
	return slices.ContainsFunc(r.releases, func(release *flux.Release) bool { return !release.Build.Loose })
}

// lostFrom says why none of the releases of a rule shows its checksum; nil when
// one does, or when that cannot be told.
func (p *Proposal) lostFrom(r Proposed, after *flux.Graph, computed string) *failure {
	var why *failure
	for _, release := range r.releases {
		o := p.twin(release, after)
		if o == nil {
			return nil
		}
		s := flux.Spot{Object: o, Path: []string{"metadata", "annotations"}, Key: flux.RequestedAt}
		at, shown := after.ShownAt(s)
		if at.Value == computed {
			return nil
		}
		why = &failure{why: lostWhy(o, at, shown)}
	}
	return why
}

// twin is a release after the changes: an edit of annotations makes no release
// more, and none less.
func (p *Proposal) twin(release *flux.Release, after *flux.Graph) *kustomize.Object {
	i := slices.Index(p.before.Releases, release)
	if i < 0 || len(after.Releases) != len(p.before.Releases) {
		return nil
	}
	if o := after.Releases[i]; o.Name == release.Name && o.Namespace == release.Namespace && o.File == release.File {
		return o.Object
	}
	return nil
}
