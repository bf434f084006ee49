package yamledit

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parsePlain reads the simplest and most common YAML: one document of block
// maps and lists of scalars that stand on one line, plain or in quotes without
// escapes. It gives the same nodes as yaml/v3 (but for comments, which nothing
// here reads) several times as fast, which a config of thousands of rules and a
// manifest of thousands of annotations need; a fuzz test holds the two
// equal. At the least that is out of the ordinary it gives up: ok is false.
func parsePlain(text []byte) (root *yaml.Node, ok bool) {
	p := plainParser{text: text, values: string(text), end: -1}
	p.next()
	if p.eof || p.indent != 0 {
		return nil, false
	}
	root = p.block()
	return root, p.eof && !p.odd
}

// plainParser stands at a line with content: text[start:end], indented by
// indent spaces. For what follows a dash, indent counts the dash too.
type plainParser struct {
	text                    []byte
	values                  string // the same: values are slices of it
	line, begin, start, end int    // begin: offset at which the line begins
	indent                  int
	eof                     bool
	odd                     bool         // something is out of the ordinary
	nodes                   []yaml.Node  // slab
	links                   []*yaml.Node // slab
	stack                   []*yaml.Node // children of the nodes that are open
}

// giveUp ends the reading, wherever it is.
func (p *plainParser) giveUp() { p.odd, p.eof, p.indent, p.end = true, true, -1, len(p.text) }

// next goes to the next line that is neither empty nor a comment.
func (p *plainParser) next() {
	for p.end+1 < len(p.text) {
		p.line++
		p.begin = p.end + 1
		p.end = len(p.text)
		if n := bytes.IndexByte(p.text[p.begin:], '\n'); n >= 0 {
			p.end = p.begin + n
		}
		p.start = p.skipSpaces(p.begin)
		if p.start == p.end {
			continue
		}
		if p.text[p.start] == '#' {
			p.comment(p.start)
			continue
		}
		p.indent = p.start - p.begin
		if c := p.text[p.start]; p.indent == 0 && (c == '-' || c == '.') && p.end-p.start >= 3 && p.text[p.start+1] == c && p.text[p.start+2] == c {
			p.giveUp() // a document marker
		}
		return
	}
	p.eof, p.indent = true, -1
}

func (p *plainParser) skipSpaces(at int) int {
	for at < p.end && p.text[at] == ' ' {
		at++
	}
	return at
}

// comment checks that the rest of the line is nothing but a comment, also for
// yaml/v3: no control characters, and no breaks but LF.
func (p *plainParser) comment(at int) {
	for i := at; i < p.end; i++ {
		c := p.text[i]
		if c >= ' ' && c < 0x7f {
			continue
		}
		if c < 0x7f || c == 0x7f || c == 0xef || c == 0xc2 || c == 0xe2 && i+1 < p.end && p.text[i+1] == 0x80 {
			p.giveUp()
			return
		}
	}
}

// isDash says whether a list item begins here.
func (p *plainParser) isDash() bool {
	return !p.eof && p.text[p.start] == '-' && (p.start+1 == p.end || p.text[p.start+1] == ' ')
}

// node returns a new node at offset at of the line.
func (p *plainParser) node(kind yaml.Kind, tag string, at int) *yaml.Node {
	if len(p.nodes) == 0 {
		p.nodes = make([]yaml.Node, p.slab(128))
	}
	n := &p.nodes[0]
	p.nodes = p.nodes[1:]
	n.Kind, n.Tag, n.Line, n.Column = kind, tag, p.line, at-p.begin+1
	return n
}

// slab is how many nodes are made at once: no more than a small text can hold.
func (p *plainParser) slab(most int) int {
	const bytesPerNode = 8 // at the least, in manifests
	return min(most, len(p.text)/bytesPerNode+4)
}

// adopt makes the nodes above mark on the stack the content of n.
func (p *plainParser) adopt(n *yaml.Node, mark int) {
	count := len(p.stack) - mark
	if len(p.links) < count {
		p.links = make([]*yaml.Node, max(count, p.slab(256)))
	}
	n.Content = p.links[:count:count]
	p.links = p.links[count:]
	copy(n.Content, p.stack[mark:])
	p.stack = p.stack[:mark]
}

func (p *plainParser) block() *yaml.Node {
	if p.isDash() {
		return p.list()
	}
	return p.mapping()
}

func (p *plainParser) mapping() *yaml.Node {
	n, indent, mark := p.node(yaml.MappingNode, "!!map", p.start), p.indent, len(p.stack)
	for p.indent == indent && !p.eof && !p.isDash() {
		colon := p.key()
		if colon < 0 {
			p.giveUp()
			break
		}
		p.stack = append(p.stack, p.scalar(p.start, colon))
		p.value(colon+1, indent)
	}
	if p.indent > indent {
		p.giveUp()
	}
	p.adopt(n, mark)
	return n
}

