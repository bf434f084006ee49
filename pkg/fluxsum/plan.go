package fluxsum

import "github.com/fluxsum/fluxsum/pkg/checksum"

// State says how a recorded checksum stands to the computed one.
type State string

// The states of a result.
const (
	OK      State = "ok"
	Stale   State = "stale"
	Missing State = "missing" // the resource is there, its annotation is not
	Failed  State = "error"
)

// Plan is what Build found: a result for each place that holds a checksum, and
// the changes that would make all of them true.
type Plan struct {
	// Results stand in the order of the rules, their targets and the files.
	Results []Result
	// Findings are what else is worth knowing.
	Findings []Finding
	// Changes are sorted by file.
	Changes []Change

	config *Config
}

// Result is the state of one rule in one place. Its JSON form is that of
// `verify -o json`.
type Result struct {
	Rule       string             `json:"rule"`
	State      State              `json:"state"`
	Algorithm  checksum.Algorithm `json:"algorithm"`
	Files      []string           `json:"files"`
	Annotation string             `json:"annotation"`
	Target     Place              `json:"target"`
	Recorded   string             `json:"recorded"`
	Computed   string             `json:"computed"`
	Message    string             `json:"message"`

	// Problems say why the state is error, or why a stale or missing checksum
	// cannot be written.
	Problems Problems `json:"-"`

	spot   *spot // nil when it is forgotten: then these are what was in it
	path   []string
	marker string
}

// Place is where a checksum stands: Line and Column are 1-based, zero when
// unknown; for a missing annotation they show the map that lacks it.
type Place struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// Change is an edit of a file, proved to touch nothing but checksums.
type Change struct {
	File          string
	Before, After []byte
}

// InSync says whether every checksum is true.
func (p *Plan) InSync() bool {
	for i := range p.Results {
		if p.Results[i].State != OK {
			return false
		}
	}
	return true
}

// Forget lets go of what the plan was made of. What can be read of it stays, but it
// can be changed no more.
func (p *Plan) Forget() {
	p.Changes, p.config = nil, nil
	for i := range p.Results {
		r := &p.Results[i]
		r.path, r.marker, r.spot = r.Path(), r.Marker(), nil
	}
}

// Count returns the number of results in a state.
func (p *Plan) Count(s State) int {
	n := 0
	for i := range p.Results {
		if p.Results[i].State == s {
			n++
		}
	}
	return n
}

// Problems are those of all results: what could not be told, and what stands
// in the way of an update.
func (p *Plan) Problems() Problems {
	var all Problems
	for i := range p.Results {
		all = append(all, p.Results[i].Problems...)
	}
	return all.Sorted()
}
