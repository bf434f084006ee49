package fluxsum

import (
	"context"
	"fmt"
	"runtime"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/parallel"
	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// The keys that the objects of a config may have.
var (
	configKeys = []string{"version", "algorithm", "content", "rules", "ignore"}
	ruleKeys   = []string{"name", "files", "annotation", "targets", "algorithm", "content", "secret"}
	targetKeys = []string{"file", "kind", "name", "namespace", "path", "marker"}
	ignoreKeys = []string{"finding", "file", "reason"}
)

// config reads the top of the file, with its defaults.
func (d *decoder) config(n *yaml.Node, c *Config) {
	var rules *yaml.Node
	for key, v := range d.pairs(n, "the config", configKeys) {
		switch key {
		case "version":
			d.version(v, c)
		case "algorithm":
			c.Algorithm = d.algorithm(v)
		case "content":
			c.Content = d.content(v)
		case "rules":
			rules = v
		case "ignore":
			d.ignores(v, c)
		}
	}
	if c.Version == 0 && d.resolve(n).Kind == yaml.MappingNode {
		d.missing(d.resolve(n), "version", "version is missing, expected 1", "add the line `version: 1`")
	}
	c.Algorithm = or(c.Algorithm, checksum.MD5)
	c.Content = or(c.Content, checksum.Bytes)
	switch {
	case rules != nil:
		d.rules(rules, c)
	case d.resolve(n).Kind == yaml.MappingNode:
		d.required(d.resolve(n), "rules")
	}
}

// or returns value, or fallback when value is empty.
func or[T ~string](value, fallback T) T {
	if value == "" {
		return fallback
	}
	return value
}

func (d *decoder) version(n *yaml.Node, c *Config) {
	n = d.resolve(n)
	c.Version = Version
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" && n.Value == "1":
	case yamledit.IsString(n) && n.Value == "1":
		d.fail(n, `version is the text "1", expected the number 1`, "take the quotes off: `version: 1`")
	default:
		d.foreign = true
		d.fail(n, fmt.Sprintf("version is %s, expected 1", describe(n)), "this fluxsum reads version 1 of the format")
	}
}

func (d *decoder) algorithm(n *yaml.Node) checksum.Algorithm {
	return choice(d, n, "algorithm", checksum.Algorithms())
}

func (d *decoder) content(n *yaml.Node) checksum.Content {
	return choice(d, n, "content", checksum.Contents())
}