// maxKey is well below the length from which yaml/v3 takes no word for a key.
const maxKey = 512

// key returns the offset of the colon behind the key that begins here, or -1.
func (p *plainParser) key() int {
	for i := p.start; i < p.end && i < p.start+maxKey; i++ {
		switch c := p.text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '/':
		case (c == '.' || c == '-') && i > p.start:
		case c == ':' && i > p.start && (i+1 == p.end || p.text[i+1] == ' '):
			return i
		default:
			return -1
		}
	}
	return -1
}

// value puts what stands behind a colon onto the stack.
func (p *plainParser) value(at, indent int) {
	at = p.skipSpaces(at)
	if at < p.end && p.text[at] != '#' {
		p.stack = append(p.stack, p.scalar(at, p.end))
		p.next()
		return
	}
	p.comment(at)
	p.next()
	if p.indent < indent || p.indent == indent && !p.isDash() {
		p.giveUp() // a null
		return
	}
	p.stack = append(p.stack, p.block())
}

func (p *plainParser) list() *yaml.Node {
	n, indent, mark := p.node(yaml.SequenceNode, "!!seq", p.start), p.indent, len(p.stack)
	for !p.eof && p.indent == indent && p.isDash() {
		p.item(indent)
	}
	if p.indent > indent {
		p.giveUp()
	}
	p.adopt(n, mark)
	return n
}

// item puts what stands behind a dash onto the stack.
func (p *plainParser) item(indent int) {
	at := p.skipSpaces(p.start + 1)
	if at == p.end || p.text[at] == '#' {
		p.comment(at)
		p.next()
		if p.indent <= indent {
			p.giveUp() // a null
			return
		}
		p.stack = append(p.stack, p.block())
		return
	}
	p.start, p.indent = at, at-p.begin
	switch {
	case p.isDash():
		p.giveUp()
	case p.key() >= 0:
		p.stack = append(p.stack, p.mapping())
	default:
		p.stack = append(p.stack, p.scalar(at, p.end))
		p.next()
	}
}

// scalar reads text[at:to], which may end in a comment.
func (p *plainParser) scalar(at, to int) *yaml.Node {
	n := p.node(yaml.ScalarNode, "!!str", at)
	switch c := p.text[at]; c {
	case '"':
		n.Style = yaml.DoubleQuotedStyle
	case '\'':
		n.Style = yaml.SingleQuotedStyle
	default:
		p.plain(n, at, to)
		return n
	}
	end := at + 1 + bytes.IndexByte(p.text[at+1:to], p.text[at])
	if end == at || !isASCII(p.text[at:end]) || bytes.IndexByte(p.text[at:end], '\\') >= 0 {
		p.giveUp()
		return n
	}
	rest := p.skipSpaces(end + 1)
	if rest < p.end && (rest == end+1 || p.text[rest] != '#') {
		p.giveUp()
		return n
	}
	p.comment(rest)
	n.Value = p.values[at+1 : end]
	return n
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// plain reads a scalar without quotes.
func (p *plainParser) plain(n *yaml.Node, at, to int) {
	if c := p.text[at]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '/') {
		p.giveUp()
		return
	}
	if i := bytes.Index(p.text[at:to], []byte(" #")); i >= 0 {
		p.comment(at + i)
		to = at + i
	}
	text := bytes.TrimRight(p.text[at:to], " ")
	if !isASCII(text) || text[len(text)-1] == ':' || bytes.Contains(text, []byte(": ")) {
		p.giveUp()
		return
	}
	n.Value = p.values[at : at+len(text)]
	if n.Tag = plainTag(n.Value); n.Tag == "" {
		p.giveUp()
	}
}

// plainTag returns the tag of a plain scalar that begins with a letter, a
// digit, a slash or an underscore, or "" when that takes more than a glance.
func plainTag(s string) string {
	switch c := s[0]; {
	case c >= '0' && c <= '9' && isSmallInt(s):
		return "!!int"
	case c >= '0' && c <= '9' && (strings.ContainsAny(s, "xX") || !strings.ContainsAny(s, "acdfghijklmnpqrsuvwyz/ACDFGHIJKLMNPQRSUVWY")):
		return "" // may be a number or a date
	case len(s) > 5:
	case s == "true", s == "True", s == "TRUE", s == "false", s == "False", s == "FALSE":
		return "!!bool"
	case s == "null", s == "Null", s == "NULL":
		return "!!null"
	}
	return "!!str"
}

func isSmallInt(s string) bool {
	const most = 15
	return len(s) <= most && strings.Trim(s, "0123456789") == "" && (s[0] != '0' || s == "0")
}
