package rollout

import (
	"cmp"
	"maps"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Impact is a source file that differs from an earlier tree, and what comes of
// it. Its JSON form is that of `diff --range -o json`.
type Impact struct {
	// File is "" for releases and workloads that change by their own manifests.
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
// that are sources in one of the trees. At the end stand the releases and
// workloads whose own manifests, or whose Kustomizations, make them differ.
func (r *Rollout) Impacts(before *Rollout, changed []string) []Impact {
	s := newSince(r, before, changed)
	all := []Impact{}
	for _, file := range changed {
		i := Impact{File: file, Rules: s.rulesOf(file), Rollouts: s.rolloutsOf(file)}
		if len(i.Rules)+len(i.Rollouts) > 0 || len(r.Graph.Chains(file))+len(before.Graph.Chains(file)) > 0 {
			all = append(all, i)
		}
	}
	if own, rules := s.ownChanges(); len(own) > 0 {
		all = append(all, Impact{Rules: rules, Rollouts: own})
	}
	return all
}

func (s *since) rulesOf(file string) []RuleImpact {
	all := []RuleImpact{}
	for _, name := range s.watching(file) {
		all = append(all, s.ruleImpact(name))
	}
	return all
}

func (s *since) ruleImpact(name string) RuleImpact {
	i := RuleImpact{Rule: name, State: fluxsum.OK, Before: s.recorded[name]}
	for _, n := range s.ofRule[name] {
		if m := s.marks[n]; i.Recorded == "" || worse(m.State, i.State) {
			i.Recorded, i.State = m.Recorded, m.State
		}
	}
	return i
}

// movedOn are the rules on some objects whose checksums are not those of before.
func (s *since) movedOn(objects map[*kustomize.Object]bool) []RuleImpact {
	moved := map[string]bool{}
	for o := range objects {
		for _, i := range s.marksOn[o] {
			if m := s.marks[i]; m.Recorded != s.recorded[m.Rule] {
				moved[m.Rule] = true
			}
		}
	}
	all := []RuleImpact{}
	for _, name := range slices.Sorted(maps.Keys(moved)) {
		all = append(all, s.ruleImpact(name))
	}
	return all
}

func worse(a, b fluxsum.State) bool {
	order := []fluxsum.State{fluxsum.OK, fluxsum.Stale, fluxsum.Missing, fluxsum.Failed}
	return slices.Index(order, a) > slices.Index(order, b)
}

// telling gathers the outcomes of a file, each object once.
type telling struct {
	*since
	file string
	here map[*kustomize.Object]bool
	all  []Outcome
}

// tell adds the outcome of an object of this tree.
func (t *telling) tell(o *kustomize.Object, outcome func() Outcome) {
	if !t.here[o] {
		t.here[o], t.told[o] = true, true
		t.all = append(t.all, outcome())
	}
}

// rolloutsOf are the releases and workloads that read a file in one of the trees,
// and what else carries its checksum.
func (s *since) rolloutsOf(file string) []Outcome {
	t := &telling{s, file, map[*kustomize.Object]bool{}, []Outcome{}}
	t.readersNow()
	t.carriersNow()
	t.readersBefore()
	t.carriersBefore()
	t.refilledBy()
	return t.all
}

func (t *telling) readersNow() {
	for _, c := range t.Graph.Chains(t.file) {
		for _, reader := range c.Readers {
			o, b := reader.Object(), buildOf(reader)
			if !t.skipped(o, b) {
				t.tell(o, func() Outcome { return t.becomes(o, b, t.file) })
			}
		}
	}
}

func (t *telling) carriersNow() {
	read := len(t.here) > 0
	for _, i := range t.ofFile[t.file] {
		for _, c := range t.marks[i].objects {
			if (!read || wakes(c.verdict)) && !t.skipped(c.Object, c.build) {
				t.tell(c.Object, func() Outcome { return t.becomes(c.Object, c.build, t.file) })
			}
		}
	}
}

// readersBefore are those that read the file no more, or are gone.
func (t *telling) readersBefore() {
	for _, c := range t.before.Graph.Chains(t.file) {
		for _, reader := range c.Readers {
			t.since.beforeNow(t, reader.Object(), buildOf(reader))
		}
	}
}

// carriersBefore are those that carried a checksum of the file, of a rule that is
// gone.
func (t *telling) carriersBefore() {
	for _, i := range t.before.ofFile[t.file] {
		if m := t.before.marks[i]; len(t.ofRule[m.Rule]) == 0 {
			for _, c := range m.objects {
				t.since.beforeNow(t, c.Object, c.build)
			}
		}
	}
}

// beforeNow tells what an object of the earlier tree is now.
func (s *since) beforeNow(t *telling, old *kustomize.Object, b *flux.Build) {
	switch now := s.heir(old); {
	case now.Object != nil:
		t.tell(now.Object, func() Outcome { return s.becomes(now.Object, now.build, t.file) })
	case !s.told[old] && !s.stillWritten(old, b):
		s.told[old] = true
		t.all = append(t.all, s.removed(old, b))
	}
}

// heir is what an object of the earlier tree is in this one.
func (s *since) heir(old *kustomize.Object) placed {
	if now := s.news[old]; now.Object != nil {
		return now
	}
	return s.left[old]
}

func (s *since) removed(old *kustomize.Object, b *flux.Build) Outcome {
	o := outcomeOf(old, b)
	o.Verdict = s.removal(old, b)
	o.Gone = o.Verdict.When == flux.Immediate
	return o
}

// becomes is what the change of the tree does to an object; file is that of which
// it is told, "" for none.
func (s *since) becomes(o *kustomize.Object, b *flux.Build, file string) Outcome {
	out := outcomeOf(o, b)
	release := s.releases[o]
	if st := s.stops(o, b); st != nil {
		out.Verdict, out.Fails = st.Verdict, st.fails
		if release != nil {
			out.Upgrade = s.stopped(release, st)
		}
		return out
	}
	if old := s.counterpart(o); old == nil {
		out.Verdict = isNew(o)
	} else {
		out.Verdict = s.verdict(o, old, b, file)
	}
	if release != nil {
		out.Upgrade = s.upgradeSince(release)
		out.Confirm = confirm(o, s.requested(o), out.Upgrade.Digest, flux.PreservesValues(o))
	}
	return out
}

// requested is the checksum that wakes a release, as it stands now; "" for none.
func (s *since) requested(o *kustomize.Object) string {
	for _, i := range s.marksOn[o] {
		for _, c := range s.marks[i].objects {
			if m := s.marks[i]; c.Object == o && !c.lost && c.spot.Key == flux.RequestedAt && m.State == fluxsum.OK {
				return m.Recorded
			}
		}
	}
	return ""
}

func isNew(o *kustomize.Object) flux.Verdict {
	return flux.Verdict{When: flux.Immediate, Why: o.Kind + " " + o.Name + " is new: it is there as soon as it is applied"}
}

// verdict is what Flux does to an object that is in both trees: because it is
// another one than before, because of a hash in a name or because of a label.
func (s *since) verdict(o, old *kustomize.Object, b *flux.Build, file string) flux.Verdict {
	best, differs := s.change(o, old)
	if v, ok := s.refillsItself(o, b); ok && (!differs || weight(v) > weight(best)) {
		best, differs = v, true
	}
	if v, ok := s.byHash(o); ok && (!differs || weight(v) > weight(best)) {
		return v
	}
	if differs && wakes(best) {
		return best
	}
	if v, ok := s.labelled(o); ok {
		return v
	}
	reader, reads := s.newlyRead(o)
	if !reads && !differs {
		return s.unmoved(o, file)
	}
	if !reads {
		return best
	}
	if st := s.arrives(reader.Reference); st != nil {
		return st.Verdict
	}
	return s.asleep(o, reader, file, best, differs)
}

// asleep is what comes of an object that reads something else than before, and
// that nothing wakes.
func (s *since) asleep(o *kustomize.Object, reader flux.Reader, file string, changed flux.Verdict, differs bool) flux.Verdict {
	if v, ok := s.refillVerdict(o, reader); ok {
		return v
	}
	stale := s.staleMark(o, file)
	if stale == nil {
		if v, ok := s.unmovedChecksum(o, file); ok {
			return v
		}
		if v, ok := s.sameValues(o); ok {
			return v
		}
	}
	v := s.neverWoken(reader)
	if differs && reader.Release != nil && weight(changed) >= weight(v) {
		v.Why = changed.Why
	}
	if stale != nil {
		v.Why, v.Instead = stale.untrue()+", so "+untilNext(reader), "fluxsum update"
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

// staleMark is a checksum on an object that would wake it, and is not true: of a
// file, or where that is "" of any; nil when there is none.
func (s *since) staleMark(o *kustomize.Object, file string) *mark {
	for _, i := range s.marksFor(o, file) {
		m := &s.marks[i]
		would := slices.ContainsFunc(m.objects, func(c carried) bool { return c.Object == o && wakes(c.verdict) })
		if would && isStale(m) {
			return m
		}
	}
	return nil
}

// untrue says that a checksum is stale, or missing.
func (m *mark) untrue() string { return "the checksum of rule " + m.Rule + " is " + string(m.State) }

func isStale(m *mark) bool { return m.State == fluxsum.Stale || m.State == fluxsum.Missing }

// marksFor are the marks of a file on an object, or where that is "" all of them.
// An object may carry thousands.
func (s *since) marksFor(o *kustomize.Object, file string) []int {
	if file == "" {
		return s.marksOn[o]
	}
	return slices.DeleteFunc(slices.Clone(s.ofFile[file]), func(i int) bool {
		return !slices.ContainsFunc(s.marks[i].objects, func(c carried) bool { return c.Object == o })
	})
}

// Links are the sources of either tree that are links to changed files, with
// those: Git shows a change of what a link leads to under its own name alone.
func (r *Rollout) Links(before *Rollout, changed []string) map[string]string {
	all := map[string]string{}
	for _, side := range []*Rollout{before, r} {
		for _, source := range append(side.Graph.SourceFiles(), slices.Collect(maps.Keys(side.ofFile))...) {
			real := side.Graph.Real(source)
			if _, differs := slices.BinarySearch(changed, real); differs && real != source {
				all[source] = real
			}
		}
	}
	for _, file := range changed {
		delete(all, file)
	}
	return all
}
