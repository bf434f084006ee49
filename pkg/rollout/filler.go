package rollout

import (
	"fmt"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// fillers tells of the Kustomizations whose postBuild fills in what stands in the
// ConfigMaps and Secrets of a story.
func (r *Rollout) fillers(s *Story, told map[*kustomize.Object]bool) {
	for _, file := range s.Files {
		for _, c := range r.Graph.Chains(file) {
			for _, k := range r.Graph.Fillers(c.Object) {
				if !told[k.Object] {
					told[k.Object] = true
					s.Rollouts = append(s.Rollouts, r.filler(s, k, c.Object))
				}
			}
		}
	}
}

func (r *Rollout) filler(s *Story, k flux.Spot, from *kustomize.Object) Outcome {
	if o, ok := r.wokenFiller(s, k); ok {
		return o
	}
	o := outcomeOf(k.Object, k.Build)
	if by := pausedBy(k.Object, k.Build); by != nil {
		o.Verdict = paused(by).Verdict
		return o
	}
	o.Verdict = r.fillerVerdict(k.Object, from)
	o.Hurry = hurry(k.Object, !wakes(o.Verdict), k.Build)
	return o
}

// wokenFiller is the outcome where a checksum of the files wakes the Kustomization.
func (r *Rollout) wokenFiller(s *Story, k flux.Spot) (o Outcome, ok bool) {
	for _, file := range s.Files {
		for _, i := range r.ofFile[file] {
			for _, c := range r.marks[i].objects {
				if c.Object != k.Object || !wakes(c.verdict) {
					continue
				}
				if o = r.carrier(c, r.marks[i]); r.marks[i].Rule != s.Rule {
					o.Verdict.Why += " (by rule " + r.marks[i].Rule + ")"
				}
				return o, true
			}
		}
	}
	return o, false
}

// fillerVerdict is what a change of what a Kustomization fills in does to it, when no
// checksum wakes it.
func (r *Rollout) fillerVerdict(k, from *kustomize.Object) flux.Verdict {
	if place, watched := r.Graph.Watched(from); watched {
		return flux.Verdict{When: flux.Immediate, Why: fmt.Sprintf("%s %s carries %s: Enabled (%s): Flux 2.7 and later fill it in anew by themselves, older ones at the next interval", from.Kind, from.Name, flux.WatchLabel, where(place))}
	}
	why := fmt.Sprintf("Kustomization %s fills in %s %s (substituteFrom), and reads it at its next interval", k.Name, from.Kind, from.Name)
	if interval := flux.Interval(k); interval != "" {
		why += ", within " + interval
	}
	return flux.Verdict{When: flux.NextInterval, Why: why, Instead: "the label " + flux.WatchLabel + ": Enabled on it, or a rule with annotation: " + flux.RequestedAt + " on the Kustomization"}
}
