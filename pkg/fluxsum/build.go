package fluxsum

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/parallel"
	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// Build reads the sources of the chosen rules and the targets of all rules from
// a tree, and returns what is and what should be. It writes nothing. Fsys is
// rooted at the folder of the config.
//
// What is wrong with a single rule or file is a result with the state Failed.
// The error is Problems when the rules contradict each other (two write one
// place, or each needs the other's result first): these, and what else is wrong
// with the chosen rules. It is that of ctx when that ends.
func Build(ctx context.Context, c *Config, fsys fs.FS) (*Plan, error) {
	return new(Builder).Build(ctx, c, fsys)
}

// Builder builds plans. Its zero value does what Build does.
type Builder struct {
	// Sums, when there is one, remembers checksums from build to build, of
	// files whose tree tells their Blob.
	Sums *Sums
	// Accept, when there is one, says which stale or missing checksums the
	// changes of the plan set right.
	Accept func(*Result) bool
}

// Build is Build with the settings of the builder.
func (s *Builder) Build(ctx context.Context, c *Config, fsys fs.FS) (*Plan, error) {
	b := newBuild(ctx, c, fsys)
	b.settings = s
	if err := b.look(); err != nil {
		return nil, err
	}
	if len(b.problems) > 0 {
		return nil, b.faults()
	}
	results := b.results()
	for _, t := range b.targets {
		b.finish(t)
	}
	b.compareLost()
	plan := b.plan(results)
	if problems := b.refuseLinks(); len(problems) > 0 {
		return nil, append(problems, plan.Problems()...).Sorted()
	}
	return plan, ctx.Err()
}

// look finds and reads all that the rules name, and finds rules that contradict each
// other.
func (b *build) look() error {
	if err := b.findFiles(); err != nil {
		return err
	}
	b.refuseCircles()
	if err := b.read(); err != nil {
		return err
	}
	b.refuseClashes()
	return nil
}

// build is one run of Build.
type build struct {
	ctx    context.Context
	config *Config
	tree   *tree

	settings *Builder
	rules    []*ruleBuild
	targets  []*targetFile
	byName   map[string]*targetFile
	sources  map[sourceKey]*source
	hashed   []*source // what the chosen rules read
	edits    bool      // some target changes
	nodes    *budget   // of all targets
	bytes    *budget   // of all targets
	pairs    int       // files times targets, of the rules so far
	problems Problems  // rules that contradict each other
	partial  bool      // there are rules that cannot be read
}

// ruleBuild is a rule with its files.
type ruleBuild struct {
	*Rule
	chosen  bool
	files   []string // matched, sorted
	single  bool     // one literal path: the digest is that of the file
	sources []*source
	spots   []*spot

	sum      string
	problems Problems // of its files
	summed   bool
}

// spot is a place of a rule in one target file.
type spot struct {
	rule   *ruleBuild
	target *Target
	file   *targetFile // nil when the target matches no file
	place  place
	result *Result // an entry of the plan

	circular bool // the rule reads, in the end, what it writes here
}

// targetFile is a file that holds checksums.
type targetFile struct {
	name    string
	spots   []*spot
	before  []byte
	after   []byte
	doc     *document
	marks   *yamledit.Marks
	done    bool
	problem *Problem // the file cannot be read,

	unparsed, unmarked *Problem // or not as YAML, or not as text

	weighed          bool // its nodes are counted
	searched, secret bool // for anything secret, which it holds
}

// source is one file, hashed in one way.
type source struct {
	sourceKey
	real string // the name with the links of its folders resolved
	sum  string
	err  error

	wanted bool // by a chosen rule
	done   bool // sum or err is there
}

type sourceKey struct {
	name      string
	algorithm checksum.Algorithm
	content   checksum.Content
}

func newBuild(ctx context.Context, c *Config, fsys fs.FS) *build {
	return &build{
		ctx:     ctx,
		config:  c,
		tree:    newTree(ctx, fsys),
		rules:   make([]*ruleBuild, len(c.Rules)),
		byName:  map[string]*targetFile{},
		sources: make(map[sourceKey]*source, len(c.Rules)),
		nodes:   newBudget(maxNodes), bytes: newBudget(maxBytes),
	}
}

