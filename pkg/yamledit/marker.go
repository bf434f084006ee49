package yamledit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Marks are the lines of a text, which need not be YAML, that end in the
// comment of a marker.
type Marks struct {
	text    []byte
	lines   lineTable
	markers []string
	at      map[string][]markedLine
}

// markedLine is a line (1-based) and the length of its part before the comment.
type markedLine struct{ line, end int }

// Marked is the scalar on a line that ends in the comment of a marker. Line
// and Column are 1-based, in characters.
type Marked struct {
	Line, Column int
	Value        string
	IsString     bool // a reader of YAML takes it for a string
	span         Span // of the scalar, quotes included
	yaml         bool // stands behind "key:" or "-", not behind "key="
}

// markerKey is the key of a marker comment in JSON, like the "$imagepolicy"
// of Flux.
const markerKey = "$fluxsum"

// FindMarks finds the lines of the markers, which hold no #, in text. The error
// is an *Error.
func FindMarks(text []byte, markers []string) (*Marks, error) {
	if err := checkEncoding(text); err != nil {
		return nil, err
	}
	m := &Marks{text, newLineTable(text), markers, make(map[string][]markedLine, len(markers))}
	for _, marker := range markers {
		m.at[marker] = nil
	}
	for i := range m.lines.starts {
		m.addLine(i + 1)
	}
	return m, nil
}

// line returns a line, 1-based, without its break; none is empty.
func (m *Marks) line(n int) []byte {
	if n > len(m.lines.starts) {
		return nil
	}
	return m.text[m.lines.starts[n-1]:m.lines.lineEnd(n)]
}

// addLine looks at what follows the last # of a line. A line that is all
// comment has no trailing one.
func (m *Marks) addLine(n int) {
	line := m.line(n)
	i := bytes.LastIndexByte(line, '#')
	if i <= 0 || !isSpace(line[i-1]) || bytes.TrimLeft(line, " \t")[0] == '#' {
		return
	}
	marker := markerOf(string(bytes.TrimSpace(line[i+1:])))
	if lines, wanted := m.at[marker]; wanted {
		m.at[marker] = append(lines, markedLine{n, len(bytes.TrimRight(line[:i], " \t"))})
	}
}

// markerOf returns the marker in a comment: `{"$fluxsum": "MARKER"}`, or all of
// it.
func markerOf(comment string) string {
	var fields map[string]string
	if strings.HasPrefix(comment, "{") && json.Unmarshal([]byte(comment), &fields) == nil && fields[markerKey] != "" {
		return fields[markerKey]
	}
	return comment
}

// Find returns the scalars of all lines with this marker. A marked line that
// does not end in one scalar is an *Error.
func (m *Marks) Find(marker string) ([]Marked, error) {
	var found []Marked
	for _, l := range m.at[marker] {
		s, ok := scalarBefore(m.line(l.line)[:l.end])
		if !ok || s.span.Start == s.span.End && m.opensBlock(l.line) {
			return nil, &Error{Line: l.line, Column: 1, Message: fmt.Sprintf("the line marked %s does not end in one value, expected `key: VALUE # %s`", printable(marker), printable(marker)), Hint: "put the value on a line of its own, in quotes"}
		}
		start := m.lines.starts[l.line-1]
		s.span = Span{s.span.Start + start, s.span.End + start}
		s.Line, s.Column = m.lines.position(s.span.Start)
		found = append(found, s)
	}
	return found, nil
}

// markedScalar is the part of a line before a marker: dashes, a key with colon
// or equals sign (words may stand before the latter: export KEY=VALUE), then
// one value, and perhaps the comma of a flow map.
var markedScalar = lazy(`^\s*((?:-(?:\s+|$))*)` +
	`(?:(?:"[^"]*"|'[^']*'|[^\s:=#"'{}\[\],&*!|>%@-][^:=#"'{}\[\],]*|-[^\s:=#"'{}\[\],][^:=#"'{}\[\],]*)\s*(?:(:)(?:\s+|$)|(=)\s*))?` +
	`((?:[&!][^\s,\[\]{}]*\s+)*)` +
	`("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[A-Za-z0-9._/~+:-]*),?$`)

// scalarBefore reads the one scalar at the end of a line without its comment.
func scalarBefore(line []byte) (Marked, bool) {
	g := markedScalar().FindSubmatchIndex(line)
	if g == nil {
		return Marked{}, false
	}
	dash, colon, equals := g[3] > g[2], g[4] >= 0, g[6] >= 0
	value := string(line[g[10]:g[11]])
	m := Marked{Value: value, span: Span{g[10], g[11]}, yaml: (dash || colon) && !equals}
	m.IsString = !m.yaml || !readsAsOther(value)
	switch {
	case value == "":
		return m, dash || colon || equals
	case value[0] == '"' || value[0] == '\'':
		return m.unquoted()
	case !m.yaml && !equals:
		return m, isHex().MatchString(value) // a word alone is a value when it is a digest
	}
	return m, value != "-" && !strings.HasSuffix(value, ":")
}

var isHex = lazy(`^[0-9a-f]{8,}$`)

