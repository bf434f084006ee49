package rollout

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"sigs.k8s.io/yaml"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Config writes a proposal as a whole .fluxsum.yaml, whose first line tells editors
// what may stand in it.
func (p *Proposal) Config() string {
	var b strings.Builder
	b.WriteString("# yaml-language-server: $schema=" + fluxsum.SchemaURL + "\n" +
		"# Which checksum stands where: written by `fluxsum init`. `fluxsum update` writes the\n" +
		"# checksums, `fluxsum verify` checks them, `fluxsum explain RULE` tells the way to the rollout.\n" +
		"version: 1\nalgorithm: md5\nrules:\n")
	b.WriteString(p.RulesText())
	if len(p.Notes) > 0 {
		b.WriteString("\n# Without a rule:\n")
		for _, n := range p.Notes {
			b.WriteString(comment("#   ", n.Text)) // its words alone: a note may quote a file
			for _, line := range n.Details {
				b.WriteString("#     " + printable(line) + "\n")
			}
		}
	}
	return b.String()
}

// RulesText writes the rules of a proposal, as they stand below `rules:`.
func (p *Proposal) RulesText() string {
	var all []string
	for i := range p.Rules {
		all = append(all, p.Rules[i].text())
	}
	return strings.Join(all, "\n")
}

// lineWidth is that of comments.
const lineWidth = 100

// comment writes a text as comment lines.
func comment(prefix, text string) string {
	var b strings.Builder
	width := 0
	for _, word := range strings.Fields(text) {
		switch {
		case width == 0:
			b.WriteString(prefix)
			width = len(prefix)
		case width+1+len(word) > lineWidth:
			b.WriteString("\n" + prefix)
			width = len(prefix)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(printable(word))
		width += len(word)
	}
	b.WriteByte('\n')
	return b.String()
}

// printable escapes what a comment in YAML cannot hold.
func printable(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) || c == unicode.ReplacementChar }) {
		return strings.Trim(strconv.QuoteToASCII(s), `"`)
	}
	return s
}

func (r *Proposed) text() string {
	var b strings.Builder
	for _, reason := range r.Reason {
		b.WriteString(comment("  # ", reason))
	}
	fmt.Fprintf(&b, "  - name: %s\n", scalar(r.Name))
	if r.Algorithm != checksum.MD5 {
		fmt.Fprintf(&b, "    algorithm: %s\n", r.Algorithm)
	}
	if r.Content != checksum.Bytes {
		fmt.Fprintf(&b, "    content: %s\n", r.Content)
	}
	if len(r.Files) == 1 {
		fmt.Fprintf(&b, "    files: %s\n", scalar(r.Files[0]))
	} else {
		b.WriteString("    files:\n")
		for _, file := range r.Files {
			fmt.Fprintf(&b, "      - %s\n", scalar(file))
		}
	}
	fmt.Fprintf(&b, "    annotation: %s\n    targets:\n", scalar(r.Annotation))
	for i := range r.Targets {
		b.WriteString(targetText(&r.Targets[i]))
	}
	return b.String()
}

func targetText(t *fluxsum.Target) string {
	text := "      - file: " + scalar(t.File) + "\n"
	for _, f := range []struct{ key, value string }{{"kind", t.Kind}, {"name", t.Name}, {"namespace", t.Namespace}, {"path", t.Path}} {
		if f.value != "" {
			text += fmt.Sprintf("        %s: %s\n", f.key, scalar(f.value))
		}
	}
	return text
}

// plain is a string that no YAML takes for anything else.
var plain = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z]+[./-][A-Za-z0-9._/-]*$|^[A-Za-z]{6,}$`)
})

// scalar writes a string on one line of YAML.
func scalar(s string) string {
	if plain().MatchString(s) {
		return s
	}
	text, err := yaml.Marshal(s)
	if out := strings.TrimSuffix(string(text), "\n"); err == nil && !strings.Contains(out, "\n") && !strings.ContainsAny(s, "\u0085\u2028\u2029") {
		return out // of these ends of lines Marshal would make blanks
	}
	return fmt.Sprintf("%q", s)
}
