package fluxsum

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Arg is what chooses rules: the name of a rule, or one of the names that a
// source or target file may have, as seen from the root.
type Arg struct {
	Text  string
	Files []string
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
			problems = append(problems, c.unknown(arg.Text))
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

func (c *Config) unknown(arg string) *Problem {
	var names []string
	for _, r := range c.Rules {
		names = append(names, r.Name)
	}
	p := &Problem{Message: fmt.Sprintf("%q is neither a rule nor a source or target file of one", arg), Hint: "rules: " + summary(names)}
	if near := Nearest(arg, names); near != "" {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
