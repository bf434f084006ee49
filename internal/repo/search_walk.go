package repo

import (
	"context"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
)

// walk goes back from a commit with a known state: the blobs by their paths. It
// is a walk over what git lists for the paths, in which each commit hands to its
// parents their states.
type walk struct {
	*Search
	open    []*sought
	places  map[string]*place // of commits whose children were seen
	pending []candidate       // whose blobs were asked for
}

// place is what is known of a commit before it is reached.
type place struct {
	state map[string]string
	fresh map[*sought]bool // whose content no later commit has
}

// ahead is how many candidates wait for their blobs: git reads them meanwhile.
const ahead = 64

func (s *Search) walk(ctx context.Context, from string, state map[string]string, open []*sought) error {
	if len(state) == 0 {
		return nil
	}
	past, err := s.History.repo.Git().Past(ctx, from, pathsOf(open))
	if err != nil {
		return err
	}
	defer past.Close()
	w := &walk{Search: s, open: open, places: map[string]*place{}}
	first := &place{state, map[*sought]bool{}}
	for _, o := range open {
		first.fresh[o] = true
	}
	if err := w.run(past, first); err != nil {
		return err
	}
	return s.behindRenames(ctx, open)
}

func (w *walk) run(past *git.Past, first *place) error {
	for w.unfound() && w.Looked < w.Most {
		step, err := past.Next()
		if errors.Is(err, io.EOF) {
			return w.settleAll(0)
		}
		if err != nil {
			return err
		}
		at := w.places[step.Commit]
		if first != nil {
			at, first = first, nil
		}
		if at == nil {
			continue // dates that run backwards have parted it from its children
		}
		delete(w.places, step.Commit)
		w.step(&step, at)
		if err := w.settleAll(ahead); err != nil {
			return err
		}
	}
	if err := w.settleAll(0); err != nil {
		return err
	}
	w.Cut = w.Cut || w.unfound()
	return nil
}

func (w *walk) unfound() bool {
	return slices.ContainsFunc(w.open, func(o *sought) bool { return o.Found == nil })
}

// settleAll settles the oldest candidates, until no more than some wait.
func (w *walk) settleAll(most int) error {
	for len(w.pending) > most {
		c := w.pending[0]
		w.pending = w.pending[1:]
		if err := w.settle(c); err != nil {
			return err
		}
	}
	return nil
}

// step takes up the contents that a commit has brought, and hands on its state.
func (w *walk) step(step *git.Step, at *place) {
	brought := maps.Clone(at.fresh)
	touches := len(step.Parents) == 0
	for i := range step.Parents {
		changed := w.changed(step.Parents[i].Changes)
		touches = touches || len(changed) > 0
		for o := range brought {
			if !changed[o] {
				delete(brought, o)
			}
		}
	}
	if touches {
		w.Looked++
	}
	for _, o := range w.open {
		if brought[o] && o.Found == nil {
			w.pending = append(w.pending, w.look(o, step.Commit, at.state))
		}
	}
	if len(step.Parents) == 0 {
		w.Shallow = w.Shallow || w.History.shallow[step.Commit]
		w.note(step.Commit, "", at.state, lost(at.state))
	}
	for i := len(step.Parents) - 1; i >= 0; i-- {
		w.hand(step, &step.Parents[i], at, i == 0)
	}
}

// changed are those whose sources are among some changes.
func (w *walk) changed(changes []git.Change) map[*sought]bool {
	all := map[*sought]bool{}
	for i := range changes {
		for _, o := range w.open {
			if !all[o] && o.isSource(changes[i].Path) {
				all[o] = true
			}
		}
	}
	return all
}

func lost(state map[string]string) []git.Change {
	var all []git.Change
	for name, blob := range state {
		all = append(all, git.Change{Path: name, New: blob})
	}
	return all
}

