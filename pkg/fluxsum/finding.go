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

	// Subject is what it is about, where the file does not say so: it stays the same
	// when lines move.
	Subject string `json:"-"`
}

// The codes of findings. Build finds the first alone; the others need to know
// Flux (package rollout).
const (
	UntrackedSource      = "untracked-source"
	UnmappedSource       = "unmapped-source"
	InertAnnotation      = "inert-annotation"
	WeakTrigger          = "weak-trigger"
	NativeWatch          = "native-watch"
	DeadNameReference    = "dead-name-reference"
	SplitApply           = "split-apply"
	NeedlessUpgrade      = "needless-upgrade"
	UnhashedSubstitution = "unhashed-substitution"
)

// Findings returns the code of every finding, always in the same order.
func Findings() []string {
	var all []string
	for _, m := range Meanings() {
		all = append(all, m.Code)
	}
	return all
}

// The levels of findings.
const (
	Warning = "warning" // a rollout will not be what was meant
	Note    = "note"    // something is of no use, or more than is needed
)

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
					Code: UntrackedSource, Level: Warning, Rule: r.Name, File: s.name,
					Message: "is not tracked by Git, so Flux cannot see it: git add it, or take it out of the rule's files",
				})
			}
		}
	}
	return b.config.Unignored(all)
}

// Unignored leaves out what the config silences.
func (c *Config) Unignored(all []Finding) []Finding {
	return slices.DeleteFunc(all, func(f Finding) bool {
		return slices.ContainsFunc(c.Ignore, func(i Ignore) bool {
			return i.Finding == f.Code && matches(strings.TrimPrefix(i.File, "./"), f.File)
		})
	})
}
