package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Review is what verify has found, for the tools that show it in a review.
type Review struct {
	Trees   []Tree // one, or the commits of a range, oldest first
	Strict  bool   // findings count as stale checksums do
	Version string // of the program
}

// The codes of what is no finding.
const (
	staleChecksum   = "stale-checksum"
	missingChecksum = "missing-checksum"
	notVerified     = "not-verified"
)

// levelError is the level of what makes the exit status 1 or 2.
const levelError = "error"

// issue is what is wrong at one place.
type issue struct {
	code, level  string
	rule         string
	file         string // from the top of the repository
	line, column int    // 1-based, 0 when unknown
	message      string // of several lines, and printable
	identity     string // what it is about; it stays while the issue does
	fingerprint  string // of that: hexadecimal, and no other issue of a tree has it
}

// issues are those of all trees, each once: in a range at its place in the newest
// commit that has it. What must be mended comes first.
func (r *Review) issues() []issue {
	var all []issue
	at := map[string]int{}
	for n := range r.Trees {
		last := n == len(r.Trees)-1
		for _, i := range r.Trees[n].issues(r.Strict) {
			if !last { // its line may be another one by now
				i.message += " (in commit " + short(r.Trees[n].Name, shortLen) + ")"
				i.line, i.column = 0, 0
			}
			if k, known := at[i.fingerprint]; known {
				all[k] = i
				continue
			}
			at[i.fingerprint] = len(all)
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b issue) int {
		return cmp.Or(cmp.Compare(rank(a.level), rank(b.level)), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	return all
}

// exact is a path as it is, where a format can hold it: not without control characters
// and what is no UTF-8.
func exact(file string) string {
	if !utf8.ValidString(file) || strings.ContainsFunc(file, unicode.IsControl) {
		return Printable(file)
	}
	return file
}

func rank(level string) int {
	return slices.Index([]string{levelError, fluxsum.Warning, fluxsum.Note}, level)
}

// issues are those of one tree.
func (t *Tree) issues(strict bool) []issue {
	var all []issue
	for i := range t.Plan.Results {
		if r := &t.Plan.Results[i]; r.State == fluxsum.Stale || r.State == fluxsum.Missing {
			all = append(all, t.untrue(r))
		}
	}
	all = append(all, t.untold()...)
	for _, f := range t.Plan.Findings {
		all = append(all, t.finding(f, strict))
	}
	sign(all)
	return all
}

// untrue is a checksum that is stale or missing.
func (t *Tree) untrue(r *fluxsum.Result) issue {
	i := issue{code: staleChecksum, level: levelError, rule: r.Rule, file: t.fromTop(r.Target.File), line: r.Target.Line, column: r.Target.Column}
	if r.State == fluxsum.Missing {
		i.code = missingChecksum
	}
	i.message = fmt.Sprintf("%s: the checksum of %s is %s: %s", Printable(r.Rule), t.sources(r.Files), r.State, digests(r))
	i.message += t.remark(r)
	i.identity = strings.Join([]string{i.code, r.Rule, i.file, r.Annotation, subject(r), r.Marker()}, "\x00")
	return i
}

// remark is what there is to say of a checksum that is not true, and what to do.
func (t *Tree) remark(r *fluxsum.Result) string {
	text := ""
	for _, p := range r.Problems {
		text += "\nfluxsum update cannot write it: " + problemText(p)
	}
	if text != "" {
		return text
	}
	if r.Message != "" && r.Recorded != r.Computed { // else the digests say so
		text = "; " + Printable(r.Message)
	}
	if t.Cure != "" {
		text += "; " + t.Cure
	}
	return text
}

// sources names the files of a rule, as many as a message bears.
func (t *Tree) sources(files []string) string {
	const most = 3
	var names []string
	for _, f := range files[:min(len(files), most)] {
		names = append(names, Printable(t.fromTop(f)))
	}
	text := strings.Join(names, ", ")
	if more := len(files) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// untold are what could not be told, each once.
func (t *Tree) untold() []issue {
	var all []issue
	seen := map[string]bool{}
	add := func(rule string, p *fluxsum.Problem) {
		if !seen[p.Error()] {
			seen[p.Error()] = true
			all = append(all, t.problem(rule, p))
		}
	}
	for _, p := range t.Problems {
		add("", p)
	}
	for i := range t.Plan.Results {
		r := &t.Plan.Results[i]
		for _, p := range r.Problems {
			if r.State == fluxsum.Failed {
				add(r.Rule, p)
			}
		}
	}
	return all
}

func (t *Tree) problem(rule string, p *fluxsum.Problem) issue {
	i := issue{code: notVerified, level: levelError, rule: rule, file: t.fromTop(cmp.Or(p.File, t.Config.Shown)), line: p.Line, column: p.Column}
	i.message = problemText(p)
	i.identity = strings.Join([]string{i.code, i.file, withoutNumbers(strings.ReplaceAll(p.Message, t.Config.Shown, t.Config.Name))}, "\x00")
	return i
}

// problemText is a problem without its place.
func problemText(p *fluxsum.Problem) string {
	text := Printable(p.Message)
	for _, d := range p.Details {
		text += "\n" + Printable(d)
	}
	if p.Hint != "" {
		text += "\nhint: " + Printable(p.Hint)
	}
	return text
}

func (t *Tree) finding(f fluxsum.Finding, strict bool) issue {
	i := issue{code: f.Code, level: f.Level, rule: f.Rule, file: t.fromTop(f.File), line: f.Line, message: Printable(f.Message)}
	if strict {
		i.level = levelError
	}
	i.identity = strings.Join([]string{i.code, i.rule, i.file, cmp.Or(f.Subject, withoutNumbers(f.Message))}, "\x00")
	return i
}

// subject is the map in which a checksum stands.
func subject(r *fluxsum.Result) string {
	return strings.Join(append([]string{r.Target.Kind, r.Target.Namespace, r.Target.Name}, r.Path()...), "/")
}

// withoutNumbers is a message without the lines that it names, which move.
func withoutNumbers(message string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, message)
}

// fromTop is a path of the root, or that of the config, from the top of the
// repository.
func (t *Tree) fromTop(name string) string {
	switch {
	case name == "":
		return ""
	case name == t.Config.Shown:
		name = t.Config.Name
	}
	return path.Join(t.Prefix, name)
}

// sign gives the issues of a tree their fingerprints. Those that are about the same
// are counted.
func sign(all []issue) {
	count := map[string]int{}
	for i := range all {
		id := all[i].identity
		count[id]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", id, count[id]))
		all[i].fingerprint = fmt.Sprintf("%x", sum[:16])
	}
}