// choice reads one word of a fixed set.
func choice[T ~string](d *decoder, n *yaml.Node, what string, all []T) T {
	word := d.str(n, what)
	var names []string
	for _, c := range all {
		if string(c) == word {
			return c
		}
		names = append(names, string(c))
	}
	if word != "" {
		hint := ""
		if near := Nearest(word, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.fail(n, fmt.Sprintf("%s is %q, expected one of %s", what, word, enumerate(names)), hint)
	}
	return all[0]
}

func (d *decoder) rules(n *yaml.Node, c *Config) {
	n = d.resolve(n)
	if n.Kind != yaml.SequenceNode {
		d.fail(n, fmt.Sprintf("rules is %s, expected a list", describe(n)), "begin each rule with a dash")
		return
	}
	c.Rules = make([]Rule, len(n.Content))
	if len(n.Content) < manyRules || d.text.HasAliases() {
		d.readRules(n.Content, c.Rules, c)
		return
	}
	d.readParts(n.Content, c)
}

// manyRules is the number from which rules are worth all cores. Aliases, whose
// work is bounded together, are read on one.
const manyRules = 1000

// readParts reads a part of the rules on each core.
func (d *decoder) readParts(nodes []*yaml.Node, c *Config) {
	parts := make([]decoder, runtime.GOMAXPROCS(0))
	_ = parallel.Do(context.Background(), len(parts), func(i int) {
		from, to := i*len(nodes)/len(parts), (i+1)*len(nodes)/len(parts)
		parts[i] = decoder{file: d.file, text: d.text, budget: d.budget}
		parts[i].readRules(nodes[from:to], c.Rules[from:to], c)
	})
	for i := range parts {
		d.problems = append(d.problems, parts[i].problems...)
	}
}

func (d *decoder) readRules(nodes []*yaml.Node, rules []Rule, c *Config) {
	for i, n := range nodes {
		if d.full() {
			return
		}
		before := len(d.problems)
		d.rule(n, &rules[i], c)
		if m := d.resolve(n); m.Kind == yaml.MappingNode {
			d.checkRule(&rules[i], m)
		}
		rules[i].faulty = len(d.problems) > before
	}
}

func (d *decoder) rule(n *yaml.Node, r *Rule, c *Config) {
	r.node, r.Algorithm, r.Content = n, c.Algorithm, c.Content
	for key, v := range d.pairs(n, "a rule", ruleKeys) {
		switch key {
		case "name":
			r.Name = d.str(v, "name")
		case "files":
			r.Files = d.strings(v, "files")
		case "annotation":
			r.Annotation = d.str(v, "annotation")
		case "targets":
			r.Targets = d.targets(v)
		case "algorithm":
			r.Algorithm = d.algorithm(v)
		case "content":
			r.Content = d.content(v)
		case "secret":
			r.Secret = d.boolean(v, "secret")
		}
	}
	r.Name = or(r.Name, r.Annotation)
	if r.Name == "" && len(r.Targets) > 0 {
		r.Name = r.Targets[0].Marker
	}
}

func (d *decoder) strings(n *yaml.Node, what string) []string {
	items := d.items(n, what)
	all := make([]string, len(items))
	for i, item := range items {
		if r := d.resolve(item); r.Kind != yaml.ScalarNode {
			d.fail(r, fmt.Sprintf("%s is %s, expected a path or a list of paths", what, describe(r)), "")
			continue
		}
		all[i] = d.str(item, what)
	}
	return all
}

func (d *decoder) targets(n *yaml.Node) []Target {
	items := d.items(n, "targets")
	all := make([]Target, len(items))
	for i, item := range items {
		all[i] = d.target(item)
	}
	return all
}

func (d *decoder) boolean(n *yaml.Node, what string) *bool {
	n = d.resolve(n)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		d.fail(n, fmt.Sprintf("%s is %s, expected true or false", what, describe(n)), "")
		return nil
	}
	value := n.Value[0] == 't' || n.Value[0] == 'T'
	return &value
}

func (d *decoder) target(n *yaml.Node) Target {
	t := Target{node: n}
	switch r := d.resolve(n); {
	case yamledit.IsNull(r):
		d.fail(r, "targets is empty, expected a file, a map or a list of them", "write `- file: …` below it")
		return t
	case r.Kind == yaml.ScalarNode:
		t.File = d.str(r, "a target")
		return t
	}
	for key, v := range d.pairs(n, "a target", targetKeys) {
		switch key {
		case "file":
			t.File = d.str(v, key)
		case "kind":
			t.Kind = d.str(v, key)
		case "name":
			t.Name = d.str(v, key)
		case "namespace":
			t.Namespace = d.str(v, key)
		case "path":
			t.Path = d.str(v, key)
		case "marker":
			t.Marker = d.str(v, key)
		}
	}
	return t
}

func (d *decoder) ignores(n *yaml.Node, c *Config) {
	for _, item := range d.items(n, "ignore") {
		c.Ignore = append(c.Ignore, d.ignore(item))
	}
}

func (d *decoder) ignore(n *yaml.Node) Ignore {
	var i Ignore
	for key, v := range d.pairs(n, "an entry of ignore", ignoreKeys) {
		switch key {
		case "finding":
			i.Finding = d.str(v, key)
		case "file":
			i.File = d.str(v, key)
		case "reason":
			i.Reason = d.str(v, key)
		}
	}
	if r := d.resolve(n); r.Kind == yaml.MappingNode {
		d.required(r, "finding")
		d.required(r, "file")
		d.required(r, "reason")
	}
	d.checkIgnore(d.resolve(n), &i)
	return i
}

// required complains about a key that is not there.
func (d *decoder) required(m *yaml.Node, key string) { d.missing(m, key, key+" is missing", "") }

// missing complains about a key, unless a mistyped one has been reported in its
// place.
func (d *decoder) missing(m *yaml.Node, key, message, hint string) {
	for i := 0; i < len(m.Content); i += 2 {
		if Nearest(m.Content[i].Value, []string{key}) != "" {
			return
		}
	}
	d.fail(m, message, hint)
}

// has says whether a map has a key, right or wrong.
func (d *decoder) has(m *yaml.Node, key string) bool {
	return child(m, key) != nil
}
