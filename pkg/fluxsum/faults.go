package fluxsum

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// ConfigError is all that is wrong with the text of a config. It is Problems, too.
type ConfigError struct {
	Problems
	sound *Config // the rules that nothing is wrong with; nil where that is not certain
}

// Unwrap returns the problems.
func (e *ConfigError) Unwrap() error { return e.Problems }

// InTree returns the problems with those that the sound rules among the chosen ones
// have in a tree, so that a config is mended once. What a rule that is not sound may
// have to do with is not told. No args choose all rules.
func (e *ConfigError) InTree(ctx context.Context, fsys fs.FS, args []Arg) error {
	if e.sound == nil {
		return e.Problems
	}
	b := newBuild(ctx, e.sound.choosing(args), fsys)
	b.settings, b.partial = &Builder{}, true
	err := b.look()
	var bound Problems
	switch {
	case err == nil:
		bound = b.faults()
	case !errors.As(err, &bound):
		return err
	}
	return append(slices.Clip(e.Problems), bound...).Sorted()
}

// choosing is Select, but what args do not name may be a rule that was left out.
func (c *Config) choosing(args []Arg) *Config {
	some := *c
	if len(args) > 0 {
		some.chosen = make([]bool, len(c.Rules))
	}
	for _, arg := range args {
		some.choose(arg)
	}
	return &some
}

// sound returns the config with those rules alone that nothing is wrong with; nil
// where it is not certain what they mean.
func (d *decoder) sound(text []byte, root *yaml.Node, c *Config) *Config {
	if root == nil || d.foreign || d.budget <= 0 || times(root, "rules") != 1 {
		return nil
	}
	strict := &decoder{file: d.file, text: d.text}
	if strict.checkStrict(text, root); len(strict.problems) > 0 {
		return nil
	}
	sound := *c
	sound.Rules = slices.DeleteFunc(slices.Clone(c.Rules), func(r Rule) bool { return r.faulty })
	return &sound
}

// times is how often a map has a key.
func times(m *yaml.Node, key string) int {
	n := 0
	for i := 0; i+1 < len(m.Content) && m.Kind == yaml.MappingNode; i += 2 {
		if m.Content[i].Value == key {
			n++
		}
	}
	return n
}

// faults are the contradictions, and what is wrong with the chosen rules, one by one:
// what is known before a checksum is computed, and so is true whatever the others
// write. That is where rules contradict each other, and no checksum is.
func (b *build) faults() Problems {
	all := b.problems
	for _, r := range b.rules {
		if r.chosen {
			all = append(all, b.faultsOf(r)...)
		}
	}
	return all.Sorted()
}

// faultsOf are the files that a rule cannot read, and the places that it has lost.
func (b *build) faultsOf(r *ruleBuild) Problems {
	b.settleSources(r)
	b.sum(r)
	told := Result{}
	told.tell(r.problems...)
	for _, s := range r.spots {
		told.tell(s.place.problem, s.place.elsewhere)
		if s.place.slot != nil {
			told.tell(s.place.slot.mistyped)
		}
		if s.file != nil {
			told.tell(s.file.problem)
		}
	}
	return told.Problems
}

// settleSources reads the sources that are targets, too, where no rule will write
// them. What another rule may write need not be what it has to be yet.
func (b *build) settleSources(r *ruleBuild) {
	for _, s := range r.sources {
		if f := b.byName[s.real]; f != nil && f.problem != nil && !s.done {
			b.sumSource(s)
		}
		var content *checksum.ContentError
		if b.partial && errors.As(s.err, &content) {
			s.err = nil
		}
	}
}
