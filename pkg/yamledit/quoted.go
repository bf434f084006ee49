package yamledit

import (
	"strconv"
	"unicode/utf8"
)

// segment maps a run of a scalar's value (inner) to the bytes of the text that
// wrote it (outer). When linear, byte k of the one is byte k of the other;
// else it is an escape, all or nothing.
type segment struct {
	inner, outer Span
	linear       bool
}

// A decoder reads a one-line quoted scalar at the start of text. It returns
// the value, and segments that cover it in order; the last one is empty and
// stands at the closing quote. ok is false when the scalar does not end in
// text.
type decoder func(text []byte) (segments []segment, value []byte, ok bool)

// decodeSingle reads '…', in which two quotes stand for one.
func decodeSingle(text []byte) ([]segment, []byte, bool) {
	var b segmentBuilder
	for i := 1; i < len(text); {
		switch {
		case text[i] != '\'':
			b.run(text[i:i+1], i)
			i++
		case i+1 < len(text) && text[i+1] == '\'':
			b.escape([]byte{'\''}, Span{i, i + 2})
			i += 2
		default:
			return b.close(i)
		}
	}
	return nil, nil, false
}

// decodeDouble reads "…" with the escapes of YAML 1.1, of which those of JSON
// are a part.
func decodeDouble(text []byte) ([]segment, []byte, bool) {
	var b segmentBuilder
	for i := 1; i < len(text); {
		switch text[i] {
		case '"':
			return b.close(i)
		case '\\':
			value, n := unescape(text[i:])
			if n == 0 {
				return nil, nil, false
			}
			b.escape(value, Span{i, i + n})
			i += n
		default:
			b.run(text[i:i+1], i)
			i++
		}
	}
	return nil, nil, false
}

// unescape reads the escape sequence that text starts with; n is 0 when there
// is none that stays on the line.
func unescape(text []byte) (value []byte, n int) {
	if len(text) < 2 {
		return nil, 0
	}
	const from = "0abt\tnvfre \"'/\\N_LP"
	to := []string{"\x00", "\a", "\b", "\t", "\t", "\n", "\v", "\f", "\r", "\x1b", " ", `"`, "'", "/", `\`, "\u0085", "\u00a0", "\u2028", "\u2029"}
	for i := range from {
		if from[i] == text[1] {
			return []byte(to[i]), 2
		}
	}
	width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]
	if width == 0 || len(text) < 2+width {
		return nil, 0
	}
	code, err := strconv.ParseUint(string(text[2:2+width]), 16, 32)
	if err != nil {
		return nil, 0
	}
	return utf8.AppendRune(nil, rune(code)), 2 + width
}

// segmentBuilder joins neighbouring linear bytes into one segment.
type segmentBuilder struct {
	segments []segment
	value    []byte
}

func (b *segmentBuilder) run(text []byte, at int) {
	if len(text) == 0 {
		return
	}
	n := len(b.value)
	b.value = append(b.value, text...)
	if last := len(b.segments) - 1; last >= 0 && b.segments[last].linear && b.segments[last].outer.End == at {
		b.segments[last].inner.End += len(text)
		b.segments[last].outer.End += len(text)
		return
	}
	b.segments = append(b.segments, segment{Span{n, n + len(text)}, Span{at, at + len(text)}, true})
}

func (b *segmentBuilder) escape(value []byte, at Span) {
	n := len(b.value)
	b.value = append(b.value, value...)
	b.segments = append(b.segments, segment{Span{n, n + len(value)}, at, false})
}

func (b *segmentBuilder) close(at int) ([]segment, []byte, bool) {
	n := len(b.value)
	b.segments = append(b.segments, segment{Span{n, n}, Span{at, at}, true})
	return b.segments, b.value, true
}
