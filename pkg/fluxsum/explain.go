package fluxsum

import (
	"context"
	"io/fs"
	"slices"

	"github.com/bmatcuk/doublestar/v4"
)

// What tells more about a plan than its results need.

// Config returns the config of the plan, with the rules that were chosen.
func (p *Plan) Config() *Config { return p.config }

// Everything says whether all rules are chosen.
func (c *Config) Everything() bool { return c.chosen == nil }

// File is the name of the config in messages.
func (c *Config) File() string { return c.file }

// Rule returns the rule of a name, or nil.
func (c *Config) Rule(name string) *Rule { return c.byName[name] }

// Watching returns what tells the rules that have a file among their sources, by
// their names.
func (c *Config) Watching() func(file string) []string {
	literals, globs := map[string][]string{}, []*Rule{}
	for i := range c.Rules {
		r := &c.Rules[i]
		for _, pattern := range r.Files {
			if !isGlob(pattern) {
				literals[literal(pattern)] = append(literals[literal(pattern)], r.Name)
			} else if n := len(globs); n == 0 || globs[n-1] != r {
				globs = append(globs, r)
			}
		}
	}
	return func(file string) []string {
		names := slices.Clone(literals[file])
		for _, r := range globs {
			if !slices.Contains(names, r.Name) && slices.ContainsFunc(r.Files, func(p string) bool { return matches(p, file) }) {
				names = append(names, r.Name)
			}
		}
		return names
	}
}

// Watches says whether a file is among the sources of the rule.
func (r *Rule) Watches(file string) bool {
	return slices.ContainsFunc(r.Files, func(pattern string) bool { return matches(pattern, file) })
}

// Sources are the files of a tree that the rule watches, sorted by name for each
// entry; a path is there whether its file is or not.
func (r *Rule) Sources(ctx context.Context, fsys fs.FS) ([]string, error) {
	var all []string
	t := newTree(ctx, fsys)
	for _, pattern := range r.Files {
		names, err := t.match(pattern)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return sortedUnique(all), nil
}

// Bases are the files, and for globs the folders, at and below which the sources
// of the rule stand.
func (r *Rule) Bases() []string {
	var all []string
	for _, pattern := range r.Files {
		if isGlob(pattern) {
			pattern, _ = doublestar.SplitPattern(simpler(pattern))
		}
		all = append(all, literal(pattern))
	}
	return all
}

// Line is where the rule stands in the config.
func (r *Rule) Line() int { return r.node.Line }

// Path is the path of the map that holds the annotation of a result, without
// list selectors where it has some; none for a marked line.
func (r *Result) Path() []string {
	if r.spot == nil || r.spot.target.Marker != "" {
		return r.path
	}
	path := r.spot.target.path
	if path == nil {
		path = defaultPath
	}
	var keys []string
	for _, s := range path {
		if s.field == "" {
			keys = append(keys, s.key)
		}
	}
	return keys
}

// Marker is that of the target of a result, or "".
func (r *Result) Marker() string {
	if r.spot == nil {
		return r.marker
	}
	return r.spot.target.Marker
}

// Literal writes a path so that a config takes it as it stands, and not for a
// glob.
func Literal(name string) string { return escaped.Replace(name) }

// Single says whether the checksum of the rule is that of one file, and not of a
// listing.
func (r *Rule) Single() bool { return len(r.Files) == 1 && !isGlob(r.Files[0]) }
