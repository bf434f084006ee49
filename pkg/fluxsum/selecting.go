package fluxsum

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Arg is what chooses rules: the name of a rule, or one of the names that a
// source or target file may have, as seen from the root.
type Arg struct {
	Text  string
	Files []string
	There func(name string) bool // says whether a file is there; nil: nobody knows
}

// Select returns the config with the rules chosen that args name; the others
// still count for what rules must not do to each other. No args choose all.
// The error is Problems.
func (c *Config) Select(args []Arg) (*Config, error) {
	if len(args) == 0 {
		return c, nil
	}
	some := *c
	some.chosen = make([]bool, len(c.Rules))
	var problems Problems
	for _, arg := range args {
		if !some.choose(arg) {
			problems = append(problems, c.unknown(arg))
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return &some, nil
}

func (c *Config) choose(arg Arg) bool {
	found := false
	for i := range c.Rules {
		r := &c.Rules[i]
		if r.Name == arg.Text || slices.ContainsFunc(arg.Files, r.uses) {
			c.chosen[i], found = true, true
		}
	}
	return found
}

// uses says whether a file is a source or a target of the rule.
func (r *Rule) uses(name string) bool {
	for _, pattern := range r.Files {
		if matches(pattern, name) {
			return true
		}
	}
	for _, t := range r.Targets {
		if matches(t.File, name) {
			return true
		}
	}
	return false
}

func (c *Config) unknown(arg Arg) *Problem {
	var names []string
	for _, r := range c.Rules {
		names = append(names, r.Name)
	}
	p := &Problem{Message: fmt.Sprintf("%q is neither a rule nor a source or target file of one", arg.Text), Hint: "rules: " + summary(names)}
	if near := cmp.Or(Nearest(arg.Text, names), c.nearestFile(arg)); near != "" {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// nearestFile is the file of a rule, as seen from the root, that an argument was
// meant to be: rather one that is there.
func (c *Config) nearestFile(arg Arg) string {
	files := c.namedFiles()
	if arg.There != nil {
		there := slices.DeleteFunc(slices.Clone(files), func(name string) bool { return !arg.There(name) })
		if near := arg.nearestOf(there); near != "" {
			return near
		}
	}
	return arg.nearestOf(files)
}

// nearestOf is one of that name in another folder, or one that is spelled alike.
func (arg *Arg) nearestOf(files []string) string {
	for _, name := range arg.Files {
		var same []string
		for _, file := range files {
			if path.Base(file) == path.Base(name) {
				same = append(same, file)
			}
		}
		if len(same) == 1 {
			return same[0]
		}
		if near := Nearest(name, files); near != "" && Nearest(path.Base(name), []string{path.Base(near)}) != "" {
			return near
		}
	}
	return ""
}

// namedFiles are the files that the rules lead to, without those of globs.
func (c *Config) namedFiles() []string {
	var all []string
	add := func(pattern string) {
		if !isGlob(pattern) {
			all = append(all, literal(pattern))
		}
	}
	for i := range c.Rules {
		for _, pattern := range c.Rules[i].Files {
			add(pattern)
		}
		for _, t := range c.Rules[i].Targets {
			add(t.File)
		}
	}
	return sortedUnique(all)
}

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Touched returns the config with the rules chosen that changes of these files
// touch: the rules that read or write one of them, and those that read what
// these write.
func (c *Config) Touched(names []string) *Config {
	some := *c
	some.chosen = make([]bool, len(c.Rules))
	for i := range c.Rules {
		if slices.ContainsFunc(names, c.Rules[i].uses) {
			some.touch(i)
		}
	}
	return &some
}

// touch chooses a rule, and those that read what it writes.
func (c *Config) touch(i int) {
	if c.chosen[i] {
		return
	}
	c.chosen[i] = true
	for j := range c.Rules {
		if !c.chosen[j] && c.Rules[j].readsWhat(&c.Rules[i]) {
			c.touch(j)
		}
	}
}

// readsWhat says whether the rule may read what another one writes.
func (r *Rule) readsWhat(writer *Rule) bool {
	for _, t := range writer.Targets {
		for _, pattern := range r.Files {
			if overlap(pattern, t.File) {
				return true
			}
		}
	}
	return false
}

// Chosen returns the names of the chosen rules.
func (c *Config) Chosen() []string {
	var names []string
	for i := range c.Rules {
		if c.chosen == nil || c.chosen[i] {
			names = append(names, c.Rules[i].Name)
		}
	}
	return names
}

// Names says whether a rule, chosen or not, reads or writes a path below the root.
func (c *Config) Names(name string) bool {
	return slices.ContainsFunc(c.Rules, func(r Rule) bool {
		return slices.ContainsFunc(r.Files, func(pattern string) bool { return matches(pattern, name) }) ||
			slices.ContainsFunc(r.Targets, func(t Target) bool { return matches(t.File, name) })
	})
}

// Paths returns the files, and the folders of globs, that the rules lead to,
// relative to the root: enough to read to build a plan. Each stands once.
func (c *Config) Paths() []string {
	var all []string
	for i := range c.Rules {
		for _, pattern := range c.Rules[i].Files {
			all = append(all, base(pattern))
		}
		for _, t := range c.Rules[i].Targets {
			all = append(all, base(t.File))
		}
	}
	return sortedUnique(all)
}
