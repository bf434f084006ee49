package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Difference is a result, and what has changed since its checksum was true. Its
// JSON form is that of `diff -o json`.
type Difference struct {
	fluxsum.Result
	// Since is the commit that had the content last which the recorded checksum
	// stands for; Unknown says why that is not known.
	Since   *Since `json:"since,omitempty"`
	Unknown string `json:"unknown,omitempty"`
	// Changes are those of the sources from then to now.
	Changes []delta.Change `json:"changes,omitempty"`
}

// Since is a commit, or what is staged.
type Since struct {
	Commit  string `json:"commit"`
	Date    string `json:"date,omitempty"` // RFC 3339, of the author
	Subject string `json:"subject,omitempty"`
	Staged  bool   `json:"staged,omitempty"`
	// As says what else the checksum is of than the rule says now.
	As string `json:"as,omitempty"`
}

// String names the commit with its date and subject.
func (s *Since) String() string {
	if s.Staged {
		return "what is staged"
	}
	text := short(s.Commit, shortLen)
	if day, _, ok := strings.Cut(s.Date, "T"); ok {
		text += " of " + day
	}
	if s.Subject == "" {
		return text
	}
	return text + ": " + s.Subject
}

// Differences writes, for each checksum that is not true, the line that verify
// has for it and what has changed. What several of them share is written once.
func Differences(w io.Writer, all []Difference, v Verb) error {
	t := &teller{bufio.NewWriter(w), v}
	for i, group := range groups(all, v.All) {
		if i > 0 {
			fmt.Fprintln(t)
		}
		if err := t.difference(group); err != nil {
			return err
		}
	}
	return t.Flush()
}

// groups are the checksums that are not true, or all of them, those with the same
// story together.
func groups(all []Difference, whole bool) [][]Difference {
	var found [][]Difference
	for i := range all {
		last := len(found) - 1
		switch d := &all[i]; {
		case d.State != fluxsum.Stale && d.State != fluxsum.Missing && !(whole && d.State == fluxsum.OK):
		case last >= 0 && together(&found[last][0], d):
			found[last] = append(found[last], *d)
		default:
			found = append(found, []Difference{*d})
		}
	}
	return found
}

// together says whether two results have the same story.
func together(a, b *Difference) bool {
	if a.State == fluxsum.OK && b.State == fluxsum.OK {
		return true
	}
	return slices.Equal(a.Files, b.Files) && a.Recorded == b.Recorded && a.State == b.State && a.Unknown == b.Unknown &&
		(a.Since == nil) == (b.Since == nil) && (a.Since == nil || *a.Since == *b.Since)
}

func (t *teller) difference(group []Difference) error {
	plan := &fluxsum.Plan{}
	for i := range group {
		plan.Results = append(plan.Results, group[i].Result)
	}
	if err := Text(t, plan, t.verb); err != nil {
		return err
	}
	d := &group[0]
	for _, line := range d.lines() {
		fmt.Fprintf(t, "  %s\n", Printable(line))
	}
	for i := range d.Changes {
		t.change(&d.Changes[i])
	}
	return nil
}

// lines say since when a checksum is not true.
func (d *Difference) lines() []string {
	switch {
	case d.State == fluxsum.OK:
		return nil
	case d.Since == nil:
		return []string{d.Unknown}
	}
	lines := []string{"last true in " + d.Since.String()}
	if d.Since.As != "" {
		lines = append(lines, "recorded as "+d.Since.As)
	}
	if len(d.Changes) == 0 {
		lines = append(lines, "the sources are the same")
	}
	return lines
}

// change writes the diff of a file, or what can be said in its place.
func (t *teller) change(c *delta.Change) {
	if c.Diff == "" {
		fmt.Fprintf(t, "  %s\n", Printable(ChangeText(c)))
		return
	}
	unified(t.Writer, c.Diff, t.verb)
}

// ChangeText says in a line what has changed in a file.
func ChangeText(c *delta.Change) string {
	text := c.File
	if c.Was != "" {
		text = c.Was + " -> " + c.File
	}
	if c.Status != delta.Modified {
		text += ", " + c.Status
	}
	switch {
	case c.Note != "":
		text += ": " + c.Note
	case c.Added+c.Removed > 0:
		text += ": " + Lines(c)
	}
	if c.Secret != "" {
		text += ", withheld: " + c.Secret
	}
	return text
}

// Lines counts the lines and keys of a change.
func Lines(c *delta.Change) string {
	text := fmt.Sprintf("%s changed (+%d -%d)", Count(max(c.Added, c.Removed), "line"), c.Added, c.Removed)
	if c.Keys > 0 {
		text += ", " + Count(c.Keys, "key")
	}
	return text
}
