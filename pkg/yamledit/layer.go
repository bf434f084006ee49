package yamledit

import (
	"bytes"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// layer ties the text inside a scalar to the bytes of the file around it.
type layer struct {
	outer    *File
	holder   *yaml.Node // the scalar, a node of outer
	segments []segment  // inner: offsets in the scalar's value; outer: in outer.text
	encode   func(string) (string, bool)
}

// Inner opens the text inside the scalar n as YAML or JSON. Block scalars and
// one-line quoted scalars can be opened; the error is an *Error.
func (f *File) Inner(n *yaml.Node) (*File, error) {
	if file, ok := f.inner[n]; ok {
		return file, nil
	}
	l, err := f.open(n)
	if err != nil {
		return nil, err
	}
	file := &File{text: []byte(n.Value), layer: l}
	file.docs, err = parseDocs(file.text)
	if err != nil {
		return nil, file.misread(err.(*Error))
	}
	if f.inner == nil {
		f.inner = map[*yaml.Node]*File{}
	}
	f.inner[n] = file
	return file, nil
}

// misread gives an error of reading the text inside a scalar its place in the
// whole file.
func (f *File) misread(e *Error) *Error {
	at := &yaml.Node{Line: e.Line, Column: e.Column}
	return f.refuse(at, "the text inside the scalar "+e.Message, e.Hint)
}

func (f *File) open(n *yaml.Node) (*layer, error) {
	l := &layer{outer: f, holder: n}
	start, err := f.contentStart(n)
	if err != nil {
		return nil, err
	}
	ok := false
	switch {
	case n.Kind != yaml.ScalarNode:
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		ok = l.openBlock(start)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		ok = l.openQuoted(start, decodeDouble, escapeDouble)
	case n.Style&yaml.SingleQuotedStyle != 0:
		ok = l.openQuoted(start, decodeSingle, escapeSingle)
	}
	if !ok {
		return nil, f.refuse(n, "the text inside the scalar cannot be located byte by byte", "write it as a literal block scalar (|-)")
	}
	return l, nil
}

func (l *layer) openQuoted(start int, decode decoder, encode func(string) (string, bool)) bool {
	f := l.outer
	segments, value, ok := decode(f.text[start:f.lines().lineEnd(f.lines().line(start))])
	if !ok || string(value) != l.holder.Value {
		return false
	}
	for i := range segments {
		segments[i].outer.Start += start
		segments[i].outer.End += start
	}
	l.segments, l.encode = segments, encode
	return true
}

var doubleEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func escapeDouble(s string) (string, bool) { return doubleEscapes.Replace(s), true }

func escapeSingle(s string) (string, bool) {
	return strings.ReplaceAll(s, "'", "''"), !strings.Contains(s, "\n")
}

// openBlock maps a block scalar whose header stands at start. Each line of the
// value must be the end of a line of the text, all shifted by the same
// indentation; that checks itself whatever the header says.
func (l *layer) openBlock(start int) bool {
	value := l.holder.Value
	if strings.ContainsAny(value, "\u0085\u2028\u2029") {
		return false
	}
	a := aligner{file: l.outer, value: value, line: l.outer.lines().line(start) + 1, indent: -1}
	literal := l.holder.Style&yaml.LiteralStyle != 0
	align := a.folded
	if literal {
		align = a.literal
	}
	if !align() {
		return false
	}
	l.segments, l.encode = a.segments, a.encoder(literal)
	return true
}

// aligner walks the lines of a block scalar along its value.
type aligner struct {
	file     *File
	value    string
	line     int // the next line of the text, 1-based
	indent   int // in bytes; -1 until the first line with content
	segments []segment
}

// content returns the next line of the text without its break.
func (a *aligner) content() (text []byte, at int, ok bool) {
	if a.line > len(a.file.lines().starts) {
		return nil, 0, false
	}
	at = a.file.lines().starts[a.line-1]
	text = a.file.text[at:a.file.lines().lineEnd(a.line)]
	a.line++
	return text, at, true
}

// literal aligns a scalar that keeps its line breaks.
func (a *aligner) literal() bool {
	for rest, off := a.value, 0; rest != ""; {
		line, tail, _ := strings.Cut(rest, "\n")
		if !a.alignLine(line, off) {
			return false
		}
		off += len(rest) - len(tail)
		rest = tail
	}
	return len(a.segments) > 0
}

// alignLine maps one line of the value, at off, to the next line of the text.
func (a *aligner) alignLine(line string, off int) bool {
	text, at, ok := a.content()
	if !ok {
		return false
	}
	if line == "" {
		return len(bytes.Trim(text, " ")) == 0
	}
	shift := len(text) - len(line)
	if shift < 0 || string(text[shift:]) != line || !a.sameIndent(text[:shift]) {
		return false
	}
	a.add(off, at+shift, len(line))
	return true
}

func (a *aligner) sameIndent(prefix []byte) bool {
	if a.indent < 0 {
		a.indent = len(prefix)
	}
	return len(prefix) == a.indent && len(bytes.Trim(prefix, " ")) == 0
}

func (a *aligner) add(inner, outer, n int) {
	a.segments = append(a.segments, segment{Span{inner, inner + n}, Span{outer, outer + n}, true})
}

// folded aligns a scalar whose lines may be joined by a space: each line of
// the text must stand whole in the value.
func (a *aligner) folded() bool {
	for off := 0; off < len(a.value); {
		text, at, ok := a.content()
		switch {
		case !ok:
			return false
		case len(bytes.Trim(text, " ")) == 0:
			continue
		case a.indent < 0:
			a.indent = len(text) - len(bytes.TrimLeft(text, " "))
		}
		if len(text) < a.indent || !strings.HasPrefix(a.value[off:], string(text[a.indent:])) {
			return false
		}
		a.add(off, at+a.indent, len(text)-a.indent)
		off += len(text) - a.indent
		off += joint(a.value[off:])
	}
	return len(a.segments) > 0
}

// joint returns the length of what folding puts between two lines: one space,
// or the line breaks that were kept.
func joint(rest string) int {
	if strings.HasPrefix(rest, " ") {
		return 1
	}
	return len(rest) - len(strings.TrimLeft(rest, "\n"))
}

// encoder returns how text is written into the scalar. Lines can be added to a
// literal scalar alone.
func (a *aligner) encoder(literal bool) func(string) (string, bool) {
	indent := strings.Repeat(" ", max(a.indent, 0))
	return func(s string) (string, bool) {
		return strings.ReplaceAll(s, "\n", "\n"+indent), literal || !strings.Contains(s, "\n")
	}
}

// lift turns a span of the text inside the scalar into one of the text around
// it; ok is false when the two do not correspond byte by byte.
func (l *layer) lift(s Span) (Span, bool) {
	start, ok1 := l.at(s.Start, false)
	end, ok2 := l.at(s.End, true)
	if s.Start == s.End {
		return Span{end, end}, ok2
	}
	return Span{start, end}, ok1 && ok2 && start <= end
}

// at maps one offset: as the end of the segment before it, or as the start of
// the one behind.
func (l *layer) at(off int, asEnd bool) (int, bool) {
	i := sort.Search(len(l.segments), func(i int) bool {
		if asEnd {
			return l.segments[i].inner.End >= off
		}
		return l.segments[i].inner.End > off
	})
	if i == len(l.segments) || off < l.segments[i].inner.Start {
		return 0, false
	}
	s := l.segments[i]
	switch {
	case off == s.inner.End:
		return s.outer.End, true
	case off == s.inner.Start, s.linear:
		return s.outer.Start + off - s.inner.Start, true
	}
	return 0, false
}

func (f *File) root() *File {
	for f.layer != nil {
		f = f.layer.outer
	}
	return f
}

// rootOffset maps the start of something at off to the whole file.
func (f *File) rootOffset(off int) (int, bool) {
	for ok := true; f.layer != nil; f = f.layer.outer {
		if off, ok = f.layer.at(off, false); !ok {
			return 0, false
		}
	}
	return off, true
}
