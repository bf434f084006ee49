package yamledit

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// lineTable holds the byte offset at which each line of a text starts. Lines
// end where YAML 1.1 ends them: LF, CR, CRLF, NEL, LS and PS, because the
// nodes of yaml/v3 count lines that way.
type lineTable struct {
	text   []byte
	starts []int
}

const bom = "\ufeff"

func newLineTable(text []byte) lineTable {
	start := 0
	if bytes.HasPrefix(text, []byte(bom)) {
		start = len(bom)
	}
	t := lineTable{text: text, starts: []int{start}}
	for i := start; i < len(text); {
		n := breakLen(text[i:])
		if n == 0 {
			i++
			continue
		}
		i += n
		t.starts = append(t.starts, i)
	}
	return t
}

// breakLen returns the length of the line break that text starts with, or 0.
func breakLen(text []byte) int {
	switch c := text[0]; {
	case c == '\n':
		return 1
	case c == '\r':
		if len(text) > 1 && text[1] == '\n' {
			return 2
		}
		return 1
	case c == 0xc2 && len(text) > 1 && text[1] == 0x85: // NEL
		return 2
	case c == 0xe2 && len(text) > 2 && text[1] == 0x80 && (text[2] == 0xa8 || text[2] == 0xa9): // LS, PS
		return 3
	}
	return 0
}

// offset returns the byte offset of a 1-based line and column in characters;
// ok is false when there is no such place.
func (t lineTable) offset(line, column int) (off int, ok bool) {
	if line < 1 || line > len(t.starts) || column < 1 {
		return 0, false
	}
	off = t.starts[line-1]
	end := t.lineEnd(line)
	for c := 1; c < column; c++ {
		if off >= end {
			return 0, false
		}
		_, n := utf8.DecodeRune(t.text[off:])
		off += n
	}
	return off, true
}

// lineEnd returns the offset of the break that ends a 1-based line, or of the
// end of the text.
func (t lineTable) lineEnd(line int) int {
	end := len(t.text)
	if line < len(t.starts) {
		end = t.starts[line]
	}
	for i := max(end-3, t.starts[line-1]); i < end; i++ {
		if breakLen(t.text[i:]) == end-i {
			return i
		}
	}
	return end
}

// line returns the 1-based line that holds the byte at off.
func (t lineTable) line(off int) int {
	return max(1, sort.SearchInts(t.starts, off+1))
}

// position returns the 1-based line and column, in characters, of off.
func (t lineTable) position(off int) (line, column int) {
	line = t.line(off)
	start := min(t.starts[line-1], off)
	return line, 1 + utf8.RuneCount(t.text[start:off])
}
