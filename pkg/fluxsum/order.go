package fluxsum

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// refuseCircles refuses rules that need their own result: a source is written by a
// rule that, in the end, reads what this one writes.
func (b *build) refuseCircles() {
	if !b.sourceIsTarget() {
		return
	}
	state := map[*targetFile]visit{}
	for _, f := range b.targets {
		b.visit(f, nil, state)
	}
}

func (b *build) sourceIsTarget() bool {
	for _, r := range b.rules {
		for _, s := range r.sources {
			if b.byName[s.real] != nil {
				return true
			}
		}
	}
	return false
}

type visit int

const (
	unseen visit = iota
	open
	closed
)

// visit goes along "f needs the files that its rules read"; way is how it came
// here.
func (b *build) visit(f *targetFile, way []*spot, state map[*targetFile]visit) {
	switch state[f] {
	case closed:
		return
	case open:
		b.refuseCircle(f, way)
		return
	}
	state[f] = open
	for _, s := range f.spots {
		for _, src := range s.rule.sources {
			if next := b.byName[src.real]; next != nil && len(b.problems) < maxProblems {
				b.visit(next, append(way, s), state)
			}
		}
	}
	state[f] = closed
}

// refuseCircle refuses the rules on the way from a file to itself, unless one of
// their places is in a circle that was told: to break that may break this one, too.
func (b *build) refuseCircle(f *targetFile, way []*spot) {
	if way[len(way)-1].circular {
		return
	}
	for way[0].file != f {
		way = way[1:]
	}
	if slices.ContainsFunc(way, func(s *spot) bool { return s.circular }) {
		return
	}
	for _, s := range way {
		s.circular = true
	}
	b.problems = append(b.problems, b.cycle(way))
}

// cycle tells a circle: each spot of way reads the file of the next one.
func (b *build) cycle(way []*spot) *Problem {
	p := targetAt(b.config.file, way[0].target)
	if len(way) == 1 {
		p.Message = fmt.Sprintf("rule %s reads %s and writes its checksum into the same file: that can never be true", way[0].rule.Name, way[0].file.name)
		p.Hint = "take the file out of files, or the checksum to another file"
		return p
	}
	p.Message = "rules wait for each other: " + circle(way)
	p.Hint = "break the circle: one of these files must not be a source"
	return p
}

// circle tells who writes what for whom; each spot of way reads the file of the
// next one.
func circle(way []*spot) string {
	var steps []string
	for i := len(way); i > 0; i-- {
		writer, reader := way[i%len(way)], way[i-1]
		steps = append(steps, fmt.Sprintf("%s writes %s, which %s reads", writer.rule.Name, writer.file.name, reader.rule.Name))
	}
	return strings.Join(steps, "; ")
}

// finish computes the checksums of a target file, after those of the files
// that they depend on.
func (b *build) finish(f *targetFile) {
	if f.done {
		return
	}
	f.done = true
	for _, s := range f.spots {
		for _, src := range s.rule.sources {
			if other := b.byName[src.real]; s.rule.chosen && other != nil && !src.done {
				b.finish(other)
				b.sumTarget(src, other)
			}
		}
	}
	b.edit(f)
}

// sumTarget hashes a source that is a target too, as it will be.
func (b *build) sumTarget(s *source, f *targetFile) {
	if f.after == nil {
		b.sumSource(s)
		return
	}
	text := f.after
	if t, ok := b.tree.FS.(Storing); ok {
		text, s.err = t.Store(f.name, text)
	}
	if s.err == nil {
		s.sum, s.err = s.algorithm.Sum(s.content, bytes.NewReader(text))
	}
	s.done = true
}

// refuseLinks refuses rules that read a file which is about to change through
// a symlink to it: they would be stale at once. (Links in folders have been
// resolved before.)
func (b *build) refuseLinks() Problems {
	var problems Problems
	for _, r := range b.rules {
		for _, s := range r.sources {
			if p := b.linkProblem(r, s); p != nil {
				problems = append(problems, p)
			}
		}
	}
	return problems
}

func (b *build) linkProblem(r *ruleBuild, s *source) *Problem {
	if !r.chosen || !b.edits || b.byName[s.real] != nil {
		return nil
	}
	to := b.tree.leadsTo(s.real)
	if f := b.byName[to]; f == nil || f.after == nil {
		return nil
	}
	p := b.sourceAt(r.Rule, s.name)
	p.Message = fmt.Sprintf("%s is a symlink to %s, which a rule writes", s.name, to)
	p.Hint = fmt.Sprintf("name %s itself", to)
	return p
}
