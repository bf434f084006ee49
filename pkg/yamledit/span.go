package yamledit

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Span is a range of bytes of a text, end exclusive.
type Span struct{ Start, End int }

// Position returns the 1-based line and column, in characters, of n in the
// whole file, also when f is the text inside a scalar.
func (f *File) Position(n *yaml.Node) (line, column int) {
	if f.layer == nil {
		return n.Line, n.Column
	}
	off, ok := f.lines().offset(n.Line, n.Column)
	if ok {
		off, ok = f.rootOffset(off)
	}
	if !ok {
		return f.layer.outer.Position(f.layer.holder)
	}
	return f.root().lines().position(off)
}

// ScalarPosition returns the 1-based line and column, in characters, of the
// one-line scalar n in the whole file, behind its anchor and tag. The error is
// an *Error.
func (f *File) ScalarPosition(n *yaml.Node) (line, column int, err error) {
	line, column = f.Position(n)
	span, err := f.Span(n)
	if err != nil || n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return line, column, err
	}
	if off, ok := f.rootOffset(span.Start); ok {
		line, column = f.root().lines().position(off)
	}
	return line, column, nil
}

// Span returns the bytes of the one-line scalar n in the text of f, quotes
// included, anchor and tag left out. A null that is written as nothing has an
// empty span. The error is an *Error.
func (f *File) Span(n *yaml.Node) (Span, error) {
	switch {
	case n.Kind == yaml.AliasNode:
		return Span{}, f.refuse(n, fmt.Sprintf("the value is the alias *%s, expected a scalar of its own", n.Value), "write the value out in place of the alias")
	case n.Kind != yaml.ScalarNode:
		return Span{}, f.refuse(n, "the value is a "+kindName(n)+", expected one scalar", "")
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return Span{}, f.refuse(n, "the value is a block scalar, expected one line", "write it on one line, in quotes")
	}
	start, err := f.contentStart(n)
	if err != nil {
		return Span{}, err
	}
	end, ok := f.scalarEnd(n, start)
	if !ok {
		return Span{}, f.refuse(n, "the value spans more than one line or cannot be located, expected one line", "write it on one line, in quotes")
	}
	return Span{start, end}, nil
}

// contentStart returns the offset of n behind its anchor and tag.
func (f *File) contentStart(n *yaml.Node) (int, error) {
	off, ok := f.lines().offset(n.Line, n.Column)
	if !ok {
		return 0, f.refuse(n, "the place cannot be located", "")
	}
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return off, nil
	}
	return f.skipProperties(off), nil
}

func (f *File) skipProperties(off int) int {
	for off < len(f.text) && (f.text[off] == '&' || f.text[off] == '!') {
		for off < len(f.text) && !isSpace(f.text[off]) && breakLen(f.text[off:]) == 0 {
			off++
		}
		for off < len(f.text) && isSpace(f.text[off]) {
			off++
		}
	}
	return off
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// scalarEnd returns the end of the one-line scalar n that starts at start; ok
// is false when the text there does not read as the value of n.
func (f *File) scalarEnd(n *yaml.Node, start int) (end int, ok bool) {
	rest := f.text[start:f.lines().lineEnd(f.lines().line(start))]
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return f.quotedEnd(n, start, rest, decodeDouble)
	case n.Style&yaml.SingleQuotedStyle != 0:
		return f.quotedEnd(n, start, rest, decodeSingle)
	}
	if !bytes.HasPrefix(rest, []byte(n.Value)) || !plainEnds(rest[len(n.Value):]) {
		return 0, false
	}
	return start + len(n.Value), true
}

func (f *File) quotedEnd(n *yaml.Node, start int, rest []byte, decode decoder) (int, bool) {
	if end := len(n.Value) + 2; len(rest) >= end && string(rest[1:end-1]) == n.Value && wordBetween(rest[:end]) {
		return start + end, true // as checksums stand: no escape, nothing to decode
	}
	segments, value, ok := decode(rest)
	if !ok || string(value) != n.Value {
		return 0, false
	}
	return start + segments[len(segments)-1].outer.End + 1, true
}

// wordBetween says whether text is a word in quotes without any escape.
func wordBetween(text []byte) bool {
	if text[0] != text[len(text)-1] {
		return false
	}
	for _, c := range text[1 : len(text)-1] {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}

// plainEnds says whether a plain scalar may end before rest, the remainder of
// its line.
func plainEnds(rest []byte) bool {
	if len(rest) == 0 {
		return true
	}
	switch rest[0] {
	case ' ', '\t', ',', ']', '}', ':', '[', '{':
		return true
	}
	return false
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "map"
	case yaml.SequenceNode:
		return "list"
	case yaml.AliasNode:
		return "alias"
	}
	return "scalar"
}

// refuse returns an *Error at n.
func (f *File) refuse(n *yaml.Node, message, hint string) *Error {
	line, column := f.Position(n)
	return &Error{Line: line, Column: column, Message: message, Hint: hint}
}
