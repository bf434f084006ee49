package fluxsum

import (
	"slices"
	"strings"
)

// Finding is something that makes no checksum false, but is likely to be a
// mistake. Its JSON form is that of `verify -o json`.
type Finding struct {
	Code    string `json:"code"`
	Level   string `json:"level"` // warning or note
	Rule    string `json:"rule"`
	File    string `json:"file"`
	Line    int    `json:"line"` // 1-based, in File; 0: the whole file
	Message string `json:"message"`
}

// The codes of findings.
const UntrackedSource = "untracked-source"

// findings looks at the sources of the chosen rules: Flux sees what Git tracks.
func (b *build) findings() []Finding {
	tracking, ok := b.tree.FS.(Tracking)
	if !ok {
		return nil
	}
	var all []Finding
	for _, r := range b.rules {
		for _, s := range r.sources {
			if r.chosen && s.err == nil && !tracking.Tracked(s.real) {
				all = append(all, Finding{
					Code: UntrackedSource, Level: "warning", Rule: r.Name, File: s.name,
					Message: "is not tracked by Git, so Flux cannot see it: git add it, or take it out of the rule's files",
				})
			}
		}
	}
	return b.config.unignored(all)
}

// unignored leaves out what the config silences.
func (c *Config) unignored(all []Finding) []Finding {
	return slices.DeleteFunc(all, func(f Finding) bool {
		return slices.ContainsFunc(c.Ignore, func(i Ignore) bool {
			return i.Finding == f.Code && matches(strings.TrimPrefix(i.File, "./"), f.File)
		})
	})
}
