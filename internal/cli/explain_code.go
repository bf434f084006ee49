package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// chooseCode takes up a code of findings. What the tree has of that name goes before.
func (e *explanation) chooseCode(code string) bool {
	m, ok := fluxsum.MeaningOf(code)
	if !ok || slices.ContainsFunc(e.codes, func(c report.Code) bool { return c.Code == code }) {
		return ok
	}
	c := report.Code{Meaning: m}
	for _, f := range e.AllFindings() {
		if f.Code == code {
			c.Findings = append(c.Findings, f)
		}
	}
	c.Nowhere = e.nowhere(code)
	e.codes = append(e.codes, c)
	return true
}

// nowhere is what is known where no finding of a code is told.
func (e *explanation) nowhere(code string) string {
	ignored := slices.ContainsFunc(e.project.config.Ignore, func(i fluxsum.Ignore) bool { return i.Finding == code })
	switch {
	case e.Graph.Overfull() != "":
		return "not known: " + e.Graph.Overfull()
	case ignored:
		return "nowhere, apart from what `ignore` in the config silences"
	}
	return "nowhere in this tree"
}

// reportCodes tells what the codes asked for mean, parted from what stands before.
func (a *app) reportCodes(e *explanation, parted bool, verb report.Verb) error {
	if len(e.codes) == 0 {
		return nil
	}
	defer a.tellUnread(e.Rollout)
	if parted {
		if _, err := fmt.Fprintln(a.lines()); err != nil {
			return err
		}
	}
	return report.Codes(a.lines(), e.codes, verb)
}

// drawable refuses codes where steps or a picture are asked for.
func (e *explanation) drawable(f *explainFlags) error {
	if len(e.codes) == 0 || !f.manual && f.out.word != "mermaid" {
		return nil
	}
	return &userError{e.codes[0].Code + " is a finding, expected a rule, file or release", "`fluxsum explain " + e.codes[0].Code + "` tells what it means"}
}

// offeredCodes are the codes that begin with a word, where one has been begun: they
// would hide the names of the tree.
func offeredCodes(args []string, word string) []string {
	var all []string
	for _, m := range fluxsum.Meanings() {
		if word != "" && strings.HasPrefix(m.Code, word) && !slices.Contains(args, m.Code) {
			all = offer(all, m.Code, "finding: "+m.Title)
		}
	}
	return all
}
