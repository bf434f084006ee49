package fluxsum

import (
	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// edited returns the text of the file with these spots made true.
func (f *targetFile) edited(spots []*spot) ([]byte, error) {
	text := f.before
	if f.doc != nil {
		edits := yamledit.NewEdits(f.doc.file)
		for _, s := range spots {
			if err := s.plan(edits); err != nil {
				return nil, err
			}
		}
		var err error
		if text, err = edits.Bytes(); err != nil {
			return nil, err
		}
	}
	return f.marked(text, spots)
}

// marked gives the marked lines among the spots their new values.
func (f *targetFile) marked(text []byte, spots []*spot) ([]byte, error) {
	var edits []yamledit.MarkEdit
	for _, s := range spots {
		if s.target.Marker != "" {
			edits = append(edits, yamledit.MarkEdit{Marker: s.target.Marker, Value: s.result.Computed})
		}
	}
	if len(edits) == 0 {
		return text, nil
	}
	marks, err := yamledit.FindMarks(text, f.markers())
	if err != nil {
		return nil, err
	}
	return marks.Replace(edits)
}

func (s *spot) plan(edits *yamledit.Edits) error {
	switch {
	case s.place.hit != nil:
		return edits.Replace(s.place.hit.file, s.place.hit.node, s.result.Computed)
	case s.place.slot != nil:
		return s.place.slot.insert(edits, s.result.Computed)
	}
	return nil
}

// block says of all spots to be edited that the file cannot be. They stay
// stale or missing; for a missing one the lines to write by hand are shown.
func (f *targetFile) block(spots []*spot, err error) {
	for _, s := range spots {
		p := problemOf(f.name, err)
		if s.result.State == Missing {
			p = s.paste(p.Message)
		}
		s.result.add(p)
	}
}
