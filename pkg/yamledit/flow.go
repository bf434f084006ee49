package yamledit

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// flowInsertion writes new entries behind the opening brace of a flow map.
func (c *change) flowInsertion() (Span, string, error) {
	f := c.file
	open, err := f.contentStart(c.node)
	if err != nil {
		return Span{}, "", err
	}
	entries := flowEntries(c.added.sub, f.isJSON(c.node))
	if len(c.node.Content) == 0 {
		return Span{open + 1, open + 1}, strings.Join(entries, ", "), nil
	}
	first, err := f.contentStart(c.node.Content[0])
	if err != nil {
		return Span{}, "", err
	}
	sep := "," + f.gap(open+1, first)
	return Span{first, first}, strings.Join(entries, sep) + sep, nil
}

func flowEntries(entries []*entry, json bool) []string {
	var all []string
	for _, e := range entries {
		key, value := plain(e.key), quote(e.value)
		if json {
			key = quote(e.key)
		}
		if e.sub != nil {
			value = "{" + strings.Join(flowEntries(e.sub, json), ", ") + "}"
		}
		all = append(all, key+": "+value)
	}
	return all
}

// isJSON says whether the keys around the flow map m are quoted as JSON wants
// it.
func (f *File) isJSON(m *yaml.Node) bool {
	if len(m.Content) > 0 {
		return m.Content[0].Style&yaml.DoubleQuotedStyle != 0
	}
	for _, doc := range f.docs {
		if doc.Style&yaml.FlowStyle == 0 {
			return false
		}
	}
	return true
}

// gap returns the white space of text[from:to] when that holds a line break
// and nothing else, with "\n" for the break; otherwise one space.
func (f *File) gap(from, to int) string {
	s := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(f.text[from:to]))
	if strings.Contains(s, "\n") && strings.Trim(s, " \t\n") == "" {
		return s
	}
	return " "
}

// flowEnd returns the offset behind the flow map or list that opens at off; ok
// is false when it is not closed. The proof of an edit catches what this
// simple scan may read otherwise than YAML does.
func flowEnd(text []byte, off int) (end int, ok bool) {
	depth, tokenStart := 0, true
	for i := off; i < len(text); i++ {
		switch c := text[i]; {
		case (c == '"' || c == '\'') && tokenStart:
			i = quoteEnd(text, i)
		case c == '#' && isBlank(text[i-1]):
			for i < len(text) && breakLen(text[i:]) == 0 {
				i++
			}
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
		if i < len(text) && !isBlank(text[i]) {
			tokenStart = strings.IndexByte("{[,:", text[i]) >= 0
		}
	}
	return 0, false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// quoteEnd returns the offset of the quote that closes the one at off.
func quoteEnd(text []byte, off int) int {
	for i := off + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && text[off] == '"':
			i++
		case text[i] == text[off]:
			return i
		}
	}
	return len(text)
}
