package yamledit

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"
)

// Use is what to do with a document.
type Use int

// The uses of a document.
const (
	Keep  Use = iota // give its node
	Check            // only see whether it is YAML
	Skip             // do not read it
)

// Nodes reads the documents of a text that is not to be edited: the content
// node of each that is to be kept (use nil: all), with the lines of the whole
// text. Unlike Parse it goes on behind a document that is not YAML: the error, an
// *Error, is that of the first such document, and its line is near the fault.
func Nodes(text []byte, use func(document []byte) Use) ([]*yaml.Node, error) {
	if err := checkEncoding(text); err != nil {
		return nil, err
	}
	if err := checkSigns(text); err != nil {
		return nil, err
	}
	var docs []*yaml.Node
	var first error
	for _, p := range pieces(text) {
		what := Keep
		if use != nil {
			what = use(p.text)
		}
		if what == Skip {
			continue
		}
		found, err := p.nodes()
		if first == nil && err != nil {
			first = err
		}
		if what == Keep {
			docs = append(docs, found...)
		}
	}
	return docs, first
}

// piece is one document, as a rule, of a text.
type piece struct {
	text  []byte
	lines int // of the text before it
}

// pieces splits a text at the lines that part its documents. YAML allows such
// a line nowhere else, not even inside quotes. What has directives, or a value
// on such a line, stays whole.
func pieces(text []byte) []piece {
	all := []piece{{text: text}}
	for at, line := 0, 0; at < len(text); line++ {
		end := len(text)
		if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		switch isMarker(text[at:end]) {
		case marksMore:
			return []piece{{text: text}}
		case marksStart:
			last := &all[len(all)-1]
			begin := len(text) - len(last.text)
			last.text = text[begin:at]
			all = append(all, piece{text[end:], line + 1})
		}
		at = end
	}
	return all
}

type marker int

const (
	marksNothing marker = iota
	marksStart          // --- and at most a comment
	marksMore           // a directive, or --- and a value
)

func isMarker(line []byte) marker {
	if len(line) > 0 && line[0] == '%' {
		return marksMore
	}
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	if !ok || len(rest) > 0 && !bytes.ContainsRune([]byte(" \t\r\n"), rune(rest[0])) {
		return marksNothing
	}
	if rest = bytes.TrimSpace(rest); len(rest) > 0 && rest[0] != '#' {
		return marksMore
	}
	return marksStart
}

func (p piece) nodes() ([]*yaml.Node, error) {
	if root, ok := parsePlain(p.text); ok {
		shift(root, p.lines)
		return []*yaml.Node{root}, nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(p.text))
	var docs []*yaml.Node
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if err != nil {
			return docs, p.fault(err)
		}
		root := doc.Content[0]
		if err := checkAliases(root); err != nil {
			return docs, err
		}
		shift(root, p.lines)
		docs = append(docs, root)
	}
}

// fault is the error of a reader for the piece; nil at its end.
func (p piece) fault(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	e := readError(err)
	e.Line += p.lines
	return e
}

// shift moves nodes down by some lines. A node is reached once: aliases are
// not followed.
func shift(n *yaml.Node, lines int) {
	if lines == 0 {
		return
	}
	n.Line += lines
	for _, c := range n.Content {
		shift(c, lines)
	}
}