// hand hands the state on to a parent; the last one takes it over.
func (w *walk) hand(step *git.Step, parent *git.Parent, at *place, last bool) {
	changed := w.changed(parent.Changes)
	to := w.places[parent.ID]
	if to == nil {
		state := at.state
		if !last {
			state = maps.Clone(state)
		}
		to = &place{w.undo(state, parent.Changes), map[*sought]bool{}}
		w.places[parent.ID] = to
	}
	w.note(step.Commit, parent.ID, to.state, added(parent.Changes))
	for _, o := range w.open {
		if changed[o] || at.fresh[o] {
			to.fresh[o] = true
		}
	}
}

// undo makes the state of a commit that of its parent.
func (w *walk) undo(state map[string]string, changes []git.Change) map[string]string {
	for i := range changes {
		c := &changes[i]
		switch {
		case !slices.ContainsFunc(w.open, func(o *sought) bool { return o.isSource(c.Path) }):
		case c.From == 0:
			delete(state, c.Path)
		default:
			state[c.Path] = c.Old
		}
	}
	return state
}

// added are the files that a parent did not have.
func added(changes []git.Change) []git.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c git.Change) bool { return c.From != 0 })
}

// end is where the history of some files ends under their names.
type end struct {
	commit, parent string            // parent "": those of the commit itself
	state          map[string]string // of the parent
	lost           []string
}

// maxEnds is how many ends of one that is sought are looked behind.
const maxEnds = 32

func (w *walk) note(commit, parent string, state map[string]string, gone []git.Change) {
	for _, o := range w.open {
		e := end{commit: commit, parent: parent}
		for i := range gone {
			if o.isSource(gone[i].Path) {
				e.lost = append(e.lost, gone[i].Path)
			}
		}
		if len(e.lost) == 0 || len(o.ends) >= maxEnds || o.Found != nil {
			continue
		}
		e.state = map[string]string{}
		for name, blob := range state {
			if o.isSource(name) && !slices.Contains(e.lost, name) {
				e.state[name] = blob
			}
		}
		o.ends = append(o.ends, e)
	}
}

// behindRenames goes on under the names that the files had before.
func (s *Search) behindRenames(ctx context.Context, open []*sought) error {
	for _, o := range open {
		for _, e := range o.ends {
			if o.Found != nil || s.Looked >= s.Most {
				break
			}
			if err := s.behind(ctx, o, &e); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (s *Search) behind(ctx context.Context, o *sought, e *end) error {
	parents := []string{e.parent}
	if e.parent == "" {
		c, err := s.History.Commit(e.commit)
		if err != nil {
			return err
		}
		parents = s.History.parents(c)
	}
	for _, parent := range parents {
		renames, err := s.History.repo.Git().Renames(ctx, e.commit, parent)
		if err != nil {
			return err
		}
		if then, state := o.renamed(e, renames); then != nil {
			if err := s.walk(ctx, parent, state, []*sought{then}); err != nil {
				return err
			}
		}
	}
	return nil
}

// renamed is what is sought under the names of before, with the state of then;
// nil when no source was renamed.
func (o *sought) renamed(e *end, renames []git.Change) (*sought, map[string]string) {
	then := &sought{Sought: o.Sought, contents: o.contents, names: maps.Clone(o.names)}
	if then.names == nil {
		then.names = map[string]Version{}
	}
	state := maps.Clone(e.state)
	found := false
	for i := range renames {
		r := &renames[i]
		if !slices.Contains(e.lost, r.Path) || o.isSource(r.Was) {
			continue
		}
		now, _ := o.version(r.Path, "")
		then.names[r.Was] = Version{Name: before(now, r.Was), Path: r.Was, Now: now.Now}
		state[r.Was] = r.Old
		found = true
	}
	if !found {
		return nil, nil
	}
	return then, state
}

// before is the name, as in a listing, of a file under an earlier path: that from
// the same root, or the same name where the root itself was another.
func before(now Version, was string) string {
	root := strings.TrimSuffix(now.Path, now.Name)
	if name, ok := strings.CutPrefix(was, root); ok && root+now.Name == now.Path {
		return path.Clean(name)
	}
	return now.Name
}
