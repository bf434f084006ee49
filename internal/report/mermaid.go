package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// Mermaid writes the ways as a graph, in the fence that makes GitHub and GitLab
// draw it in a comment.
// Source: mermaid.js.org/syntax/flowchart.
func Mermaid(w io.Writer, all []rollout.Story) error {
	m := &mermaid{Writer: bufio.NewWriter(w), ids: map[string]string{}, edges: map[string]bool{}}
	fmt.Fprintln(m, "```mermaid\nflowchart LR")
	for i := range all {
		m.story(&all[i])
	}
	fmt.Fprintln(m, "```")
	return m.Flush()
}

type mermaid struct {
	*bufio.Writer
	ids   map[string]string // of nodes, by their text
	edges map[string]bool
}

func (m *mermaid) story(s *rollout.Story) {
	for _, hops := range s.Chains {
		m.chain(hops)
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		rule := m.node("rule "+s.Rule, "rule", "([", "])")
		for _, file := range s.Files {
			m.edge(m.file(file), rule, "")
		}
		on := strings.TrimSpace(t.Target.Kind + " " + t.Target.Name)
		if on == "" {
			on = t.Target.File
		}
		m.edge(rule, m.carrier(s, t, on), string(t.Verdict.When))
	}
	if len(s.Chains) == 0 && len(s.Targets) == 0 {
		for _, file := range s.Files {
			m.file(file)
		}
	}
}

// carrier is the node of the object that carries a checksum: one of the ways,
// where it stands on them.
func (m *mermaid) carrier(s *rollout.Story, t *rollout.Target, on string) string {
	for i := range s.Rollouts {
		if o := &s.Rollouts[i]; o.Kind == t.Target.Kind && o.Name == t.Target.Name {
			return m.object(o.Kind, o.Name, o.Namespace, o.ID)
		}
	}
	return m.node(on, "object", "[", "]")
}

func (m *mermaid) chain(hops rollout.Hops) {
	before := ""
	for i := range hops {
		h := &hops[i]
		switch {
		case h.Kind == "File":
			before = m.file(h.Name)
		case h.How == "applies it":
			m.edge(m.object(h.Kind, h.Name, h.Namespace, h.ID), before, "applies")
		default:
			id := m.object(h.Kind, h.Name, h.Namespace, h.ID)
			m.edge(before, id, h.How)
			before = id
		}
	}
}

func (m *mermaid) file(name string) string { return m.node(name, "file", "[/", "/]") }

// object is the node of an object; id tells those of one name apart.
func (m *mermaid) object(kind, name, namespace, id string) string {
	text := kind + " " + name
	if namespace != "" {
		text += " in " + namespace
	}
	return m.node(text, "object "+id, "[", "]")
}

// node writes a node the first time it is needed, and returns its id.
func (m *mermaid) node(text, class, open, end string) string {
	key := class + " " + text
	if id := m.ids[key]; id != "" {
		return id
	}
	id := fmt.Sprintf("n%d", len(m.ids)+1)
	m.ids[key] = id
	fmt.Fprintf(m, "  %s%s%s%s\n", id, open, label(text), end)
	return id
}

func (m *mermaid) edge(from, to, text string) {
	arrow := "-->"
	if text != "" {
		arrow = "-->|" + label(text) + "|"
	}
	line := fmt.Sprintf("  %s %s %s\n", from, arrow, to)
	if !m.edges[line] {
		m.edges[line] = true
		m.WriteString(line)
	}
}

// label quotes a text, with what means something to Mermaid, HTML or Markdown
// as entities.
func label(text string) string {
	var b strings.Builder
	for _, r := range Printable(text) {
		if strings.ContainsRune("\"#<>&`|\\;*_~[]{}", r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
