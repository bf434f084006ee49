package repo

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// native does what can be done without git: line endings. What else stands
// between the worktree and Git is refused by name.
type native struct {
	checkout   *Checkout
	attributes attributes
	problem    error
	auto       bool // core.autocrlf
}

// newNative reads all .gitattributes of the worktree, and the settings.
func newNative(c *Checkout) *native {
	n := &native{checkout: c}
	file := defaultAttributes()
	for _, name := range []string{"/etc/gitconfig", xdgFile("config"), "~/.gitconfig", filepath.Join(c.repo.CommonDir, "config")} {
		settings, err := readConfig(expandHome(name), "autocrlf", "attributesfile")
		if err != nil {
			n.problem = &fluxsum.FileError{Message: "passes through Git settings that cannot be read: " + name}
			return n
		}
		core := settings.Section("core")
		if value := core.Option("autocrlf"); value != "" {
			n.auto = isTrue(value) || strings.EqualFold(value, "input")
		}
		if value := core.Option("attributesfile"); value != "" {
			file = value
		}
	}
	n.attributes.add("binary -diff -merge -text", ".", true)
	n.problem = n.readAttributes(file)
	return n
}

func isTrue(value string) bool {
	switch strings.ToLower(value) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}

// readAttributes reads the files of attributes, the weakest first.
func (n *native) readAttributes(own string) error {
	c := n.checkout
	for _, name := range []string{"/etc/gitattributes", expandHome(own)} {
		if err := n.read(name, "."); err != nil {
			return err
		}
	}
	if err := n.readWorktree(); err != nil {
		return err
	}
	return n.read(filepath.Join(c.repo.CommonDir, "info", "attributes"), ".")
}

// readWorktree reads all .gitattributes of the worktree, but as git does follows no
// symlink.
func (n *native) readWorktree() error {
	top, err := OpenWorktree(n.checkout.repo.Top)
	if err != nil {
		return err
	}
	defer top.Close()
	return fs.WalkDir(top, ".", func(folder string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // what cannot be read matters only to the file that is read
		}
		name := path.Join(folder, ".gitattributes")
		if info, err := top.Lstat(name); err == nil && info.Mode().IsRegular() {
			if text, err := fs.ReadFile(top, name); err == nil {
				n.add(text, folder)
			}
		}
		return nil
	})
}

func (n *native) read(file, folder string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil // as git does
	}
	n.add(text, folder)
	return nil
}

func (n *native) add(text []byte, folder string) {
	for line := range strings.SplitSeq(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
		n.attributes.add(line, folder, false)
	}
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
	if odd := n.attributes.unread(); odd != "" {
		return nil, needsGit("attributes of " + strconv.Quote(odd))
	}
	found := n.attributes.of(path.Join(n.checkout.prefix, name))
	for _, key := range []string{"filter", "working-tree-encoding"} {
		if value := found[key]; value != "" && value != unset && value != set {
			return nil, needsGit("the " + key + " " + value)
		}
	}
	if found["ident"] == set && bytes.Contains(text, []byte("$Id")) {
		return nil, needsGit("ident")
	}
	if n.isText(name, found, text) {
		return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), nil
	}
	return text, nil
}

func needsGit(what string) error {
	return &fluxsum.FileError{Message: "passes through " + what + ", which needs git", Hint: "put git on PATH, or verify a commit with --rev"}
}

// isText says whether the line endings of a file are converted
// (gitattributes(5), "text" and "eol").
func (n *native) isText(name string, found map[string]string, text []byte) bool {
	value := found["text"]
	if value == "" {
		value = found["crlf"] // its old name
	}
	switch {
	case value == unset:
		return false
	case value == set, value == "input":
		return true
	case value == "auto":
		return n.looksLikeText(name, text)
	case found["eol"] == "lf", found["eol"] == "crlf":
		return true
	}
	return n.auto && n.looksLikeText(name, text)
}

// looksLikeText is git's own guess, where nobody says that a file is text: it
// looks so, and what is stored of it already is not a text with CRLF
// (convert.c, crlf_to_git).
func (n *native) looksLikeText(name string, text []byte) bool {
	stored, err := fs.ReadFile(n.checkout.index, name)
	if err == nil && bytes.Contains(stored, []byte("\r\n")) && isProbablyText(stored) {
		return false
	}
	return isProbablyText(text)
}

// isProbablyText: no NUL, no lone CR, and hardly any control characters
// (convert.c, convert_is_binary).
func isProbablyText(text []byte) bool {
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
