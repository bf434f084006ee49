package rollout

import (
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// AllFindings are those of the plan and those about Flux, as verify tells them.
func (r *Rollout) AllFindings() []fluxsum.Finding { return r.judgement().all }

// judgement are all findings, and those that stories ask for.
type judgement struct {
	all     []fluxsum.Finding
	ofRule  map[string][]fluxsum.Finding
	without []fluxsum.Finding // a rule
	dead    []deadName
}

// deadName is a nameReference with the finding about it.
type deadName struct {
	*named
	finding fluxsum.Finding
}

func (r *Rollout) judgement() *judgement {
	if r.judged != nil {
		return r.judged
	}
	j := &judgement{all: Sorted(slices.Concat(r.Plan.Findings, r.Findings())), ofRule: map[string][]fluxsum.Finding{}}
	for _, f := range j.all {
		if f.Rule != "" {
			j.ofRule[f.Rule] = append(j.ofRule[f.Rule], f)
		} else {
			j.without = append(j.without, f)
		}
	}
	j.dead = r.deadAmong(j.without)
	r.judged = j
	return j
}

// deadAmong are the nameReferences that findings are about.
func (r *Rollout) deadAmong(all []fluxsum.Finding) []deadName {
	byPlace := map[string]fluxsum.Finding{}
	for _, f := range all {
		if f.Code == fluxsum.DeadNameReference {
			byPlace[where(kustomize.Place{File: f.File, Line: f.Line})] = f
		}
	}
	if len(byPlace) == 0 {
		return nil
	}
	var dead []deadName
	for _, n := range r.nameReferences() {
		if f, ok := byPlace[where(kustomize.Place{File: n.File, Line: n.Line})]; ok {
			dead = append(dead, deadName{n, f})
		}
	}
	return dead
}

// about are the findings that a story is about: those of its rule, of a file without
// one those of the file, and the nameReferences on the way.
func (r *Rollout) about(s *Story) []fluxsum.Finding {
	j := r.judgement()
	all := append([]fluxsum.Finding{}, j.ofRule[s.Rule]...)
	for _, f := range j.without {
		if s.Rule == "" && slices.Contains(s.Files, f.File) {
			all = append(all, f)
		}
	}
	return Sorted(append(all, r.deadOnWay(j, s.Files)...))
}

func (r *Rollout) deadOnWay(j *judgement, files []string) []fluxsum.Finding {
	if len(j.dead) == 0 {
		return nil // finding the ways takes its time
	}
	var all []fluxsum.Finding
	for _, file := range files {
		chains := r.Graph.Chains(file)
		for _, n := range j.dead {
			if slices.ContainsFunc(chains, n.concerns) {
				all = append(all, n.finding)
			}
		}
	}
	return all
}

// concerns says whether a nameReference is for what a file becomes, or for the
// reference of a release that reads that.
func (n deadName) concerns(c flux.Chain) bool {
	return c.Object.Kind == n.Kind && (in(c.Build, n.builds) ||
		slices.ContainsFunc(c.Readers, func(reader flux.Reader) bool { return reader.Release != nil && in(reader.Release.Build, n.builds) }))
}