// findFiles turns the paths and globs of the rules into files.
func (b *build) findFiles() error {
	for i := range b.config.Rules {
		r := &ruleBuild{Rule: &b.config.Rules[i], chosen: b.config.chosen == nil || b.config.chosen[i]}
		b.rules[i] = r
		b.findSources(r)
		for j := range r.Targets {
			b.findTargets(r, &r.Targets[j])
		}
		if err := b.countPairs(r); err != nil {
			return err
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) findSources(r *ruleBuild) {
	r.single = r.Single()
	for i, pattern := range r.Files {
		names, err := b.tree.match(pattern)
		switch {
		case err != nil:
			r.problems = append(r.problems, b.tree.reading(namedIn(err, pattern), err, b.at(r.Rule, "files", i)))
		case len(names) == 0:
			r.problems = append(r.problems, b.noMatch(pattern, b.at(r.Rule, "files", i)))
		}
		r.files = append(r.files, names...)
	}
	if len(r.files) > 1 {
		r.files = sortedUnique(r.files)
	}
	for _, name := range r.files {
		s := b.source(sourceKey{name, r.Algorithm, r.Content})
		r.sources = append(r.sources, s)
		if r.chosen && !s.wanted {
			s.wanted = true
			b.hashed = append(b.hashed, s)
		}
	}
}

// source returns the one entry of a source file; each is hashed once.
func (b *build) source(key sourceKey) *source {
	s := b.sources[key]
	if s == nil {
		s = &source{sourceKey: key, real: b.tree.real(key.name)}
		b.sources[key] = s
	}
	return s
}

func (b *build) noMatch(pattern string, at *Problem) *Problem {
	p := *at
	p.Message = "no file matches " + pattern
	base, _ := doublestar.SplitPattern(pattern)
	if _, err := fs.Stat(b.tree.FS, literal(base)); err != nil {
		message, hint := b.tree.notThere(literal(base))
		p.Message, p.Hint = fmt.Sprintf("%s: the folder %s %s", p.Message, literal(base), message), hint
		return &p
	}
	p.Hint = "** stands for any folders, * for any name in one folder"
	if _, err := fs.Stat(b.tree.FS, pattern); err == nil {
		p.Hint = "for the file of that very name write " + escaped.Replace(pattern)
		return &p
	}
	if names := b.tree.siblings(pattern); len(names) > 0 && !isGlob(path.Dir(pattern)) {
		p.Hint = "in that folder: " + summary(names)
	}
	return &p
}

// escaped writes a name so that a glob takes it as it stands.
var escaped = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`, `\`, `\\`)

// namedIn returns the file that an error names, else the pattern.
func namedIn(err error, pattern string) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Path
	}
	return pattern
}

// summary lists a few names.
func summary(names []string) string {
	const most = 6
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func (b *build) findTargets(r *ruleBuild, t *Target) {
	names, err := b.tree.match(t.File)
	if err != nil || len(names) == 0 {
		s := newSpot(r, t, t.File)
		s.place.problem = b.noMatch(t.File, targetAt(b.config.file, t))
		if err != nil {
			s.place.problem = b.tree.reading(namedIn(err, t.File), err, targetAt(b.config.file, t))
		}
		r.spots = append(r.spots, s)
	}
	for _, name := range names {
		s := newSpot(r, t, b.tree.real(name))
		s.file = b.targetFile(s.place.File)
		s.file.spots = append(s.file.spots, s)
		r.spots = append(r.spots, s)
	}
}

func newSpot(r *ruleBuild, t *Target, file string) *spot {
	return &spot{rule: r, target: t, place: place{Place: Place{File: file, Kind: t.Kind, Name: t.Name, Namespace: t.Namespace}}}
}

// targetFile returns the one entry of a target file; each is parsed once.
func (b *build) targetFile(name string) *targetFile {
	f := b.byName[name]
	if f == nil {
		f = &targetFile{name: name}
		b.byName[name] = f
		b.targets = append(b.targets, f)
	}
	return f
}

// at returns an empty problem at the place of the config that names entry i
// under a key of a rule.
func (b *build) at(r *Rule, key string, i int) *Problem {
	n := r.node
	if v := child(resolved(n), key); v != nil {
		n = v
		if i < len(v.Content) {
			n = v.Content[i]
		}
	}
	return &Problem{File: b.config.file, Line: n.Line, Column: n.Column}
}

// targetAt returns an empty problem at the place of a target in the config.
func targetAt(config string, t *Target) *Problem {
	n := t.node
	if v := child(resolved(n), "file"); v != nil {
		n = v
	}
	return &Problem{File: config, Line: n.Line, Column: n.Column}
}

// read reads the target files, and hashes the sources that no rule writes, on
// all cores.
func (b *build) read() error {
	var sources []*source
	for _, s := range b.hashed {
		if b.byName[s.real] == nil {
			sources = append(sources, s)
		}
	}
	if t, ok := b.tree.FS.(Storing); ok {
		t.Sources(b.sourceNames())
	}
	targets := len(b.targets)
	err := parallel.Do(b.ctx, targets+len(sources), func(i int) {
		if i < targets {
			b.readTarget(b.targets[i])
			return
		}
		b.sumSource(sources[i-targets])
	})
	if err != nil {
		return err
	}
	return b.overweight()
}

func (b *build) sourceNames() []string {
	names := make([]string, len(b.hashed))
	for i, s := range b.hashed {
		names[i] = s.real
	}
	return names
}

func (b *build) sumSource(s *source) {
	s.sum, s.err = b.tree.sum(s, b.settings.Sums)
	s.done = true
}
