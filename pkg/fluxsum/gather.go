package fluxsum

import (
	"slices"
	"strings"
)

// results makes an entry of the plan for each place of the chosen rules, in
// the order of the rules, their targets and the files.
func (b *build) results() []Result {
	var spots []*spot
	for _, r := range b.rules {
		if r.chosen {
			spots = append(spots, r.spots...)
		}
	}
	all := make([]Result, len(spots))
	for i, s := range spots {
		s.result = &all[i]
	}
	return all
}

// plan gathers the results and changes.
func (b *build) plan(results []Result) *Plan {
	p := &Plan{Results: results, Findings: b.findings(), config: b.config}
	for _, f := range b.targets {
		if f.after != nil {
			p.Changes = append(p.Changes, Change{f.name, f.before, f.after})
		}
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return strings.Compare(a.File, b.File) })
	return p
}

// compareLost fills in the results of targets that match no file.
func (b *build) compareLost() {
	for _, r := range b.rules {
		for _, s := range r.spots {
			if r.chosen && s.file == nil {
				b.compare(s)
			}
		}
	}
}
