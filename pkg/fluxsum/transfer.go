package fluxsum

import (
	"bytes"
	"context"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// Transfer makes the edits of a plan in another version of a target file: the
// worktree's, when the plan is that of the index. Only places that still show
// what the plan found are edited; left are the results of those that show
// something else, with what they show, or that cannot be found. After is nil
// when there is nothing to edit.
func (p *Plan) Transfer(ctx context.Context, name string, text []byte) (after []byte, left []Result) {
	for _, c := range p.Changes {
		if c.File == name && bytes.Equal(c.Before, text) {
			return c.After, nil
		}
	}
	f := &targetFile{name: name, before: text}
	b := newBuild(ctx, p.config, nil)
	wanted := map[*Result]*Result{}
	var plans []*Result
	for i := range p.Results {
		if r := &p.Results[i]; r.edits() && r.spot.file.name == name {
			f.spots = append(f.spots, r.spot.elsewhere(f))
			plans = append(plans, r)
		}
	}
	results := make([]Result, len(f.spots))
	conflict := checksum.CheckConflicts(text)
	for i, s := range f.spots {
		s.result = &results[i]
		wanted[s.result] = plans[i]
		if conflict != nil {
			f.problem = (&tree{}).reading(name, conflict, &Problem{File: name})
			continue
		}
		b.find(s)
	}
	b.settings = &Builder{Accept: func(r *Result) bool {
		return r.State == wanted[r].State && r.spot.value() == wanted[r].spot.value()
	}}
	b.edit(f)
	for i := range results {
		if r := &results[i]; r.State != OK && (!b.settings.Accept(r) || len(r.Problems) > 0) {
			left = append(left, *r)
		}
	}
	return f.after, left
}

// value is what is recorded at the spot, be it shown or not.
func (s *spot) value() string {
	value, _ := s.place.recorded()
	return value
}

// Stands returns what stands in the target, be it shown as Recorded or not. It is
// there to be compared, and must not be printed.
func (r *Result) Stands() string {
	if r.spot == nil {
		return r.Recorded
	}
	return r.spot.value()
}

// edits says whether a result is an edit of the plan's changes.
func (r *Result) edits() bool {
	return r.spot != nil && r.spot.file != nil && r.spot.file.after != nil && (r.State == Stale || r.State == Missing) && len(r.Problems) == 0
}

// elsewhere is the same spot in another version of its file, with its checksum
// known.
func (s *spot) elsewhere(f *targetFile) *spot {
	rule := &ruleBuild{Rule: s.rule.Rule, chosen: true, files: s.rule.files, sum: s.result.Computed, summed: true}
	other := newSpot(rule, s.target, f.name)
	other.file = f
	return other
}
