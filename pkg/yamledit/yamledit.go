// Package yamledit finds scalars in YAML text, replaces or inserts them and
// touches no other byte.
//
// It never re-encodes a document. Places come from the nodes of
// go.yaml.in/yaml/v3, are mapped to byte offsets, edited by splicing, and
// every edit is proved by parsing the result again: the new value must read
// back and everything else must read the same. What cannot be proved is
// refused with an [Error] that carries line and column.
//
// YAML or JSON inside a scalar (a kustomize patch in a block scalar, say) is
// opened with [File.Inner] and edited like any other text, to any depth.
//
// The package knows YAML, not Kubernetes, and does no I/O.
package yamledit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// File is a text of one or more YAML documents: a whole file, or the text
// inside a scalar of another File. It is not safe for concurrent use.
type File struct {
	text  []byte
	docs  []*yaml.Node
	plain bool       // read by parsePlain
	table *lineTable // of text, made by lines
	inner map[*yaml.Node]*File
	keys  map[*yaml.Node]map[string][]int
	sizes map[*yaml.Node]int
	layer *layer // nil for a whole file
}

// Parse reads all documents of text. The error, if any, is an *Error. Text
// that is not UTF-8, holds a NUL byte, or whose aliases expand out of all
// proportion is refused.
func Parse(text []byte) (*File, error) {
	if err := checkEncoding(text); err != nil {
		return nil, err
	}
	if err := checkSigns(text); err != nil {
		return nil, err
	}
	if root, ok := parsePlain(text); ok {
		return &File{text: text, docs: []*yaml.Node{root}, plain: true}, nil
	}
	docs, err := parseAny(text)
	if err != nil {
		return nil, err
	}
	return &File{text: text, docs: docs}, nil
}

// IsPlain says whether the text is the simplest YAML, which every reader of
// every version reads the same but for the types of plain scalars: one document
// of block maps and lists, scalars on one line, no tags, anchors or escapes.
func (f *File) IsPlain() bool { return f.plain }

// HasAliases says whether there are aliases in the text: in most there is no
// sign of any.
func (f *File) HasAliases() bool {
	return bytes.IndexByte(f.text, '*') >= 0 && slices.ContainsFunc(f.docs, hasAlias)
}

// lines returns the line table, made when an edit or a place asks for it.
func (f *File) lines() lineTable {
	if f.table == nil {
		table := newLineTable(f.text)
		f.table = &table
	}
	return *f.table
}

// Docs returns the root node of each document; an empty document is a null
// scalar.
func (f *File) Docs() []*yaml.Node { return f.docs }

func checkEncoding(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return &Error{Line: 1, Column: 1, Message: "is UTF-16, expected UTF-8", Hint: "convert the file, e.g. with iconv -f UTF-16 -t UTF-8"}
	case bytes.IndexByte(text, 0) >= 0:
		line, column := newLineTable(text).position(bytes.IndexByte(text, 0))
		return &Error{Line: line, Column: column, Message: "holds a NUL byte, expected text"}
	case !utf8.Valid(text):
		line, column := newLineTable(text).position(firstInvalid(text))
		return &Error{Line: line, Column: column, Message: "is not UTF-8 text"}
	}
	return nil
}

func firstInvalid(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}

// parseDocs returns the content node of every document in text.
func parseDocs(text []byte) ([]*yaml.Node, error) {
	if root, ok := parsePlain(text); ok {
		return []*yaml.Node{root}, nil
	}
	return parseAny(text)
}

// parseAny reads text with yaml/v3.
func parseAny(text []byte) ([]*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var docs []*yaml.Node
	for {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return nil, syntaxError(text, err)
		}
		root := doc.Content[0]
		if err := checkAliases(root); err != nil {
			return nil, err
		}
		docs = append(docs, root)
	}
}

// maxExpanded bounds the number of nodes a document may have when its aliases
// are expanded; readers of YAML refuse documents far beyond their own size.
const maxExpanded = 10_000_000

func checkAliases(root *yaml.Node) error {
	sizes := map[*yaml.Node]int{}
	if !hasAlias(root) || expandedSize(root, sizes, map[*yaml.Node]bool{}) < maxExpanded {
		return nil
	}
	return &Error{Line: root.Line, Column: root.Column, Message: "aliases expand to more than ten million nodes", Hint: "no reader of YAML takes such a document; write the values out"}
}

// Size counts the nodes below n, and n, with aliases expanded; it does not
// count beyond ten million.
func (f *File) Size(n *yaml.Node) int {
	if f.sizes == nil {
		f.sizes = map[*yaml.Node]int{}
	}
	return expandedSize(n, f.sizes, map[*yaml.Node]bool{})
}

// Count counts nodes and those below them, aliases as one.
func Count(nodes []*yaml.Node) int {
	count := len(nodes)
	for _, n := range nodes {
		count += Count(n.Content)
	}
	return count
}

func hasAlias(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode {
		return true
	}
	for _, c := range n.Content {
		if hasAlias(c) {
			return true
		}
	}
	return false
}

// expandedSize counts nodes with aliases expanded, saturating at maxExpanded.
// A node inside its own expansion counts as maxExpanded.
func expandedSize(n *yaml.Node, sizes map[*yaml.Node]int, open map[*yaml.Node]bool) int {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if size, ok := sizes[n]; ok {
		return size
	}
	if open[n] {
		return maxExpanded
	}
	open[n] = true
	size := 1
	for _, c := range n.Content {
		size = min(maxExpanded, size+expandedSize(c, sizes, open))
	}
	delete(open, n)
	sizes[n] = size
	return size
}

// Error is a refusal at a place of the file. Line and Column are 1-based and
// count characters; zero means unknown.
type Error struct {
	Line, Column int
	Message      string
	Hint         string
	Syntax       bool // the text is not YAML
}

// Error returns "line:column: message".
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }
