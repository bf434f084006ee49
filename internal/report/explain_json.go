package report

import (
	"io"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

type jsonExplained struct {
	Version  int               `json:"version"`
	Tree     string            `json:"tree"`
	Stories  []rollout.Story   `json:"stories"`
	Coverage []rollout.Covered `json:"coverage"`
	Codes    []jsonCode        `json:"codes"`
	Unread   int               `json:"unread"`
	Unknown  []jsonUnknown     `json:"unknown"`
}

type jsonCode struct {
	Code     string            `json:"code"`
	Level    string            `json:"level"`
	When     string            `json:"when"`
	Why      string            `json:"why"`
	Cure     string            `json:"cure"`
	Findings []fluxsum.Finding `json:"findings"`
}

type jsonUnknown struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// ExplainedJSON writes what explain has to tell for scripts.
func ExplainedJSON(w io.Writer, e *Explained) error {
	out := jsonExplained{Version: jsonVersion, Tree: e.Tree, Stories: e.Stories, Coverage: e.Coverage, Codes: []jsonCode{}, Unread: e.Unread, Unknown: []jsonUnknown{}}
	if out.Stories == nil {
		out.Stories = []rollout.Story{}
	}
	if out.Coverage == nil {
		out.Coverage = []rollout.Covered{}
	}
	for _, c := range e.Codes {
		out.Codes = append(out.Codes, jsonCode{c.Code, c.Level, c.When, c.Why, c.Cure, append([]fluxsum.Finding{}, c.Findings...)})
	}
	for _, u := range e.Unknown {
		out.Unknown = append(out.Unknown, jsonUnknown{u.File, u.Line, u.Message})
	}
	return encode(w, out)
}
