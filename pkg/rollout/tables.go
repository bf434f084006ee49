package rollout

import (
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// tables spare a search through all rules for each of them: a config may have a
// hundred thousand. Each is filled when it is first asked for.
type tables struct {
	rules   map[string]*fluxsum.Rule
	first   map[string]*fluxsum.Result            // the first result of a rule
	readers map[string][]flux.Reader              // by rule, of all its files
	moving  map[string]bool                       // rules all of whose readers are moved
	woken   map[string]map[*kustomize.Object]bool // by file, what its checksums wake
	wakers  map[*kustomize.Object]string          // the first rule that wakes an object
	writers map[*kustomize.Object]string          // the first that writes requestedAt
	into    map[[2]string]bool                    // rules with the files of their targets

	releases map[*kustomize.Object]*flux.Release
	makers   map[objectID][]*flux.Build
	carrying map[*kustomize.Object][]int // marks by what carries them
	clusters map[kustomizationName][]string
	recorded map[string][]int         // marks by their checksums
	handling map[objectID]bool        // whether what makes an object handles Secrets
	readsAll map[*fluxsum.Result]bool // whether all files of it go into values
	traits   map[*fluxsum.Result]traits
}

func newTables(plan *fluxsum.Plan) tables {
	t := tables{rules: map[string]*fluxsum.Rule{}, first: map[string]*fluxsum.Result{}, readers: map[string][]flux.Reader{}, moving: map[string]bool{}, woken: map[string]map[*kustomize.Object]bool{}, handling: map[objectID]bool{}, readsAll: map[*fluxsum.Result]bool{}, traits: map[*fluxsum.Result]traits{}}
	config := plan.Config()
	for i := range config.Rules {
		t.rules[config.Rules[i].Name] = &config.Rules[i]
	}
	for i := range plan.Results {
		if res := &plan.Results[i]; t.first[res.Rule] == nil {
			t.first[res.Rule] = res
		}
	}
	return t
}

// woken says whether a checksum of a file wakes an object.
func (r *Rollout) woken(o *kustomize.Object, file string) bool {
	known, ok := r.tables.woken[file]
	if !ok {
		known = map[*kustomize.Object]bool{}
		for _, i := range r.ofFile[file] {
			for _, c := range r.marks[i].objects {
				if wakes(c.verdict) {
					known[c.Object] = true
				}
			}
		}
		r.tables.woken[file] = known
	}
	return known[o]
}

// readers are the references to what the files of a rule go into.
func (r *Rollout) readers(rule string, files []string) []flux.Reader {
	all, ok := r.tables.readers[rule]
	if !ok {
		for _, file := range files {
			for _, c := range r.Graph.Chains(file) {
				all = append(all, c.Readers...)
			}
		}
		r.tables.readers[rule] = all
	}
	return all
}

// allMove says whether there is something that reads the files of a rule, and all
// of it is moved by itself or by a checksum of these files.
func (r *Rollout) allMove(rule string, files []string) bool {
	moves, ok := r.tables.moving[rule]
	if !ok {
		readers := r.readers(rule, files)
		moves = len(readers) > 0 && !slices.ContainsFunc(readers, func(reader flux.Reader) bool {
			return !r.selfMoving(reader.Reference) && !r.wokenBy(reader, files)
		})
		r.tables.moving[rule] = moves
	}
	return moves
}

// waker is a rule whose checksum wakes an object, or "".
func (r *Rollout) waker(o *kustomize.Object) string {
	if r.tables.wakers == nil {
		r.tables.wakers = r.firstRules(func(c carried) bool { return wakes(c.verdict) })
	}
	return r.tables.wakers[o]
}

// writer is the rule that writes the annotation which wakes a release, or "".
func (r *Rollout) writer(release *flux.Release) string {
	if r.tables.writers == nil {
		r.tables.writers = r.firstRules(func(c carried) bool {
			return c.spot.Key == flux.RequestedAt && len(c.spot.Path) > 0 && c.spot.Path[0] == "metadata"
		})
	}
	return r.tables.writers[release.Object]
}

// firstRules are the objects that carry a checksum of some kind, each with the
// first rule that it is of.
func (r *Rollout) firstRules(ok func(carried) bool) map[*kustomize.Object]string {
	rules := map[*kustomize.Object]string{}
	for _, m := range r.marks {
		for _, c := range m.objects {
			if _, known := rules[c.Object]; !known && ok(c) {
				rules[c.Object] = m.Rule
			}
		}
	}
	return rules
}
