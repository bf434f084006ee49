package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// Explained is what explain has to tell.
type Explained struct {
	Tree     string
	Stories  []rollout.Story
	Coverage []rollout.Covered
	Codes    []Code
	Unread   int // files that could not be read
	// Unknown is what could not be followed on the way.
	Unknown []fluxsum.Problem
}

// Stories tells each story at length.
func Stories(w io.Writer, all []rollout.Story, v Verb) error {
	out := bufio.NewWriter(w)
	for i := range all {
		if i > 0 {
			fmt.Fprintln(out)
		}
		(&teller{out, v}).story(&all[i])
	}
	return out.Flush()
}

type teller struct {
	*bufio.Writer
	verb Verb
}

func (t *teller) story(s *rollout.Story) {
	t.heading(s)
	t.chains(s.Chains, s.Rule != "")
	if s.Unknown != "" {
		fmt.Fprintf(t, "  %s\n", Printable(s.Unknown))
	}
	for i := range s.Targets {
		t.target(&s.Targets[i], !tells(s.Rollouts, &s.Targets[i].Verdict))
	}
	for i := range s.Rollouts {
		t.outcome(&s.Rollouts[i])
	}
	t.findings(s.Findings)
}

// findings are told in the words of verify, and after them what tells more of each code.
func (t *teller) findings(all []fluxsum.Finding) {
	if len(all) > 0 {
		fmt.Fprintln(t)
	}
	var codes []string
	for i := range all {
		f := &all[i]
		fmt.Fprintf(t, "  %s%s  %s\n", t.verb.paint(f.Level, pad(Printable(f.Level), 9)), Printable(f.Code), found(f))
		if !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	for i, code := range codes {
		t.line([]string{"more", ""}[min(i, 1)], "fluxsum explain "+Printable(code))
	}
}

func (t *teller) heading(s *rollout.Story) {
	if s.Rule == "" {
		fmt.Fprintf(t, "%s  %s\n", Printable(strings.Join(s.Files, ", ")), t.verb.paint("", "no rule watches it"))
		return
	}
	fmt.Fprintf(t, "%s\n", t.verb.bold(Printable(s.Rule)))
}

// chains shows each way once: hops that many ways begin with stand before the
// first alone.
func (t *teller) chains(all []rollout.Hops, withFile bool) {
	width := 0
	for _, hops := range all {
		for i := range hops {
			width = max(width, utf8.RuneCountInString(hopText(&hops[i])))
		}
	}
	var last rollout.Hops
	if !withFile && len(all) > 0 {
		last = all[0][:1]
	}
	for _, hops := range all {
		same := 0
		for same < min(len(hops), len(last)) && hops[same] == last[same] {
			same++
		}
		for i := same; i < len(hops); i++ {
			t.hop(&hops[i], i, width)
		}
		last = hops
	}
}

func (t *teller) hop(h *rollout.Hop, depth, width int) {
	if depth == 0 {
		fmt.Fprintf(t, "  %s\n", Printable(h.Name))
		return
	}
	arrow := "->"
	if h.Kind == "Kustomization" {
		arrow = "by"
	}
	fmt.Fprintf(t, "  %s %s  %s\n", arrow, pad(hopText(h), width), place(h.File, h.Line))
}

func hopText(h *rollout.Hop) string {
	if h.Kind == "File" {
		return ""
	}
	text := h.Kind + " " + h.Name
	if h.Namespace != "" {
		text += " in " + h.Namespace
	}
	if h.How != "" && h.Kind != "Kustomization" {
		text += ", " + h.How
	}
	return Printable(text)
}

func place(file string, line int) string {
	if line == 0 {
		return Printable(file)
	}
	return fmt.Sprintf("%s:%d", Printable(file), line)
}

// tells says whether one of the rollouts has the verdict of a target.
func tells(all []rollout.Outcome, v *flux.Verdict) bool {
	return slices.ContainsFunc(all, func(o rollout.Outcome) bool {
		return o.Verdict.When == v.When && strings.HasPrefix(o.Verdict.Why, v.Why)
	})
}

// target shows where the checksum stands, recorded and computed; alone says that
// nothing else tells what a change there does.
func (t *teller) target(target *rollout.Target, alone bool) {
	r := &target.Result
	what := r.Annotation
	if marker := r.Marker(); what == "" && marker != "" {
		what = "marked line " + marker
	}
	if on := carriers(target); on != "" {
		what += " on " + on
	}
	fmt.Fprintf(t, "\n  %s  %s\n", Printable(what), place(r.Target.File, r.Target.Line))
	t.line("recorded", recorded(r))
	if r.State == fluxsum.Failed {
		t.line("computed", Printable(r.Message))
	} else {
		t.line("computed", r.Computed+"  "+t.verb.paint(string(r.State), string(r.State)))
	}
	if alone {
		t.verdict(target.Verdict.Why, string(target.Verdict.When), target.Verdict.Instead)
	}
}

// carriers names what carries a checksum: what the target names, else what it
// reaches.
func carriers(t *rollout.Target) string {
	if name := strings.TrimSpace(t.Target.Kind + " " + t.Target.Name); name != "" || len(t.On) == 0 {
		return name
	}
	if more := len(t.On) - 1; more > 0 {
		return fmt.Sprintf("%s and %d more", t.On[0], more)
	}
	return t.On[0]
}

// recorded is the recorded checksum, where it is one.
func recorded(r *fluxsum.Result) string {
	switch {
	case r.State == fluxsum.Missing:
		return "(none)"
	case r.Recorded == "":
		return "(empty)"
	case !isDigest(r.Recorded):
		return "(not a checksum)"
	}
	return r.Recorded
}

func (t *teller) line(name, text string) { fmt.Fprintf(t, "  %-9s%s\n", name, text) }

func (t *teller) verdict(why, when, instead string) {
	t.line("verdict", t.verb.paint(string(when), when)+": "+Printable(why))
	if instead != "" {
		t.line("instead", Printable(instead))
	}
}

func (t *teller) outcome(o *rollout.Outcome) {
	fmt.Fprintf(t, "\n  %s\n", t.verb.bold(objectName(o.Kind, o.Name, o.Namespace))+appliedBy(o.AppliedBy))
	inner := &teller{t.Writer, t.verb}
	inner.verdict(o.Verdict.Why, string(o.Verdict.When), o.Verdict.Instead)
	if o.Upgrade != nil {
		inner.line("upgrade", Printable(upgradeText(o.Upgrade)))
	}
	for i, command := range o.Hurry {
		inner.line([]string{"hurry", ""}[min(i, 1)], Printable(command))
	}
	for i, c := range o.Confirm {
		text := c.Command
		if c.Prints != "" {
			text += "   # " + c.Prints
		}
		inner.line([]string{"confirm", ""}[min(i, 1)], Printable(text))
	}
}

func objectName(kind, name, namespace string) string {
	text := kind + " " + name
	if namespace != "" {
		text += " in " + namespace
	}
	return Printable(text)
}

// appliedBy names the Kustomization that applies an object.
func appliedBy(h *rollout.Hop) string {
	if h == nil {
		return ""
	}
	return fmt.Sprintf("  by %s, %s", Printable(h.Name), place(h.File, h.Line))
}

func upgradeText(u *rollout.Upgrade) string {
	switch {
	case u.Before != "" && u.Before != u.Digest:
		return fmt.Sprintf("%s: values digest %s -> %s", u.Why, shortDigest(u.Before), shortDigest(u.Digest))
	case u.Digest != "":
		return fmt.Sprintf("%s; values digest %s", u.Why, shortDigest(u.Digest))
	}
	return u.Why
}

// shortDigest is a digest with its algorithm.
func shortDigest(s string) string { return s[:min(len(s), len("sha256:")+12)] }

// Overview writes a line for each rule, and which sources of which releases are
// watched.
func Overview(w io.Writer, e *Explained, v Verb) error {
	out := bufio.NewWriter(w)
	t := &teller{out, v}
	t.rules(e.Stories)
	if len(e.Stories) > 0 && len(e.Coverage) > 0 {
		fmt.Fprintln(out)
	}
	for i := range e.Coverage {
		t.covered(&e.Coverage[i])
	}
	fmt.Fprintln(out, overviewSummary(e))
	return out.Flush()
}

// Coverage writes which sources of releases are watched.
func Coverage(w io.Writer, all []rollout.Covered, v Verb) error {
	t := &teller{bufio.NewWriter(w), v}
	for i := range all {
		t.covered(&all[i])
	}
	return t.Flush()
}

func (t *teller) rules(all []rollout.Story) {
	var rows [][4]string
	var width [3]int
	for i := range all {
		for _, target := range all[i].Targets {
			on := carriers(&target)
			row := [4]string{Printable(all[i].Rule), string(target.Verdict.When), Printable(on), place(target.Target.File, target.Target.Line)}
			rows = append(rows, row)
			for c := range width {
				width[c] = max(width[c], utf8.RuneCountInString(row[c]))
			}
		}
	}
	for _, r := range rows {
		fmt.Fprintf(t, "%s  %s  %s  %s\n", pad(r[0], width[0]), t.verb.paint(r[1], pad(r[1], width[1])), pad(r[2], width[2]), r[3])
	}
}

func (t *teller) covered(c *rollout.Covered) {
	fmt.Fprintf(t, "%s  %s%s\n", t.verb.bold(objectName(c.Kind, c.Name, c.Namespace)), place(c.File, c.Line), appliedBy(c.AppliedBy))
	if len(c.Sources) == 0 {
		fmt.Fprintln(t, "  reads no values from files")
	}
	width := 0
	for i := range c.Sources {
		width = max(width, utf8.RuneCountInString(by(&c.Sources[i])))
	}
	for i := range c.Sources {
		s := &c.Sources[i]
		what := s.File
		if what == "" {
			what = s.Reference + ": " + s.Unknown
		}
		text := by(s)
		fmt.Fprintf(t, "  %s  %s\n", t.verb.paint(s.By, pad(text, width)), Printable(what))
	}
}

// by says how a change of a source is rolled out.
func by(s *rollout.Source) string {
	switch s.By {
	case rollout.ByRule:
		text := "rule " + Printable(strings.Join(s.Rules, ", "))
		if !s.Wakes {
			text += " (wakes nothing)"
		}
		return text
	case rollout.ByHash:
		return "name with hash"
	case rollout.ByLabel:
		return "watch label"
	case rollout.Unknown:
		return "not known"
	}
	return "not watched"
}

func overviewSummary(e *Explained) string {
	asleep, unknown := map[string]bool{}, 0
	for _, c := range e.Coverage {
		for _, s := range c.Sources {
			if s.By == rollout.Unknown {
				unknown++
			} else {
				asleep[s.File] = asleep[s.File] || s.By == rollout.ByNothing
			}
		}
	}
	watched := 0
	for _, not := range asleep {
		if !not {
			watched++
		}
	}
	text := fmt.Sprintf("%s, %s with values from %s: %d of %d watched", Count(len(e.Stories), "rule"), Count(len(e.Coverage), "release"), Count(len(asleep), "file"), watched, len(asleep))
	if unknown > 0 {
		text += fmt.Sprintf(", %s not known", Count(unknown, "source"))
	}
	return text
}
