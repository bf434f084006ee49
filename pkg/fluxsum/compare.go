package fluxsum

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/secret"
)

// edit computes the results of a target file and its new text.
func (b *build) edit(f *targetFile) {
	var stale []*spot
	for _, s := range f.spots {
		if s.rule.chosen && b.compare(s) && b.accepts(s) {
			stale = append(stale, s)
		}
	}
	if len(stale) == 0 {
		return
	}
	after, err := f.edited(stale)
	if err != nil {
		f.block(stale, err)
		return
	}
	f.after, b.edits = after, true
}

func (b *build) accepts(s *spot) bool {
	return b.settings.Accept == nil || b.settings.Accept(s.result)
}

// compare fills in the result of a spot and says whether it needs an edit.
func (b *build) compare(s *spot) bool {
	*s.result = s.rule.result(s.place.Place)
	s.result.spot = s
	b.sum(s.rule)
	sum := s.rule.sum
	recorded, asString := s.place.recorded()
	s.result.Recorded, s.result.Computed = s.shown(recorded), sum
	s.fail(s.rule.problems...)
	s.fail(s.place.problem)
	if s.file != nil {
		s.fail(s.file.problem)
	}
	switch {
	case s.result.State == Failed:
		return false
	case s.place.slot != nil:
		s.result.State = Missing
		return s.insertable()
	case recorded == sum && asString:
		s.result.State = OK
		return false
	}
	s.result.State = Stale
	s.result.Message = b.why(s)
	return true
}

// shown is what of a recorded value is told. What is no checksum may be a secret
// that stands there by mistake: in front of a marker, or beside other secrets, where
// a number may be one, too.
func (s *spot) shown(recorded string) string {
	if _, ok := checksum.AlgorithmOf(recorded); ok || recorded == "" || s.file == nil {
		return recorded
	}
	isHex := strings.Trim(recorded, "0123456789abcdefABCDEF") == ""
	if !isHex && s.target.Marker != "" || s.file.isSecret() {
		return "not a checksum"
	}
	return recorded
}

// isSecret says whether the file holds anything secret; it is looked through once.
func (f *targetFile) isSecret() bool {
	if !f.searched {
		f.searched, f.secret = true, secret.Why(f.before) != ""
	}
	return f.secret
}

// why says what is not plain to see about a stale checksum.
func (b *build) why(s *spot) string {
	if s.result.Recorded == s.result.Computed {
		return "the recorded checksum is not quoted and reads as a number"
	}
	for _, src := range s.rule.sources {
		if f := b.byName[src.real]; f != nil && f.after != nil {
			return fmt.Sprintf("computed from %s as update will write it", src.name)
		}
	}
	return ""
}

// fail adds problems to the result.
func (s *spot) fail(problems ...*Problem) {
	if s.result.tell(problems...) {
		s.result.State = Failed
	}
}

// tell notes the problems that there are.
func (r *Result) tell(problems ...*Problem) (any bool) {
	for _, p := range problems {
		if p != nil {
			r.add(p)
			any = true
		}
	}
	return any
}

// add notes a problem, and its place where the result has none.
func (r *Result) add(p *Problem) {
	switch told := len(r.Problems); {
	case told > maxProblems:
		return
	case told == maxProblems:
		p = &Problem{File: p.File, Line: p.Line, Column: p.Column, Message: "and more of this rule, which is not told"}
	}
	r.Problems = append(r.Problems, p)
	r.Message = r.Problems.Error()
	if p.File == r.Target.File && r.Target.Line == 0 {
		r.Target.Line, r.Target.Column = p.Line, p.Column
	}
}

// insertable says whether a missing annotation can be inserted, and shows how
// to do it by hand when not.
func (s *spot) insertable() bool {
	switch slot := s.place.slot; {
	case s.place.elsewhere != nil:
		s.result.add(s.place.elsewhere)
	case slot.mistyped != nil:
		s.result.add(slot.mistyped)
	case slot.insert == nil:
		s.result.add(s.paste("the annotation is missing and cannot be inserted here"))
	default:
		return true
	}
	return false
}

func (r *ruleBuild) result(p Place) Result {
	files := r.files
	if len(files) == 0 {
		files = r.Files
	}
	return Result{Rule: r.Name, Algorithm: r.Algorithm, Files: files, Annotation: r.Annotation, Target: p}
}

// sum computes the checksum of a rule, or says all that is wrong with its files;
// once.
func (b *build) sum(r *ruleBuild) {
	if r.summed {
		return
	}
	r.summed = true
	entries := make([]checksum.Entry, 0, len(r.sources))
	for _, s := range r.sources {
		if s.err != nil {
			r.problems = append(r.problems, b.tree.reading(s.name, s.err, b.sourceAt(r.Rule, s.name)))
		}
		entries = append(entries, checksum.Entry{Path: s.name, Sum: s.sum})
	}
	switch {
	case len(r.problems) > 0:
	case r.single:
		r.sum = entries[0].Sum
	default:
		r.sum = r.Algorithm.SumListing(entries)
	}
}

// sourceAt is the place of the config that names a source file.
func (b *build) sourceAt(r *Rule, name string) *Problem {
	i := slices.IndexFunc(r.Files, func(pattern string) bool { return matches(pattern, name) })
	return b.at(r, "files", max(i, 0))
}
