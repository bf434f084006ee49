package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// Arrived is what status has to tell.
type Arrived struct {
	Tree   string
	All    []rollout.Status
	Unseen []rollout.Unseen
	Asked  bool // for these rules and no others
}

// OK says whether there is nothing to wait for.
func (a *Arrived) OK() bool {
	return !a.Unknown() && !slices.ContainsFunc(a.All, func(s rollout.Status) bool { return !s.Done() })
}

// Unknown says whether something that was asked for could not be told.
func (a *Arrived) Unknown() bool {
	return a.Count(rollout.Untold) > 0 || len(a.Unseen) > 0 && (a.Asked || len(a.All) == 0)
}

// Count returns the number of checksums in a state.
func (a *Arrived) Count(state rollout.Arrival) int {
	n := 0
	for i := range a.All {
		if a.All[i].State == state {
			n++
		}
	}
	return n
}

type jsonArrived struct {
	Version int              `json:"version"`
	Tree    string           `json:"tree"`
	OK      bool             `json:"ok"`
	Results []rollout.Status `json:"results"`
	Unseen  []rollout.Unseen `json:"unseen"`
}

// ArrivedJSON writes what status has to tell for scripts.
func ArrivedJSON(w io.Writer, a *Arrived) error {
	out := jsonArrived{Version: jsonVersion, Tree: a.Tree, OK: a.OK(), Results: a.All, Unseen: a.Unseen}
	if out.Results == nil {
		out.Results = []rollout.Status{}
	}
	if out.Unseen == nil {
		out.Unseen = []rollout.Unseen{}
	}
	return encode(w, out)
}

// ArrivedText writes a line for each checksum, what it waits for, and a summary.
func ArrivedText(w io.Writer, a *Arrived, v Verb) error {
	t := &teller{bufio.NewWriter(w), v}
	var rows [][4]string
	var width [3]int
	for i := range a.All {
		s := &a.All[i]
		row := [4]string{string(s.State), Printable(s.Rule), objectName(s.Object.Kind, s.Object.Name, s.Object.Namespace), arrivedDigests(s)}
		rows = append(rows, row)
		for c := range width {
			width[c] = max(width[c], utf8.RuneCountInString(row[c]))
		}
	}
	for i, r := range rows {
		fmt.Fprintf(t, "%s  %s  %s  %s\n", v.paint(r[0], pad(r[0], width[0])), pad(r[1], width[1]), pad(r[2], width[2]), r[3])
		t.arrival(&a.All[i])
	}
	if len(a.All) > 0 || len(a.Unseen) == 0 {
		fmt.Fprintln(t, arrivedSummary(a))
	}
	return t.Flush()
}

// arrival writes what more there is to say of a checksum.
func (t *teller) arrival(s *rollout.Status) {
	if s.Why != "" {
		t.line("why", Printable(s.Why))
	}
	if s.Ready != nil && t.verb.All {
		t.line("ready", Printable(s.Ready.Status+", "+s.Ready.Reason))
	}
	if d := s.Digest; d != nil && (t.verb.All || d.Foretold != "" && d.Seen != "" && d.Foretold != d.Seen) {
		t.line("values", "digest "+comparedDigests(d))
	}
	for i, command := range s.Do {
		t.line([]string{"do", ""}[min(i, 1)], Printable(command))
	}
}

func comparedDigests(d *rollout.DigestSeen) string {
	if d.Foretold == d.Seen && d.Seen != "" {
		return shortDigest(d.Seen) + " in this tree and in the cluster"
	}
	return digestOr(d.Foretold, "not told") + " in this tree, " + digestOr(d.Seen, "none") + " in the cluster"
}

func digestOr(digest, none string) string {
	if digest == "" {
		return none
	}
	return shortDigest(digest)
}

// arrivedDigests shows what the cluster has -> what it has to have.
func arrivedDigests(s *rollout.Status) string {
	has, want := s.Live, s.Recorded
	switch {
	case s.Done():
		return shownValue(s.Recorded)
	case s.Recorded != s.Computed:
		has, want = s.Recorded, s.Computed
	case s.Handled != "" && s.Live == s.Recorded && s.Annotation == flux.RequestedAt:
		has = s.Handled
	}
	if has == want {
		return shownValue(want)
	}
	return shownValue(has) + " -> " + shownValue(want)
}

// shownValue is a digest shortened, or a time; anything else may be what somebody put
// there by mistake.
func shownValue(s string) string {
	switch {
	case s == "":
		return "(none)"
	case isDigest(s):
		return short(s, shortLen)
	case flux.IsRequestTime(s):
		return s
	}
	return "(not a checksum)"
}

func arrivedSummary(a *Arrived) string {
	done, total := a.Count(rollout.RolledOut), len(a.All)
	text := Count(total, "checksum") + " rolled out"
	if done < total {
		text = fmt.Sprintf("%d of %s", done, text)
	}
	for _, state := range []rollout.Arrival{rollout.Applied, rollout.Broken, rollout.Held, rollout.NotThere, rollout.Untold} {
		if n := a.Count(state); n > 0 {
			text += fmt.Sprintf(", %d %s", n, state)
		}
	}
	if n := len(a.Unseen); n > 0 {
		text += fmt.Sprintf(", %d not compared", n)
	}
	return text
}
