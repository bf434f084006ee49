package fluxsum

import (
	"fmt"
	"slices"
)

// refuseClashes refuses two rules that write one place.
func (b *build) refuseClashes() {
	for _, f := range b.targets {
		first := make(map[placeKey]*spot, len(f.spots))
		for _, s := range f.spots {
			if s.place.problem != nil || f.problem != nil {
				continue
			}
			key := s.place.key(s.rule.Annotation)
			if other := first[key]; other != nil {
				b.problems = append(b.problems, b.clash(other, s))
				continue
			}
			first[key] = s
		}
	}
	if len(b.problems) > 0 {
		return // one of two that clash will go, and what it would be in the way of is not known
	}
	for _, f := range b.targets {
		f.refuseSeconds()
	}
}

// refuseSeconds refuses insertions that would give the target of another rule a
// second place.
func (f *targetFile) refuseSeconds() {
	if !slices.ContainsFunc(f.spots, func(s *spot) bool { return s.place.slot != nil }) {
		return
	}
	found := map[string][]*spot{} // those whose annotation is there, by it and the name they choose
	for _, s := range f.spots {
		if s.place.hit != nil {
			found[s.choice(s.target.Name)] = append(found[s.choice(s.target.Name)], s)
		}
	}
	for _, s := range f.spots {
		if s.place.slot == nil || s.place.elsewhere != nil {
			continue
		}
		if other := s.second(found); other != nil {
			s.place.elsewhere = newProblem(f.name, s.place.Line, s.place.Column,
				fmt.Sprintf("%s is missing here, but it would be a second place for rule %s, whose checksum stands on line %d", s.rule.Annotation, other.rule.Name, other.place.Line),
				"have the target of rule "+other.rule.Name+" or the patch here name one resource, or give each rule an annotation of its own")
		}
	}
}

// choice tells apart what targets of a name choose.
func (s *spot) choice(name string) string {
	return s.rule.Annotation + "\x00" + fmt.Sprint(s.target.path) + "\x00" + name
}

// second returns a spot whose target would find what is inserted at this one, too.
func (s *spot) second(found map[string][]*spot) *spot {
	of := s.place.slot.of
	matching := func(all []*spot) *spot {
		if i := slices.IndexFunc(all, func(other *spot) bool { return of.matches(other.target) }); i >= 0 {
			return all[i]
		}
		return nil
	}
	if of.plainName() {
		if other := matching(found[s.choice("")]); other != nil {
			return other
		}
		return matching(found[s.choice(of.name)])
	}
	i := slices.IndexFunc(s.file.spots, func(other *spot) bool {
		return other.place.hit != nil && other.rule.Annotation == s.rule.Annotation && slices.Equal(other.target.path, s.target.path) && of.matches(other.target)
	})
	if i < 0 {
		return nil
	}
	return s.file.spots[i]
}

// placeKey tells places of one file apart; a missing annotation is a place
// too.
type placeKey struct {
	line, column int
	missing      string
}

func (p *place) key(annotation string) placeKey {
	if p.slot == nil {
		return placeKey{p.Line, p.Column, ""}
	}
	return placeKey{p.Line, p.Column, pointer(append(slices.Clone(p.slot.path), annotation))}
}

func (b *build) clash(first, second *spot) *Problem {
	p, line := targetAt(b.config.file, second.target), targetAt(b.config.file, first.target).Line
	if first.rule == second.rule {
		p.Message = fmt.Sprintf("rule %s names %s:%d twice, first on line %d", first.rule.Name, second.place.File, second.place.Line, line)
		p.Hint = "remove one of the two targets"
		return p
	}
	p.Message = fmt.Sprintf("rules %s (line %d) and %s both write %s:%d", first.rule.Name, line, second.rule.Name, second.place.File, second.place.Line)
	p.Hint = "one place holds one checksum: name all files in one rule, or give each rule an annotation of its own"
	return p
}
