package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// maxMarkdown is the length in bytes of a comment: GitHub takes 65,536
// characters, and a bot may add its own.
const maxMarkdown = 60_000

// comment is Markdown that does not grow beyond what a comment may hold.
type comment struct {
	text    strings.Builder
	left    int    // diffs that were left out
	command string // that shows all
}

// reserve is kept for the note on what was left out, least is the room below which
// a diff is left out rather than cut.
const (
	reserve = 300
	least   = 500
)

func (c *comment) room() int { return maxMarkdown - reserve - c.text.Len() }

// diffs adds the diffs, folded: each gets its share of the room, and what others
// before it have left of theirs.
func (c *comment) diffs(all []*delta.Change) {
	for i, change := range all {
		share := c.room() / (len(all) - i)
		section := folded(change, share)
		if len(section) > c.room() || share < least && len(section) > share {
			c.left++
			continue
		}
		c.text.WriteString(section)
	}
}

// table adds a table, with as many of its rows as there is room for.
func (c *comment) table(heads []string, rows [][]string) {
	c.text.WriteString("\n| " + strings.Join(heads, " | ") + " |\n|" + strings.Repeat(" --- |", len(heads)) + "\n")
	left := 0
	for _, row := range rows {
		if line := "| " + strings.Join(row, " | ") + " |\n"; len(line) > c.room() {
			left++
		} else {
			c.text.WriteString(line)
		}
	}
	if left > 0 {
		fmt.Fprintf(&c.text, "\n%s left out: a comment holds no more.\n", Count(left, "row"))
	}
}

// write ends the comment.
func (c *comment) write(w io.Writer) error {
	if c.left > 0 {
		fmt.Fprintf(&c.text, "\n%s left out: a comment holds no more. %s shows all.\n", Count(c.left, "diff"), code(c.command))
	}
	_, err := io.WriteString(w, c.text.String())
	return err
}

// RadiusMarkdown writes it for a comment on a pull request.
func RadiusMarkdown(w io.Writer, r *Radius) error {
	c := &comment{command: r.command()}
	fmt.Fprintf(&c.text, "### fluxsum: %s\n\nFrom %s to %s.\n", r.counts(), code(r.From[:shortLen]), code(r.To[:shortLen]))
	if text := r.onTheWay(); text != "" {
		what, command, _ := strings.Cut(text, ": ")
		fmt.Fprintf(&c.text, "\n**%s**, see %s.\n", what, code(command))
	}
	if len(r.Impacts) > 0 {
		c.table([]string{"Source", "Rule", "Release or workload", "What Flux will do", "Will Helm upgrade"}, r.rows())
	}
	var changes []*delta.Change
	for i := range r.Impacts {
		if change := r.Impacts[i].Change; change != nil {
			changes = append(changes, change)
		}
	}
	c.diffs(changes)
	return c.write(w)
}

func (r *Radius) rows() [][]string {
	var rows [][]string
	files := r.appliers()
	for n := range r.Impacts {
		i := &r.Impacts[n]
		source, rules := "its own manifests", ruleCell(i.Rules)
		if i.File != "" {
			source = code(i.title())
		}
		for k := range i.Rollouts {
			o := &i.Rollouts[k]
			rows = append(rows, []string{source, rules, releaseCell(o, files), verdictCell(o), upgradeCell(o)})
		}
		if len(i.Rollouts) == 0 {
			rows = append(rows, []string{source, rules, "none is known", "", ""})
		}
	}
	return rows
}

func ruleCell(all []rollout.RuleImpact) string {
	var parts []string
	for _, r := range all {
		text := code(r.Rule) + " " + string(r.State)
		if r.State != fluxsum.OK {
			text = code(r.Rule) + " **" + string(r.State) + "**"
		}
		parts = append(parts, text+" "+code(moved(&r)))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, "<br>")
}

// appliers are the files of the Kustomizations that apply something, by their names.
func (r *Radius) appliers() map[string]map[string]bool {
	files := map[string]map[string]bool{}
	for i := range r.Impacts {
		for k := range r.Impacts[i].Rollouts {
			if h := r.Impacts[i].Rollouts[k].AppliedBy; h != nil {
				if files[h.Name] == nil {
					files[h.Name] = map[string]bool{}
				}
				files[h.Name][h.File] = true
			}
		}
	}
	return files
}

