package report

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// FuzzShown: whatever stands in names, messages and contents, what is shown of it
// steers no terminal, each line of a Markdown table has its cells, a fence ends where
// it should, Mermaid gets nodes and edges alone, and JSON reads back.
func FuzzShown(f *testing.F) {
	for _, text := range []string{"", "plain", hostile, "a|b", `a\|b`, "```\n", "````", "<!--", "</details>", "a\n\nb", "]:", "\"]", "\tx\r\n", "\x1b]8;;x\x07", "- a", "\u202e", "\x7f\u009b31m", "|", `\`, "``"} {
		f.Add(text, "old\n"+text+"\n")
	}
	f.Fuzz(func(t *testing.T, text, content string) {
		if len(text)+len(content) > 2000 {
			return // a comment is cut
		}
		stories, all, radius := filledStories(text), differences(text, content), radiusOf(text, content)
		verb := Verb{Stale: "stale", Missing: "missing", All: true}
		for name, write := range map[string]func(io.Writer) error{
			"differences": func(w io.Writer) error { return Differences(w, all, verb) },
			"stories":     func(w io.Writer) error { return Stories(w, stories, verb) },
			"radius":      func(w io.Writer) error { return RadiusText(w, radius, verb) },
			"patch":       func(w io.Writer) error { return Patch(w, delta.Patch(text, nil, []byte(content)), verb) },
			"findings":    func(w io.Writer) error { return Findings(w, review(text).Trees[1].Plan.Findings, verb) },
			"codes":       func(w io.Writer) error { return Codes(w, codes(text), verb) },
		} {
			checkPlain(t, name, written(t, write))
		}
		checkMermaid(t, written(t, func(w io.Writer) error { return Mermaid(w, stories) }))
		checkMarkdown(t, written(t, func(w io.Writer) error { return DifferencesMarkdown(w, all) }))
		checkMarkdown(t, written(t, func(w io.Writer) error { return RadiusMarkdown(w, radius) }))
		checkJSON(t, written(t, func(w io.Writer) error { return RadiusJSON(w, radius) }))
		checkJSON(t, written(t, func(w io.Writer) error { return DifferencesJSON(w, Tree{Plan: &fluxsum.Plan{}}, all) }))
		checkJSON(t, written(t, func(w io.Writer) error { return ExplainedJSON(w, &Explained{Stories: stories}) }))
	})
}

// codes are one that is found here, and one that is not.
func codes(text string) []Code {
	m := fluxsum.Meanings()
	return []Code{{m[0], review(text).Trees[1].Plan.Findings, ""}, {m[1], nil, text}}
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// filled puts a text into every string below a value, and two entries into every
// list.
func filled(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(text)
		}
	case reflect.Int:
		v.SetInt(3)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			filled(v.Index(i), text)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "Problems" {
				filled(v.Field(i), text)
			}
		}
	}
}

// digest is what has been computed, which is never a foreign text.
const digest = "0123456789abcdef"

func filledStories(text string) []rollout.Story {
	var stories []rollout.Story
	filled(reflect.ValueOf(&stories).Elem(), text)
	for i := range stories {
		for k := range stories[i].Targets {
			stories[i].Targets[k].State, stories[i].Targets[k].Computed = fluxsum.Stale, digest
			stories[i].Targets[k].Verdict.When = flux.Immediate
		}
		for _, hops := range stories[i].Chains {
			hops[0].Kind = "File" // a way begins there
		}
	}
	return stories
}

func changeOf(text, content string) delta.Change {
	side := func(content string) *delta.Side {
		return &delta.Side{Name: text, Text: []byte(content), Size: int64(len(content)), Digest: "md5 abc"}
	}
	return delta.New(side("old\n"), side(content), "")
}

func differences(text, content string) []Difference {
	var all []Difference
	filled(reflect.ValueOf(&all).Elem(), text)
	for i := range all {
		all[i].Computed, all[i].State = digest, []fluxsum.State{fluxsum.Stale, fluxsum.Missing}[i]
		all[i].Changes = append(all[i].Changes, changeOf(text, content))
	}
	return all
}

func radiusOf(text, content string) *Radius {
	var r Radius
	filled(reflect.ValueOf(&r.Impacts).Elem(), text)
	for i := range r.Impacts {
		for k := range r.Impacts[i].Rollouts {
			r.Impacts[i].Rollouts[k].Upgrade.Will = []string{"yes", "no"}[k]
		}
	}
	change := changeOf(text, content)
	r.Impacts[0].Change = &change
	r.Range, r.From, r.To = text, strings.Repeat("a", 40), strings.Repeat("b", 40)
	r.Commits = []Tree{{Name: text, Plan: &fluxsum.Plan{}}}
	return &r
}

// checkPlain: nothing but text, ends of lines and tabs.
func checkPlain(t *testing.T, name, shown string) {
	t.Helper()
	if i := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }); i >= 0 || !utf8.ValidString(shown) {
		t.Fatalf("%s shows %q", name, shown[max(i, 0):])
	}
}

// mermaidLine is a node or an edge.
var mermaidLine = regexp.MustCompile(`^  n\d+(?:\(\["[^"]*"\]\)|\[/"[^"]*"/\]|\["[^"]*"\])$|^  n\d+ -->(?:\|"[^"]*"\|)? n\d+$`)

func checkMermaid(t *testing.T, shown string) {
	t.Helper()
	checkPlain(t, "mermaid", shown)
	lines := strings.Split(shown, "\n")
	if lines[0] != "```mermaid" || lines[1] != "flowchart LR" || lines[len(lines)-2] != "```" || lines[len(lines)-1] != "" {
		t.Fatalf("no fence around\n%s", shown)
	}
	for _, line := range lines[2 : len(lines)-2] {
		if !mermaidLine.MatchString(line) {
			t.Fatalf("neither node nor edge: %q", line)
		}
	}
}

// checkMarkdown: each row of a table has as many cells as its head, and each folded
// diff is one block of code.
func checkMarkdown(t *testing.T, shown string) {
	t.Helper()
	checkPlain(t, "markdown", shown)
	columns, fence := 0, ""
	for _, line := range strings.Split(shown, "\n") {
		switch {
		case fence != "":
			if strings.TrimRight(line, " \t") == fence {
				fence = ""
			}
		case strings.HasSuffix(line, "diff") && strings.HasPrefix(line, "```"):
			fence = strings.TrimSuffix(line, "diff")
		case strings.HasPrefix(line, "|"):
			if n := cells(line); columns == 0 {
				columns = n
			} else if n != columns {
				t.Fatalf("%d cells, expected %d in %q", n, columns, line)
			}
		default:
			columns = 0
			if !markdownLine.MatchString(line) {
				t.Fatalf("%q stands by itself in\n%s", line, shown)
			}
		}
	}
	if fence != "" {
		t.Fatalf("a fence is open in\n%s", shown)
	}
}

// markdownLine is what may stand outside of tables and code: nothing of what is
// shown begins a line.
var markdownLine = regexp.MustCompile("^$|^### fluxsum: |^From `|^\\*\\*|^- |^<details><summary><code>[^<>]*</code>: [^<>]*</summary>$|^</details>$|^\\d+ (row|diff)s? left out")

// cells counts the cells of a row as GitHub does: a backslash takes the sign behind
// it along.
func cells(line string) int {
	n := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			n++
		}
	}
	return n - 1
}

func checkJSON(t *testing.T, shown string) {
	t.Helper()
	if steers := func(r rune) bool { return r != '\n' && unicode.IsControl(r) }; !json.Valid([]byte(shown)) || strings.ContainsFunc(shown, steers) {
		t.Fatalf("no JSON, or with control characters: %q", shown)
	}
}
