// Package rollout brings rules and Flux together: what a checksum in its place
// does for the file that it stands for, what is likely to be a mistake, and
// which rules a repository lacks.
//
// It puts a plan (package fluxsum) on the graph of the same tree (package flux).
// The package is pure: it reads the tree through these two.
package rollout

import (
	"fmt"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Rollout is a plan on the graph of its tree.
type Rollout struct {
	Plan  *fluxsum.Plan
	Graph *flux.Graph
	// Then, when there is one, is the plan that the rules of a later tree make
	// here: it tells what stood in their places before.
	Then *fluxsum.Plan

	config *fluxsum.Config
	marks  []mark
	ofFile map[string][]int // marks by the files that they stand for

	watching func(file string) []string // the rules that watch a file
	tables   tables

	judged *judgement // nil until asked for
}

// mark is a result, and the objects that carry its checksum.
type mark struct {
	*fluxsum.Result
	objects []carried
}

// carried is an object that carries a checksum, with the verdict of the best of
// its places.
type carried struct {
	*kustomize.Object
	build   *flux.Build
	spot    flux.Spot
	verdict flux.Verdict
	lost    bool // kustomize puts something else in the place of the checksum
}

// New puts a plan on the graph of its tree.
func New(plan *fluxsum.Plan, graph *flux.Graph) *Rollout {
	r := &Rollout{Plan: plan, Graph: graph, config: plan.Config(), ofFile: map[string][]int{}, watching: plan.Config().Watching(), tables: newTables(plan)}
	var lines []kustomize.Place
	for i := range plan.Results {
		lines = append(lines, kustomize.Place{File: plan.Results[i].Target.File, Line: plan.Results[i].Target.Line})
	}
	graph.Expect(lines)
	for i := range plan.Results {
		res := &plan.Results[i]
		r.marks = append(r.marks, mark{res, r.carriers(res)})
		for _, file := range res.Files {
			r.ofFile[file] = append(r.ofFile[file], i)
		}
	}
	r.advise()
	return r
}

// carriers are the objects that carry the checksum of a result: those in which
// its scalar ends up, or for one that is missing those that its target names.
func (r *Rollout) carriers(res *fluxsum.Result) []carried {
	var spots []flux.Spot
	key := res.Annotation
	if res.Marker() != "" {
		key = "" // the scalar may stand anywhere, whatever other targets of the rule write
	}
	if res.State != fluxsum.Missing && res.Target.Line > 0 {
		spots = asDeclared(r.Graph.Spots(res.Target.File, res.Target.Line, key, res.Stands()), res.Path())
	}
	var all []carried
	for _, s := range spots {
		all = better(all, carried{Object: s.Object, build: s.Build, spot: s, verdict: r.Graph.Verdict(s)})
	}
	return append(all, r.declared(res, spots)...)
}

// declared are the objects that a target names, and in which its scalar does not
// end up: because it is missing still, or because a patch of the object takes it
// away.
func (r *Rollout) declared(res *fluxsum.Result, spots []flux.Spot) []carried {
	var all []carried
	path := res.Path()
	for _, s := range r.Graph.Declared(res.Target.File, res.Target.Kind, res.Target.Name, res.Target.Namespace) {
		s.Path, s.Key = path, res.Annotation
		known := slices.ContainsFunc(spots, func(other flux.Spot) bool { return other.Object == s.Object })
		if path == nil || known || len(spots) > 0 && s.Object.File != res.Target.File {
			continue
		}
		c := carried{Object: s.Object, build: s.Build, spot: s, verdict: r.Graph.Verdict(s)}
		if res.State != fluxsum.Missing && r.Graph.Shows(s) != res.Stands() && !s.Object.Generated {
			c.verdict, c.lost = r.loss(c, res), true
		}
		all = append(all, c)
	}
	return all
}

// loss is the verdict on a checksum that kustomize takes out of its object, or
// puts something else in the place of.
func (r *Rollout) loss(c carried, res *fluxsum.Result) flux.Verdict {
	at, shown := r.Graph.ShownAt(c.spot)
	v := flux.Verdict{When: flux.Nothing, Why: lostWhy(c.Object, at, shown)}
	if c.Kind == "HelmRelease" {
		v.When = flux.NextInterval
	}
	return v
}

// lostWhy says that a checksum does not end up in an object, and what does instead.
func lostWhy(o *kustomize.Object, at kustomize.Place, shown bool) string {
	why := fmt.Sprintf("the checksum never reaches %s %s: a patch removes it, or puts something else in its place", o.Kind, o.Name)
	if shown {
		why += " (" + where(at) + ")"
	}
	return why
}

// asDeclared keeps, of several places in one line, those at the path of the
// target.
func asDeclared(spots []flux.Spot, path []string) []flux.Spot {
	fits := func(s flux.Spot) bool { return slices.Equal(s.Path, path) }
	return slices.DeleteFunc(slices.Clone(spots), func(s flux.Spot) bool {
		return !s.Common && !fits(s) && slices.ContainsFunc(spots, func(other flux.Spot) bool { return other.Object == s.Object && fits(other) })
	})
}

// better adds a place, or puts it in the place of a lesser one of its object.
func better(all []carried, c carried) []carried {
	i := slices.IndexFunc(all, func(o carried) bool { return o.Object == c.Object })
	switch {
	case i < 0:
		return append(all, c)
	case weight(c.verdict) > weight(all[i].verdict):
		all[i] = c
	}
	return all
}

// weight orders verdicts by how soon something happens.
func weight(v flux.Verdict) int { return v.When.Weight() }

func wakes(v flux.Verdict) bool { return v.When == flux.Immediate || v.When == flux.PodsRoll }

// selfMoving says whether a change of what a reference reads is rolled out
// without a checksum.
func (r *Rollout) selfMoving(ref *flux.Reference) bool {
	if ref.ByHash() {
		return true
	}
	if ref.Object == nil {
		return false
	}
	_, watched := r.Graph.Watched(ref.Object)
	return watched
}

// wokenBy says whether a checksum of one of the files wakes what reads it.
func (r *Rollout) wokenBy(reader flux.Reader, files []string) bool {
	sources := r.Graph.SourcesOf(reader.Reference)
	return slices.ContainsFunc(files, func(file string) bool {
		return slices.Contains(sources, file) && r.woken(reader.Object(), file)
	})
}
