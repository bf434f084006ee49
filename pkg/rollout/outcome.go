package rollout

import (
	"cmp"
	"fmt"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

func outcomeOf(o *kustomize.Object, b *flux.Build) Outcome {
	return Outcome{Kind: o.Kind, Name: o.Name, Namespace: o.Namespace, Interval: flux.Interval(o), AppliedBy: kustomizationHop(b), ID: identity(o, b), Hurry: []string{}, Confirm: []Check{}}
}

// outcome is what happens to a reader when the files of a story change.
func (r *Rollout) outcome(s *Story, reader flux.Reader, before *flux.Graph) Outcome {
	object := reader.Object()
	build := buildOf(reader)
	o := outcomeOf(object, build)
	var rule string
	if o.Verdict, rule = r.readerVerdict(reader); rule != s.Rule && rule != "" {
		o.Verdict.Why += " (by rule " + rule + ")"
	}
	if o.Hurry = []string{}; pausedOn(reader) == nil && r.leftAlone(reader) == "" {
		o.Hurry = hurry(r.asApplied(object, build), !wakes(o.Verdict), reader.Reference.Build, build)
	}
	handled := ""
	for _, m := range r.marks {
		for _, c := range m.objects {
			if (m.Rule == s.Rule || m.Rule == rule) && c.Object == object && token(c, m) != "" {
				handled = token(c, m)
			}
		}
	}
	digest := ""
	if reader.Release != nil {
		o.Upgrade = r.upgrade(reader.Release, before)
		digest = o.Upgrade.Digest
		if by := pausedOn(reader); by != nil {
			o.Upgrade.Will, o.Upgrade.Why = "no", "not while "+by.Kind+" "+by.Name+" is suspended"
		}
	}
	o.Confirm = confirm(r.asApplied(object, build), handled, digest, flux.PreservesValues(object))
	return o
}

// asApplied is an object with the names that it has in the cluster, where these are
// known.
func (r *Rollout) asApplied(o *kustomize.Object, b *flux.Build) *kustomize.Object {
	name, namespace, ok := r.Graph.AppliedName(b, o)
	if !ok {
		return o
	}
	named := *o
	named.Name, named.Namespace = name, namespace
	return &named
}

func buildOf(reader flux.Reader) *flux.Build {
	if reader.Release != nil {
		return reader.Release.Build
	}
	return reader.Workload.Build
}

// readerVerdict is what a change of what a reader reads does to it, and the rule
// whose checksum does that.
func (r *Rollout) readerVerdict(reader flux.Reader) (v flux.Verdict, byRule string) {
	if v, ok := r.unasked(reader); ok {
		return v, ""
	}
	best, rule := r.neverWoken(reader), ""
	for _, file := range r.Graph.SourcesOf(reader.Reference) {
		for _, i := range r.ofFile[file] {
			for _, c := range r.marks[i].objects {
				if c.Object == reader.Object() && weight(c.verdict) >= weight(best) {
					best, rule = c.verdict, r.marks[i].Rule
				}
			}
		}
	}
	if v, ok := r.byLabel(reader); ok && !wakes(best) {
		return v, ""
	}
	return best, rule
}

// unasked is what happens to a reader whatever its checksums are: nothing while
// it is suspended, or left alone, and a rollout when the name of what it reads ends in a hash.
func (r *Rollout) unasked(reader flux.Reader) (v flux.Verdict, ok bool) {
	ref := reader.Reference
	if by := pausedOn(reader); by != nil {
		return paused(by).Verdict, true
	}
	if why := r.leftAlone(reader); why != "" {
		return flux.Verdict{When: flux.Nothing, Why: why}, true
	}
	if !ref.ByHash() {
		return v, false
	}
	return r.hashVerdict(reader), true
}

// leftAlone says that kustomize-controller leaves a reader alone, or what it reads.
func (r *Rollout) leftAlone(reader flux.Reader) string {
	why := r.Graph.LeftAlone(reader.Object())
	if why != "" && reader.Release != nil {
		return why + "; the one in the cluster reads new values at its own interval"
	}
	return cmp.Or(why, r.Graph.LeftAlone(reader.Reference.Object))
}

// hashVerdict is what a change of the content does whose hash is in the name.
func (r *Rollout) hashVerdict(reader flux.Reader) flux.Verdict {
	ref, o, when := reader.Reference, reader.Object(), flux.Immediate
	if reader.Workload != nil {
		when = flux.PodsRoll
	}
	filled := ""
	if len(r.Graph.Filled(ref.Source())) > 0 {
		filled = "; the hash does not see what postBuild fills in"
	}
	return flux.Verdict{When: when, Why: fmt.Sprintf("the name of %s %s ends in the hash of its content, and kustomize writes it into %s %s: no checksum is needed%s", ref.Kind, ref.Object.Name, o.Kind, o.Name, filled)}
}

// byLabel is what the label on what a release reads does.
func (r *Rollout) byLabel(reader flux.Reader) (v flux.Verdict, ok bool) {
	ref := reader.Reference
	place, watched := r.Graph.Watched(ref.Object)
	if !watched || reader.Release == nil {
		return v, false
	}
	return flux.Verdict{When: flux.Immediate, Why: fmt.Sprintf("%s %s carries %s: Enabled (%s): Flux 2.7 and later act on each change by themselves, older ones at the next interval", ref.Kind, ref.Object.Name, flux.WatchLabel, where(place))}, true
}

// pausedOn is what is suspended on the way to a reader; nil when nothing is.
func pausedOn(reader flux.Reader) *kustomize.Object {
	return pausedBy(reader.Object(), reader.Reference.Build, buildOf(reader))
}

// pausedBy is what is suspended: a Kustomization that applies something of it, or an
// object of Flux itself; nil when nothing is.
func pausedBy(o *kustomize.Object, builds ...*flux.Build) *kustomize.Object {
	for _, b := range builds {
		if b != nil && b.Kustomization != nil && flux.Suspended(b.Kustomization.Object) {
			return b.Kustomization.Object
		}
	}
	if flux.Resource(o.Kind) != "" && flux.Suspended(o) {
		return o
	}
	return nil
}

// neverWoken is what happens to a reader without any checksum.
func (r *Rollout) neverWoken(reader flux.Reader) flux.Verdict {
	if reader.Release != nil {
		return flux.Verdict{When: flux.NextInterval, Why: "no checksum wakes it: " + untilNext(reader), Instead: proposes}
	}
	o := reader.Workload
	if o.Kind == "CronJob" || o.Kind == "Job" {
		return flux.VerdictOf(flux.Subject{Kind: o.Kind, Name: o.Name}, []string{"spec"}, "")
	}
	return flux.Verdict{When: flux.Nothing, Why: "no checksum in its pod template: the pods keep running, with the old variables; a mounted file changes below them", Instead: "path: spec.template.metadata.annotations"}
}