// unquoted decodes a value in quotes.
func (m Marked) unquoted() (Marked, bool) {
	decode := decodeDouble
	if m.Value[0] == '\'' {
		decode = decodeSingle
	}
	_, value, ok := decode([]byte(m.Value))
	m.Value, m.IsString = string(value), true
	return m, ok
}

// opensBlock says whether the lines below a line belong to it: then what looks
// like no value is a map, a list or a text.
func (m *Marks) opensBlock(n int) bool {
	marked := m.line(n)
	for below := n + 1; below <= len(m.lines.starts); below++ {
		line := m.line(below)
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		return indentation(line) > indentation(marked) || isItem(line) && !isItem(marked)
	}
	return false
}

func isItem(line []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("-")) }

func indentation(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }

// MarkEdit is a new value for the one scalar with a marker.
type MarkEdit struct{ Marker, Value string }

// Replace gives marked scalars new values. The result is proved: each marker
// reads its new value, and where the text is YAML, it still is and only these
// scalars differ. The error is an *Error.
func (m *Marks) Replace(edits []MarkEdit) ([]byte, error) {
	e := &Edits{root: &File{text: m.text}}
	var splices []splice
	var marked []Marked
	for _, edit := range edits {
		found, err := m.Find(edit.Marker)
		if err != nil {
			return nil, err
		}
		if len(found) != 1 || !writable(edit.Value) {
			return nil, &Error{Message: fmt.Sprintf("%d lines are marked %s, expected one", len(found), printable(edit.Marker))}
		}
		splices = append(splices, splice{found[0].span, found[0].write(m.text, edit.Value)})
		marked = append(marked, found[0])
	}
	text, err := e.apply(splices)
	if err != nil {
		return nil, err
	}
	return text, m.prove(text, edits, marked)
}

// write returns the new text of the scalar, in its own quoting style.
func (m Marked) write(text []byte, value string) string {
	empty := m.span.Start == m.span.End
	switch {
	case !empty && text[m.span.Start] == '"':
		return quote(value)
	case !empty && text[m.span.Start] == '\'':
		return singleQuote(value)
	case !m.yaml:
		return value
	case empty && m.span.Start > 0 && !isSpace(text[m.span.Start-1]):
		return " " + plain(value)
	}
	return plain(value)
}

func (m *Marks) prove(text []byte, edits []MarkEdit, marked []Marked) error {
	refused := &Error{Line: marked[0].Line, Column: marked[0].Column, Message: "an edit here would change more than the one value", Hint: "put the value on a line of its own, in quotes"}
	again, err := FindMarks(text, m.markers)
	if err != nil {
		return refused
	}
	values := map[string]bool{}
	for _, edit := range edits {
		found, err := again.Find(edit.Marker)
		if err != nil || len(found) != 1 || found[0].Value != edit.Value || !found[0].IsString {
			return refused
		}
		values[edit.Value] = true
	}
	before, err := parseDocs(m.text)
	if err != nil || isFreeText(before) {
		return nil // a template or a script: the lines are all that can be read
	}
	after, err := parseDocs(text)
	p := markProver{values: values, shared: map[*yaml.Node]bool{}, left: len(edits)}
	if err == nil && p.documents(before, after) {
		return nil
	}
	if p.isShared {
		refused.Message, refused.Hint = sharedMessage, sharedHint
	}
	return refused
}

// isFreeText says whether no document is more than a scalar, as YAML takes any
// text for one.
func isFreeText(docs []*yaml.Node) bool {
	for _, doc := range docs {
		if doc.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}

// markProver compares two trees that may differ in some scalars.
type markProver struct {
	values   map[string]bool
	shared   map[*yaml.Node]bool
	left     int  // scalars that may differ
	isShared bool // an alias reads a scalar that differs
}

func (p *markProver) documents(before, after []*yaml.Node) bool {
	if len(before) != len(after) {
		return false
	}
	for i := range before {
		collectShared(before[i], p.shared)
	}
	for i := range before {
		if !p.node(before[i], after[i], false) {
			return false
		}
	}
	return true
}

func (p *markProver) node(a, b *yaml.Node, shared bool) bool {
	shared = shared || p.shared[a]
	if a.Kind != b.Kind || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Value != b.Value {
		p.isShared = p.isShared || shared
		if shared || !p.scalar(a, b) {
			return false
		}
	}
	for i := range a.Content {
		if !p.node(a.Content[i], b.Content[i], shared) {
			return false
		}
	}
	return true
}

// scalar says whether a scalar may have changed so: it reads as one of the new
// values (alone, or behind KEY=), or is a block of text with the marked line
// inside.
func (p *markProver) scalar(a, b *yaml.Node) bool {
	if a.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		p.left--
		key, value, found := strings.Cut(b.Value, "=")
		behindKey := found && p.values[value] && strings.HasPrefix(a.Value, key+"=")
		return p.left >= 0 && (behindKey || p.values[b.Value] && IsString(b))
	}
	before, err := parseDocs([]byte(a.Value))
	if err != nil || isFreeText(before) {
		return true // the line is all that can be read
	}
	after, err := parseDocs([]byte(b.Value))
	return err == nil && p.documents(before, after)
}