// releaseCell names an object and the Kustomization that applies it, whose file says
// which one where several have the name: those of two clusters often do.
func releaseCell(o *rollout.Outcome, files map[string]map[string]bool) string {
	text := prose(o.Kind) + " " + code(o.Name)
	if o.Namespace != "" {
		text += " in " + code(o.Namespace)
	}
	if h := o.AppliedBy; h != nil {
		text += " by " + code(h.Name)
		if len(files[h.Name]) > 1 {
			text += ", " + code(place(h.File, h.Line))
		}
	}
	return text
}

func verdictCell(o *rollout.Outcome) string {
	text := "**" + string(o.Verdict.When) + "**: " + prose(o.Verdict.Why)
	if o.Verdict.Instead != "" {
		text += "; instead: " + code(o.Verdict.Instead)
	}
	return text
}

func upgradeCell(o *rollout.Outcome) string {
	u := o.Upgrade
	switch {
	case o.Gone && o.Kind == "HelmRelease":
		return "**uninstall**"
	case u == nil:
		return ""
	case u.Before != "" && u.Before != u.Digest:
		return fmt.Sprintf("**%s**: %s, values %s → %s", u.Will, prose(u.Why), code(shortDigest(u.Before)), code(shortDigest(u.Digest)))
	case u.Digest != "":
		return fmt.Sprintf("**%s**: %s, values %s", u.Will, prose(u.Why), code(shortDigest(u.Digest)))
	}
	return "**" + u.Will + "**: " + prose(u.Why)
}

// DifferencesMarkdown writes what was never rolled out for a comment.
func DifferencesMarkdown(w io.Writer, all []Difference) error {
	c := &comment{command: "fluxsum diff"}
	var rows [][]string
	for i := range all {
		if d := &all[i]; d.State == fluxsum.Stale || d.State == fluxsum.Missing {
			since := prose(d.Unknown)
			if d.Since != nil {
				since = code(d.Since.String())
			}
			rows = append(rows, []string{code(d.Rule), string(d.State), code(place(d.Target.File, d.Target.Line)), code(digests(&d.Result)), since})
		}
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintf(w, "### fluxsum: %s in sync\n", Count(len(all), "checksum"))
		return err
	}
	fmt.Fprintf(&c.text, "### fluxsum: %d of %s not in sync\n", len(rows), Count(len(all), "checksum"))
	c.table([]string{"Rule", "State", "Place", "Recorded → computed", "Last true in"}, rows)
	var changes []*delta.Change
	for _, group := range groups(all, false) {
		for n := range group[0].Changes {
			changes = append(changes, &group[0].Changes[n])
		}
	}
	c.diffs(changes)
	return c.write(w)
}

// folded is a diff that opens with a click, cut to some room.
func folded(c *delta.Change, room int) string {
	if c.Diff == "" {
		return "\n- " + prose(strings.ReplaceAll(ChangeText(c), " -> ", " → ")) + "\n" // a line of its own that begins with / would be a command to GitLab
	}
	title := c.File
	if c.Was != "" {
		title = c.Was + " → " + c.File
	}
	text := cut(strings.Split(strings.TrimSuffix(c.Diff, "\n"), "\n"), room-least)
	fence := fenceFor(text)
	return fmt.Sprintf("\n<details><summary><code>%s</code>: %s</summary>\n\n%sdiff\n%s%s\n\n</details>\n", escapeHTML(Printable(title)), Lines(c), fence, text, fence)
}

// cut are the first lines, as many as there is room for.
func cut(lines []string, room int) string {
	var b strings.Builder
	for i, line := range lines {
		line = visible(line)
		if b.Len()+len(line) >= room && i > 0 {
			fmt.Fprintf(&b, "... %s more\n", Count(len(lines)-i, "line"))
			break
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// fenceFor is longer than any run of backquotes in a text.
func fenceFor(text string) string {
	longest, run := 2, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return strings.Repeat("`", longest+1)
}

// code is text that is shown as it is, also in a table.
func code(s string) string {
	if strings.Contains(s, `\|`) {
		return "<code>" + prose(s) + "</code>" // between backquotes a table would end its cell there
	}
	s = strings.ReplaceAll(Printable(s), "|", `\|`)
	if !strings.Contains(s, "`") {
		return "`" + s + "`"
	}
	fence := fenceFor(s)
	return fence + " " + s + " " + fence
}

// prose is text in which nothing is taken for Markdown, HTML or the name of
// somebody.
func prose(s string) string {
	var b strings.Builder
	for _, r := range Printable(s) {
		switch {
		case r == '@' || r == '#':
			b.WriteString(string(r) + "<!-- -->") // parts it from the name behind it
		case strings.ContainsRune("\\`*_{}[]<>|~&", r):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func escapeHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
