package rollout

import (
	"cmp"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Impact is a source file that differs from an earlier tree, and what comes of
// it. Its JSON form is that of `diff --range -o json`.
type Impact struct {
	// File is "" for releases that change by their own manifests.
	File  string       `json:"file,omitempty"`
	Rules []RuleImpact `json:"rules"`
	// Rollouts are the releases and workloads that read the file, or carry its
	// checksum.
	Rollouts []Outcome `json:"rollouts"`
}

// RuleImpact is a rule that watches a file.
type RuleImpact struct {
	Rule  string        `json:"rule"`
	State fluxsum.State `json:"state"` // the worst of its places
	// Before and Recorded are what stands in its first place in the two trees.
	Before   string `json:"before"`
	Recorded string `json:"recorded"`
}

// Impacts says what comes of the files that differ from an earlier tree: of those
// that are sources in one of the trees. At the end stand the releases whose own
// manifests make them differ.
func (r *Rollout) Impacts(before *Rollout, changed []string) []Impact {
	all := []Impact{}
	told := map[*kustomize.Object]bool{}
	for _, file := range changed {
		i := Impact{File: file, Rules: r.rulesOf(file, before), Rollouts: r.rolloutsOf(file, before, told)}
		if len(i.Rules)+len(i.Rollouts) > 0 || len(r.Graph.Chains(file))+len(before.Graph.Chains(file)) > 0 {
			all = append(all, i)
		}
	}
	if own := r.ownChanges(before, told); len(own) > 0 {
		all = append(all, Impact{Rules: []RuleImpact{}, Rollouts: own})
	}
	return all
}

func (r *Rollout) rulesOf(file string, before *Rollout) []RuleImpact {
	all := []RuleImpact{}
	for _, name := range r.watching(file) {
		i := RuleImpact{Rule: name, State: fluxsum.OK}
		for _, m := range r.marks {
			if m.Rule == name && (i.Recorded == "" || worse(m.State, i.State)) {
				i.Recorded, i.State = m.Recorded, m.State
			}
		}
		for _, m := range before.marks {
			if m.Rule == name && i.Before == "" {
				i.Before = m.Recorded
			}
		}
		all = append(all, i)
	}
	return all
}

func worse(a, b fluxsum.State) bool {
	order := []fluxsum.State{fluxsum.OK, fluxsum.Stale, fluxsum.Missing, fluxsum.Failed}
	return slices.Index(order, a) > slices.Index(order, b)
}

// rolloutsOf are the releases and workloads that read a file in one of the trees,
// and what else carries its checksum.
func (r *Rollout) rolloutsOf(file string, before *Rollout, told map[*kustomize.Object]bool) []Outcome {
	all := []Outcome{}
	here := map[*kustomize.Object]bool{}
	for _, c := range r.Graph.Chains(file) {
		for _, reader := range c.Readers {
			if o := reader.Object(); !here[o] {
				here[o], told[o] = true, true
				all = append(all, r.becomes(reader, file, before.Graph))
			}
		}
	}
	for _, i := range r.ofFile[file] {
		for _, c := range r.marks[i].objects {
			if !here[c.Object] && (len(here) == 0 || wakes(c.verdict)) {
				here[c.Object], told[c.Object] = true, true
				all = append(all, r.carries(c, before.Graph))
			}
		}
	}
	return append(all, r.gone(file, before, told)...)
}

// becomes is what the change of the tree does to a reader of a file.
func (r *Rollout) becomes(reader flux.Reader, file string, before *flux.Graph) Outcome {
	object, build := reader.Object(), buildOf(reader)
	o := outcomeOf(object, build)
	o.Verdict = r.verdictSince(reader, file, counterpart(object, build, before))
	if reader.Release != nil {
		o.Upgrade = r.upgradeSince(reader.Release, before)
	}
	return o
}

// verdictSince is what Flux does to a reader: by itself, because its object is
// another one than before, or because of a label.
func (r *Rollout) verdictSince(reader flux.Reader, file string, old *kustomize.Object) flux.Verdict {
	if v, ok := r.unasked(reader); ok {
		return v
	}
	if old == nil {
		return isNew(reader.Object())
	}
	changed, ok := flux.Changed(reader.Object(), old)
	if ok && wakes(changed) {
		return changed
	}
	if v, ok := r.byLabel(reader); ok {
		return v
	}
	v := r.neverWoken(reader)
	if ok && weight(changed) >= weight(v) {
		v.Why = changed.Why
	}
	if rule := r.staleRule(reader.Object(), file); rule != "" {
		v.Why, v.Instead = "the checksum of rule "+rule+" is not written, without which "+untilNext(reader), "fluxsum update"
	}
	return v
}

// untilNext is what a reader does that nothing wakes.
func untilNext(reader flux.Reader) string {
	if reader.Release == nil {
		return "the pods keep running as they are"
	}
	return "helm-controller reads new values only at its next interval, within " + cmp.Or(reader.Release.Interval, "its interval")
}

// staleRule is a rule whose checksum of a file, on an object, is not true.
func (r *Rollout) staleRule(o *kustomize.Object, file string) string {
	for _, i := range r.ofFile[file] {
		m := r.marks[i]
		onIt := slices.ContainsFunc(m.objects, func(c carried) bool { return c.Object == o })
		if onIt && (m.State == fluxsum.Stale || m.State == fluxsum.Missing) {
			return m.Rule
		}
	}
	return ""
}

func isNew(o *kustomize.Object) flux.Verdict {
	return flux.Verdict{When: flux.Immediate, Why: o.Kind + " " + o.Name + " is new: it is there as soon as it is applied"}
}

// carries is what the change of the tree does to an object that carries a
// checksum.
func (r *Rollout) carries(c carried, before *flux.Graph) Outcome {
	o := outcomeOf(c.Object, c.build)
	old := counterpart(c.Object, c.build, before)
	if o.Verdict = isNew(c.Object); old != nil {
		v, ok := flux.Changed(c.Object, old)
		if o.Verdict = v; !ok {
			o.Verdict = flux.Verdict{When: flux.Nothing, Why: c.Kind + " " + c.Name + " stays as it is"}
		}
	}
	if release := r.releaseOf(c.Object); release != nil {
		o.Upgrade = r.upgradeSince(release, before)
	}
	return o
}

func (r *Rollout) releaseOf(o *kustomize.Object) *flux.Release {
	i := slices.IndexFunc(r.Graph.Releases, func(release *flux.Release) bool { return release.Object == o })
	if i < 0 {
		return nil
	}
	return r.Graph.Releases[i]
}

// upgradeSince says whether Helm upgrades a release because of the change of the
// tree. It is told once for all files that the release reads.
func (r *Rollout) upgradeSince(release *flux.Release, before *flux.Graph) *Upgrade {
	if known := r.upgrades[release]; known != nil {
		return known
	}
	u := r.compared(release, before)
	if release.Suspended {
		u.Will, u.Why = "no", "it is suspended"
	} else if oldRelease(release, before) == nil {
		u.Will, u.Why = "yes", "Helm will install it"
	}
	r.upgrades[release] = u
	return u
}

// gone are the readers of a file in the earlier tree that are in this one no
// more.
func (r *Rollout) gone(file string, before *Rollout, told map[*kustomize.Object]bool) []Outcome {
	var all []Outcome
	for _, c := range before.Graph.Chains(file) {
		for _, reader := range c.Readers {
			object, build := reader.Object(), buildOf(reader)
			if !told[object] && counterpart(object, build, r.Graph) == nil {
				told[object] = true
				all = append(all, removed(object, build))
			}
		}
	}
	return all
}

func removed(object *kustomize.Object, build *flux.Build) Outcome {
	o := outcomeOf(object, build)
	o.Verdict = flux.Verdict{When: flux.Immediate, Why: object.Kind + " " + object.Name + " is gone: it is deleted where its Kustomization prunes"}
	return o
}

// ownChanges are the releases that differ, beside those that were told.
func (r *Rollout) ownChanges(before *Rollout, told map[*kustomize.Object]bool) []Outcome {
	var all []Outcome
	for _, release := range r.Graph.Releases {
		if told[release.Object] {
			continue
		}
		o := outcomeOf(release.Object, release.Build)
		old := counterpart(release.Object, release.Build, before.Graph)
		v, ok := isNew(release.Object), true
		if old != nil {
			v, ok = flux.Changed(release.Object, old)
		}
		if ok {
			o.Verdict, o.Upgrade = v, r.upgradeSince(release, before.Graph)
			all = append(all, o)
		}
	}
	for _, old := range before.Graph.Releases {
		if !told[old.Object] && counterpart(old.Object, old.Build, r.Graph) == nil {
			all = append(all, removed(old.Object, old.Build))
		}
	}
	return all
}

// counterpart is the same object in another tree, applied in the same way.
func counterpart(o *kustomize.Object, b *flux.Build, other *flux.Graph) *kustomize.Object {
	for _, build := range other.Builds {
		if applier(build) != applier(b) {
			continue
		}
		for _, old := range build.Objects {
			if old.Kind == o.Kind && old.Name == o.Name && old.Namespace == o.Namespace && old.Group() == o.Group() {
				return old
			}
		}
	}
	return nil
}
