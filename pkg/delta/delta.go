// Package delta shows how the content of a file differs from an earlier one: as
// a unified diff, or, of what must not be printed, as numbers alone. The package
// is pure.
package delta

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// MaxText is the size in bytes up to which contents are compared line by line: twice
// what a ConfigMap holds.
const MaxText = 2 << 20

// Change is how a file differs from an earlier content. Its JSON form is that of
// `diff -o json`.
type Change struct {
	File string `json:"file"`
	// Was is the name that it had, where that was another one.
	Was string `json:"was,omitempty"`
	// Status is modified, renamed, added or deleted.
	Status string `json:"status"`
	// Added and Removed count lines, Keys the values that differ in YAML, JSON
	// and dotenv.
	Added   int `json:"added"`
	Removed int `json:"removed"`
	Keys    int `json:"keys"`
	// Secret says why the contents are withheld.
	Secret string `json:"secret,omitempty"`
	// Note says why there is no diff.
	Note string `json:"note,omitempty"`
	// Diff is unified, with the two names before it.
	Diff string `json:"diff,omitempty"`
}

// The states of a change.
const (
	Modified = "modified"
	Renamed  = "renamed"
	Added    = "added"
	Deleted  = "deleted"
)

// Side is one of two contents.
type Side struct {
	Name   string
	Text   []byte // nil when it is larger than MaxText
	Size   int64  // in bytes
	Digest string // with its algorithm, as in "md5 d41d8cd9"
}

// New compares two contents, one of which may be nil: a file that was not there,
// or is not any more. Secret says why they must not be shown; "" when they may.
func New(was, is *Side, secret string) Change {
	c := Change{Secret: secret}
	c.name(was, is)
	old, new := text(was), text(is)
	switch {
	case was.TooLarge() || is.TooLarge():
		c.Note = "too large for a diff: " + sizes(was, is)
	case isBinary(old) || isBinary(new):
		c.Note = "binary: " + sizes(was, is)
	default:
		c.compare(old, new)
	}
	return c
}

func (c *Change) name(was, is *Side) {
	switch {
	case was == nil:
		c.File, c.Status = is.Name, Added
	case is == nil:
		c.File, c.Status = was.Name, Deleted
	case was.Name != is.Name:
		c.File, c.Was, c.Status = is.Name, was.Name, Renamed
	default:
		c.File, c.Status = is.Name, Modified
	}
}

func (c *Change) compare(old, new []byte) {
	hunks := hunksOf(old, new)
	c.Added, c.Removed = count(hunks)
	c.Keys = changedKeys(old, new)
	if c.Secret == "" && hunks != "" {
		c.Diff = c.header() + hunks
	}
}

// header is the two lines before the hunks of a unified diff.
func (c *Change) header() string {
	from, to := "a/"+c.File, "b/"+c.File
	if c.Was != "" {
		from = "a/" + c.Was
	}
	switch c.Status {
	case Added:
		from = "/dev/null"
	case Deleted:
		to = "/dev/null"
	}
	return "--- " + quote(from) + "\n+++ " + quote(to) + "\n"
}

func text(s *Side) []byte {
	if s == nil {
		return nil
	}
	return s.Text
}

// TooLarge says whether a content is too large to be compared; one that is not there
// is not.
func (s *Side) TooLarge() bool { return s != nil && s.Size > MaxText }

// isBinary is git's test: a NUL among the first bytes (xdiff-interface.c,
// buffer_is_binary).
func isBinary(text []byte) bool {
	const first = 8000
	return bytes.IndexByte(text[:min(len(text), first)], 0) >= 0
}

// sizes are those of two contents, with their digests.
func sizes(was, is *Side) string {
	switch {
	case was == nil:
		return size(is)
	case is == nil:
		return size(was)
	}
	return size(was) + " -> " + size(is)
}

func size(s *Side) string { return fmt.Sprintf("%d bytes, %s", s.Size, s.Digest) }

// quote writes a name as git does in a patch: in C's way where it holds what
// could be taken for something else (quote.c, quote_c_style).
func quote(name string) string {
	odd := func(c byte) bool { return c < ' ' || c == '"' || c == '\\' || c >= 0x7f }
	plain := true
	for i := range len(name) {
		plain = plain && !odd(name[i])
	}
	if plain {
		return name
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case '\a' <= c && c <= '\r':
			b.WriteString(strings.Trim(strconv.QuoteRune(rune(c)), "'"))
		case odd(c):
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
