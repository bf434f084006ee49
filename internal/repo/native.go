package repo

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitattributes"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// native does what can be done without git: line endings. What else stands
// between the worktree and Git is refused by name.
type native struct {
	checkout *Checkout
	matcher  gitattributes.Matcher
	problem  error
	auto     bool // core.autocrlf
}

// newNative reads all .gitattributes of the worktree, and the settings of the
// repository.
func newNative(c *Checkout) *native {
	n := &native{checkout: c}
	all, _ := gitattributes.ReadAttributes(strings.NewReader("[attr]binary -diff -merge -text\n"), nil, true)
	n.problem = fs.WalkDir(os.DirFS(c.repo.Top), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // what cannot be read matters only to the file that is read
		case d.IsDir() && isGit(d.Name()):
			return fs.SkipDir
		case d.Name() == ".gitattributes":
			return n.read(&all, filepath.Join(c.repo.Top, filepath.FromSlash(name)), split(path.Dir(name)))
		}
		return nil
	})
	if info := filepath.Join(c.repo.CommonDir, "info", "attributes"); n.problem == nil && exists(info) {
		n.problem = n.read(&all, info, nil)
	}
	n.matcher = gitattributes.NewMatcher(all)
	if g, err := c.repo.openGoGit(); err == nil {
		if cfg, err := g.storage.Config(); err == nil {
			value := strings.ToLower(cfg.Raw.Section("core").Option("autocrlf"))
			n.auto = value == "true" || value == "input"
		}
		g.Close()
	}
	return n
}

func (n *native) read(all *[]gitattributes.MatchAttribute, file string, domain []string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := gitattributes.ReadAttributes(f, domain, true)
	*all = append(*all, lines...)
	return err
}

func (n *native) open(name string, file fs.File) (fs.File, error) {
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	if text, err = n.convert(name, text); err != nil {
		return nil, err
	}
	return &converted{io.NopCloser(bytes.NewReader(text)), info}, nil
}

// convert returns text with the line endings that Git stores.
func (n *native) convert(name string, text []byte) ([]byte, error) {
	if n.problem != nil {
		return nil, n.problem
	}
	found, _ := n.matcher.Match(split(path.Join(n.checkout.prefix, name)), []string{"text", "eol", "crlf", "filter", "ident", "working-tree-encoding"})
	for _, key := range []string{"filter", "working-tree-encoding"} {
		if a := found[key]; a != nil && a.IsValueSet() {
			return nil, &fluxsum.FileError{Message: "passes through the " + key + " " + a.Value() + ", which needs git", Hint: "put git on PATH, or verify a commit with --rev"}
		}
	}
	if a := found["ident"]; a != nil && a.IsSet() && bytes.Contains(text, []byte("$Id")) {
		return nil, &fluxsum.FileError{Message: "passes through ident, which needs git", Hint: "put git on PATH, or verify a commit with --rev"}
	}
	if n.isText(found, text) {
		return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), nil
	}
	return text, nil
}

// isText says whether the line endings of a file are converted
// (gitattributes(5), "text" and "eol").
func (n *native) isText(found map[string]gitattributes.Attribute, text []byte) bool {
	attribute := found["text"]
	if attribute == nil || attribute.IsUnspecified() {
		attribute = found["crlf"] // its old name
	}
	switch eol := found["eol"]; {
	case attribute != nil && attribute.IsUnset():
		return false
	case attribute != nil && attribute.IsSet():
		return true
	case attribute != nil && attribute.IsValueSet() && attribute.Value() == "auto":
		return looksLikeText(text)
	case eol != nil && eol.IsValueSet():
		return true
	}
	return n.auto && looksLikeText(text)
}

// looksLikeText is git's own guess (convert.c): no NUL, no lone CR, and hardly
// any control characters.
func looksLikeText(text []byte) bool {
	printable, odd := 0, 0
	for i, c := range text {
		switch {
		case c == 0, c == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			return false
		case c == '\r', c == '\n':
		case c == 0x7f, c < 0x20 && c != '\b' && c != '\t' && c != 0x1b && c != '\f':
			odd++
		default:
			printable++
		}
	}
	return printable>>7 >= odd
}
