package fluxsum

import (
	"errors"
	"fmt"
	"path"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// readTarget parses a target file and finds every place in it.
func (b *build) readTarget(f *targetFile) {
	if b.bytes.spent() {
		return // the build ends
	}
	text, err := b.tree.target(f.name)
	if !b.bytes.spend(len(text)) {
		return
	}
	if err != nil {
		f.problem = b.tree.reading(f.name, err, targetAt(b.config.file, f.spots[0].target))
		var irregular *irregularError
		if errors.As(err, &irregular) && irregular.mode.IsDir() {
			f.problem.Hint = "name a file in it: " + summary(b.tree.siblings(path.Join(f.name, "any")))
		}
		return
	}
	f.before = text
	for _, s := range f.spots {
		b.find(s)
		if f.doc != nil && !f.weighed {
			if f.weighed = true; !b.weigh(f.doc.file) {
				f.doc = nil // the build ends
				return
			}
		}
	}
}

// find looks for the place of a spot.
func (b *build) find(s *spot) {
	if s.target.Marker != "" {
		if s.place.problem = s.file.marksFound(); s.place.problem == nil {
			s.place.mark(s.file.marks, s.target, b.config.file)
		}
		return
	}
	if s.place.problem = s.file.parsed(); s.place.problem == nil {
		s.place = s.file.doc.locate(s.target, s.rule.Annotation, b.config.file)
	}
}

// marksFound gathers the marked lines of the file when the first is asked for.
func (f *targetFile) marksFound() *Problem {
	if f.marks == nil && f.unmarked == nil {
		var err error
		if f.marks, err = yamledit.FindMarks(f.before, f.markers()); err != nil {
			f.unmarked = problemOf(f.name, err)
		}
	}
	return f.unmarked
}

// markers are those that the rules ask for.
func (f *targetFile) markers() []string {
	var all []string
	for _, s := range f.spots {
		if s.target.Marker != "" {
			all = append(all, s.target.Marker)
		}
	}
	return all
}

// parsed parses the file when its first YAML place is asked for.
func (f *targetFile) parsed() *Problem {
	if f.doc == nil && f.unparsed == nil {
		var err error
		if f.doc, err = newDocument(f.name, f.before); err != nil {
			f.unparsed = problemOf(f.name, err)
			var e *yamledit.Error
			if errors.As(err, &e) && e.Syntax && e.Hint == "" {
				f.unparsed.Hint = "for a file that is not YAML (a template, say) mark the line with a comment and use `marker`"
			}
		}
	}
	return f.unparsed
}

// mark finds the one line of a marker; config is the name of the config.
func (p *place) mark(marks *yamledit.Marks, t *Target, config string) {
	marker := t.Marker
	found, err := marks.Find(marker)
	switch {
	case err != nil:
		p.problem = problemOf(p.File, err)
	case len(found) == 0:
		p.problem = targetAt(config, t)
		p.problem.Message = fmt.Sprintf("%s has no line that ends in the comment # %s", p.File, marker)
		p.problem.Hint = fmt.Sprintf("append `# %s` to the line that holds the checksum", marker)
	case len(found) > 1:
		p.problem = newProblem(p.File, found[0].Line, found[0].Column, fmt.Sprintf("%d lines end in the comment # %s, expected one:", len(found), marker), "give each line a marker of its own")
		for _, m := range found[:min(len(found), maxDetails)] {
			p.problem.Details = append(p.problem.Details, fmt.Sprintf("%s:%d:%d", p.File, m.Line, m.Column))
		}
	default:
		p.marked = &found[0]
		p.Line, p.Column = found[0].Line, found[0].Column
	}
}
