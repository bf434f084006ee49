package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// Radius is what a range of commits does: as seen from where it began.
type Radius struct {
	Range    string // as the user wrote it
	From, To string // commits
	Impacts  []Impact
	Commits  []Tree // of the range, oldest first
}

// command is what shows all of it.
func (r *Radius) command() string { return "fluxsum diff --range " + r.Range }

// Impact is a changed source file with what comes of it. Change is nil where
// only the name or nothing of the content differs.
type Impact struct {
	rollout.Impact
	Change *delta.Change `json:"change,omitempty"`
}

// RadiusJSON writes it for scripts.
func RadiusJSON(w io.Writer, r *Radius) error {
	out := struct {
		jsonCommits
		From    string   `json:"from"`
		To      string   `json:"to"`
		Impacts []Impact `json:"impacts"`
	}{commitsOf(r.Commits), r.From, r.To, r.Impacts}
	if out.Impacts == nil {
		out.Impacts = []Impact{}
	}
	return encode(w, out)
}

// counts are those of a radius.
type counts struct {
	sources, releases, workloads            int
	upgrades, installs, uninstalls, unknown int
	fails                                   bool // a build
	stale                                   int  // commits
}

func (r *Radius) counts() counts {
	var c counts
	seen := map[string]bool{}
	for i := range r.Impacts {
		if r.Impacts[i].File != "" {
			c.sources++
		}
		for _, o := range r.Impacts[i].Rollouts {
			if id := o.ID + "\x00" + o.Kind + "\x00" + o.Namespace + "\x00" + o.Name; !seen[id] {
				seen[id] = true
				c.add(&o)
			}
		}
	}
	for _, t := range r.Commits {
		if !t.OK {
			c.stale++
		}
	}
	return c
}

func (c *counts) add(o *rollout.Outcome) {
	if o.Fails {
		c.fails = true
	}
	if o.Kind != "HelmRelease" {
		c.workloads++
		return
	}
	c.releases++
	switch {
	case o.Gone:
		c.uninstalls++
	case o.Upgrade == nil:
	case o.Upgrade.Will == "yes" && o.Upgrade.Anew:
		c.installs++
	case o.Upgrade.Will == "yes":
		c.upgrades++
	case o.Upgrade.Will == "unknown":
		c.unknown++
	}
}

// String is the summary, as in "2 sources change, 1 release reads them, Helm
// will upgrade 1".
func (c counts) String() string {
	if c.sources+c.releases+c.workloads == 0 {
		return "no source of a rule or release changes"
	}
	text := Count(c.sources, "source") + map[bool]string{true: " changes", false: " change"}[c.sources == 1]
	text += ", " + c.objects() + map[bool]string{true: " is", false: " are"}[c.releases+c.workloads == 1] + " touched"
	if c.releases > 0 {
		text += ", " + c.helm()
	}
	if c.fails {
		text = "a build FAILS, " + text
	}
	return text
}

// objects counts what is touched, as in "1 release and 2 workloads".
func (c counts) objects() string {
	switch {
	case c.workloads == 0:
		return Count(c.releases, "release")
	case c.releases == 0:
		return Count(c.workloads, "workload")
	}
	return Count(c.releases, "release") + " and " + Count(c.workloads, "workload")
}

// helm says what Helm will do, as in "Helm will upgrade 1 and perhaps 2 more, uninstall 1".
func (c counts) helm() string {
	text := fmt.Sprintf("Helm will upgrade %d", c.upgrades)
	switch {
	case c.unknown > 0 && c.upgrades == 0:
		text = fmt.Sprintf("Helm may upgrade %d", c.unknown)
	case c.unknown > 0:
		text += fmt.Sprintf(" and perhaps %d more", c.unknown)
	}
	if c.installs > 0 {
		text += fmt.Sprintf(", install %d", c.installs)
	}
	if c.uninstalls > 0 {
		text += fmt.Sprintf(", uninstall %d", c.uninstalls)
	}
	return text
}

// onTheWay says how many commits of the range are not in sync; "" when all are.
func (r *Radius) onTheWay() string {
	stale := r.counts().stale
	if stale == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s not in sync: fluxsum verify --range %s", stale, Count(len(r.Commits), "commit"), r.Range)
}

// RadiusText writes it for a terminal.
func RadiusText(w io.Writer, r *Radius, v Verb) error {
	t := &teller{bufio.NewWriter(w), v}
	for i := range r.Impacts {
		t.impact(&r.Impacts[i])
		fmt.Fprintln(t)
	}
	if len(r.Commits) == 0 {
		fmt.Fprintf(t, "no commits in %s: ", Printable(r.Range))
	}
	fmt.Fprintln(t, r.counts())
	if text := r.onTheWay(); text != "" {
		fmt.Fprintln(t, Printable(text))
	}
	return t.Flush()
}

func (t *teller) impact(i *Impact) {
	fmt.Fprintln(t, t.verb.bold(Printable(i.title())))
	for _, rule := range i.Rules {
		fmt.Fprintf(t, "  rule %s  %s  %s\n", Printable(rule.Rule), t.verb.paint(string(rule.State), string(rule.State)), moved(&rule))
	}
	for n := range i.Rollouts {
		t.rollout(&i.Rollouts[n])
	}
	if len(i.Rollouts) == 0 {
		fmt.Fprintln(t, "  no release or workload is known to read it")
	}
	if i.Change != nil {
		t.change(i.Change)
	}
}

func (t *teller) rollout(o *rollout.Outcome) {
	fmt.Fprintf(t, "  %s%s\n", objectName(o.Kind, o.Name, o.Namespace), appliedBy(o.AppliedBy))
	fmt.Fprintf(t, "    %s: %s\n", t.verb.paint(string(o.Verdict.When), string(o.Verdict.When)), Printable(o.Verdict.Why))
	if o.Verdict.Instead != "" {
		fmt.Fprintf(t, "    instead: %s\n", Printable(o.Verdict.Instead))
	}
	if o.Upgrade != nil {
		fmt.Fprintf(t, "    %s\n", Printable(upgradeText(o.Upgrade)))
	}
}

// title names what has changed.
func (i *Impact) title() string {
	switch {
	case i.File == "":
		return "by their own manifests"
	case i.Change != nil && i.Change.Was != "":
		return i.Change.Was + " -> " + i.File
	}
	return i.File
}

// moved shows the recorded checksum of before and of now.
func moved(r *rollout.RuleImpact) string {
	before, now := shortSum(r.Before), shortSum(r.Recorded)
	if before == now {
		return now
	}
	return before + " -> " + now
}

func shortSum(s string) string {
	switch {
	case s == "":
		return "(none)"
	case !isDigest(s):
		return "(not a checksum)"
	}
	return short(s, shortLen)
}
