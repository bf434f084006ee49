package fluxsum

import (
	"fmt"
	"slices"
)

// refuseClashes refuses two rules that write one place.
func (b *build) refuseClashes() error {
	var problems Problems
	for _, f := range b.targets {
		first := make(map[placeKey]*spot, len(f.spots))
		for _, s := range f.spots {
			if s.place.problem != nil || f.problem != nil {
				continue
			}
			key := s.place.key(s.rule.Annotation)
			if other := first[key]; other != nil {
				problems = append(problems, b.clash(other, s))
				continue
			}
			first[key] = s
		}
	}
	if len(problems) > 0 {
		return problems.sorted()
	}
	return nil
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
