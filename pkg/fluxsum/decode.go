package fluxsum

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// LoadConfig reads the config file name of fsys; messages call it shown. The
// error is that of ReadConfig.
func LoadConfig(ctx context.Context, fsys fs.FS, name, shown string) (*Config, error) {
	t := newTree(ctx, fsys)
	text, err := t.text(name, MaxConfig)
	if err == nil {
		return ReadConfig(shown, text)
	}
	p := t.reading(name, err, &Problem{File: name})
	p.File = shown
	_, isLink := t.link(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !isLink:
		p.Hint = "-c takes a config file"
	case !errors.Is(err, fs.ErrPermission) && p.Line == 0:
		p.Hint = ""
	}
	return nil, Problems{p}
}

// ReadConfig reads the text of a config; name is what messages call the file.
// It is strict: unknown keys, wrong types, duplicates and what section 2 of
// the format forbids are refused, all at once. The error is Problems, and a
// ConfigError where the text as such could be read.
//
// The config is read from the nodes, because places come from there, and any
// text that sigs.k8s.io/yaml would read otherwise (YAML 1.1) is refused.
func ReadConfig(name string, text []byte) (*Config, error) {
	d := &decoder{file: name, budget: maxAliased}
	c := &Config{file: name}
	root := d.parse(text)
	if root != nil {
		d.config(root, c)
		d.refuseTwins(c)
		if len(d.problems) == 0 {
			d.checkStrict(text, root)
		}
	}
	if d.full() {
		all := d.problems.Sorted()
		last := all[min(len(all), maxProblems)-1]
		return nil, append(all[:min(len(all), maxProblems)], newProblem(name, last.Line, last.Column, fmt.Sprintf("more than %d faults: the rest is not read", maxProblems-1), ""))
	}
	if len(d.problems) > 0 {
		return nil, &ConfigError{d.problems.Sorted(), d.sound(text, root, c)}
	}
	return c, nil
}

// maxAliased bounds the entries of a config that are read through aliases.
const maxAliased = 100_000

type decoder struct {
	file     string
	text     *yamledit.File
	problems Problems
	budget   int
	foreign  bool // the version of the format is another one
}

func (d *decoder) parse(text []byte) *yaml.Node {
	f, err := yamledit.Parse(text)
	if e, ok := err.(*yamledit.Error); ok {
		d.problems = append(d.problems, newProblem(d.file, e.Line, e.Column, e.Message, e.Hint))
		return nil
	}
	d.text = f
	switch docs := f.Docs(); {
	case len(docs) == 0, len(docs) == 1 && yamledit.IsNull(docs[0]):
		d.problems = append(d.problems, newProblem(d.file, 1, 1, "is empty, expected version and rules", "start with `version: 1`"))
	case len(docs) > 1:
		d.fail(docs[1], "a second YAML document begins here, expected one", "put all rules into one document")
	default:
		return docs[0]
	}
	return nil
}

func (d *decoder) fail(n *yaml.Node, message, hint string) {
	if d.full() {
		return
	}
	d.problems = append(d.problems, newProblem(d.file, n.Line, n.Column, message, hint))
}

// full says that enough is wrong.
func (d *decoder) full() bool { return len(d.problems) >= maxProblems }

// pairs yields the keys and values of a map that may have these keys and no
// others; what is wrong with the map or a key is reported.
func (d *decoder) pairs(n *yaml.Node, what string, known []string) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		n := d.resolve(n)
		if n.Kind != yaml.MappingNode {
			d.fail(n, fmt.Sprintf("%s is %s, expected a map", what, describe(n)), "")
			return
		}
		for i := 0; i+1 < len(n.Content) && !d.full(); i += 2 {
			if d.key(n, i, known) && !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// key says whether entry i of the map n has a known key that stands once.
func (d *decoder) key(n *yaml.Node, i int, known []string) bool {
	k := n.Content[i]
	if k.Kind != yaml.ScalarNode || !slices.Contains(known, k.Value) {
		d.unknown(n, k, known)
		return false
	}
	for j := 0; j < i; j += 2 {
		if first := n.Content[j]; first.Value == k.Value && first.Kind == yaml.ScalarNode {
			d.fail(k, fmt.Sprintf("duplicate key %q, first on line %d", k.Value, first.Line), "remove one of the two")
			return false
		}
	}
	return true
}

// unknown refuses the key k of the map n.
func (d *decoder) unknown(n, k *yaml.Node, known []string) {
	hint := "known keys: " + strings.Join(known, ", ")
	if near := Nearest(k.Value, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	if t := child(n, "targets"); t != nil && yamledit.IsNull(t) && slices.Contains(targetKeys, k.Value) {
		hint = "it belongs below targets, behind a dash: - file: …"
	}
	if k.Tag == "!!merge" {
		hint = "merge keys are not read here; write the keys out"
	}
	d.fail(k, fmt.Sprintf("unknown key %q", k.Value), hint)
}

// resolve follows an alias, as long as that leads on in bounded work.
func (d *decoder) resolve(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.AliasNode {
		return n
	}
	if d.budget > 0 {
		if d.budget -= d.text.Size(n.Alias); d.budget <= 0 {
			d.fail(n, "aliases bring more than 100,000 entries into this config", "write the rules out")
		}
	}
	if d.budget <= 0 {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}
	}
	return n.Alias
}

// str returns the text of a scalar that every reader takes for a string.
func (d *decoder) str(n *yaml.Node, what string) string {
	n = d.resolve(n)
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == "" && !yamledit.IsNull(n):
		d.fail(n, what+" is empty, expected a string", "")
	case yamledit.IsString(n):
		return n.Value
	case n.Kind == yaml.ScalarNode && !yamledit.IsNull(n):
		d.fail(n, fmt.Sprintf("%s is %s, expected a string", what, describe(n)), fmt.Sprintf("put it in quotes: %q", n.Value))
	default:
		d.fail(n, fmt.Sprintf("%s is %s, expected a string", what, describe(n)), "")
	}
	return ""
}

// items yields the items of a list, or the one value that stands in its place.
func (d *decoder) items(n *yaml.Node, what string) []*yaml.Node {
	r := d.resolve(n)
	switch {
	case r.Kind != yaml.SequenceNode:
		return []*yaml.Node{n}
	case len(r.Content) == 0:
		d.fail(r, what+" is an empty list, expected at least one entry", "")
	}
	return r.Content
}

// describe names a value for "… is X, expected Y".
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	switch {
	case yamledit.IsNull(n):
		return "empty"
	case n.ShortTag() == "!!bool":
		return "the boolean " + n.Value
	case n.ShortTag() == "!!int", n.ShortTag() == "!!float":
		return "the number " + n.Value
	case n.ShortTag() != "!!str" || yamledit.IsString(n):
		return fmt.Sprintf("%q", n.Value)
	case n.Value[0] >= 'A':
		return "the boolean " + n.Value // to YAML 1.1
	}
	return "the number " + n.Value // to YAML 1.1
}
