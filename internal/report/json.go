package report

import (
	"encoding/json"
	"io"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// jsonVersion of the shape that JSON writes.
const jsonVersion = 1

type jsonPlan struct {
	Version  int              `json:"version"`
	Tree     string           `json:"tree"`
	OK       bool             `json:"ok"`
	Results  []fluxsum.Result `json:"results"`
	Findings []struct{}       `json:"findings"`
}

// JSON writes a plan for scripts: tree is where the bytes were read, ok what
// the command has to say in one word.
func JSON(w io.Writer, p *fluxsum.Plan, tree string, ok bool) error {
	out := jsonPlan{Version: jsonVersion, Tree: tree, OK: ok, Results: p.Results, Findings: []struct{}{}}
	if out.Results == nil {
		out.Results = []fluxsum.Result{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
