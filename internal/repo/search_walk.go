package repo

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/fluxsum/fluxsum/internal/git"
)

// walk goes back from a commit with a known state. It is a walk over what git
// lists for the paths, children before their parents, in which each commit hands
// to its parents their states.
type walk struct {
	*Search
	*watchers
	states  map[string]state    // of commits whose children were seen
	pending []candidate         // whose blobs were asked for
	waiting int                 // files of these
	seen    map[string][]string // commits, with the parents that git lists
}

// ahead is how many candidates may wait for their blobs: git reads them meanwhile,
// and many at a time are read with fewer calls.
const ahead = 512

// filesAhead is how many files these may have together.
const filesAhead = 50_000

// walk walks back from a commit, and on behind renames; it returns which commits it
// has seen, by their parents.
func (s *Search) walk(ctx context.Context, from string, at state, of *watchers) (seen map[string][]string, err error) {
	past, err := s.History.repo.Git().Past(ctx, from, pathsOf(of.open))
	if err != nil {
		return nil, err
	}
	defer past.Close()
	w := &walk{Search: s, watchers: of, states: map[string]state{}, seen: map[string][]string{}}
	if err := w.run(past, at); err != nil {
		return nil, err
	}
	return w.seen, w.behindRenames(ctx, from)
}

func (w *walk) run(past *git.Past, first state) error {
	for w.unfound() {
		step, err := past.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		at := w.states[step.Commit]
		if first != nil {
			at, first = first, nil
		}
		if at == nil {
			continue
		}
		delete(w.states, step.Commit)
		if w.Progress != nil {
			w.Progress(len(w.seen), 0)
		}
		if len(w.looked) >= w.Most {
			w.Cut = true
			break
		}
		w.step(&step, at)
		if len(w.pending) < ahead && w.waiting < filesAhead {
			continue
		}
		if err := w.settleAll(min(len(w.pending), ahead) / 2); err != nil {
			return err
		}
	}
	return w.settleAll(0)
}

func (w *walk) unfound() bool {
	return slices.ContainsFunc(w.open, func(o *sought) bool { return o.Found == nil })
}

// settleAll settles the oldest candidates, until no more than some wait.
func (w *walk) settleAll(most int) error {
	if err := w.sums.ahead(most); err != nil {
		return err
	}
	for len(w.pending) > most {
		c := w.pending[0]
		w.pending = w.pending[1:]
		w.waiting -= len(c.files)
		if err := w.settle(c); err != nil {
			return err
		}
	}
	return nil
}

// step looks at the contents that a commit has brought, and hands on its state.
func (w *walk) step(step *git.Step, at state) {
	changed := make([]map[*sought]bool, len(step.Parents))
	touches := len(step.Parents) == 0
	for i := range step.Parents {
		changed[i] = w.changed(step.Parents[i].Changes)
		touches = touches || len(changed[i]) > 0
	}
	if touches {
		w.looked[step.Commit] = true
	}
	for _, o := range w.brought(changed) {
		if o.Found == nil {
			c := w.look(o, step.Commit, at)
			w.pending, w.waiting = append(w.pending, c), w.waiting+len(c.files)
		}
	}
	w.hand(step, at)
}

// brought are those whose sources differ from all parents.
func (w *walk) brought(changed []map[*sought]bool) []*sought {
	if len(changed) == 0 {
		return w.open
	}
	var all []*sought
	for o := range changed[0] {
		if !slices.ContainsFunc(changed[1:], func(c map[*sought]bool) bool { return !c[o] }) {
			all = append(all, o)
		}
	}
	return all
}

// hand hands the state on to the parents.
func (w *walk) hand(step *git.Step, at state) {
	if len(step.Parents) == 0 {
		w.lose(step.Commit, slices.Sorted(maps.Keys(at)))
	}
	w.seen[step.Commit] = nil
	for i := range step.Parents {
		p := &step.Parents[i]
		w.seen[step.Commit] = append(w.seen[step.Commit], p.ID)
		w.lose(step.Commit, added(p.Changes))
		if w.states[p.ID] != nil {
			continue
		}
		of := at
		if i < len(step.Parents)-1 {
			of = maps.Clone(at)
		}
		w.states[p.ID] = w.undo(of, p.Changes)
	}
}

// lose notes the paths under which a commit has files that before it are not
// there.
func (w *walk) lose(commit string, paths []string) {
	lost := map[*sought][]string{}
	for _, path := range paths {
		for _, o := range w.sources(path) {
			lost[o] = append(lost[o], path)
		}
	}
	for o, paths := range lost {
		o.end(commit, paths)
	}
}

// changed are those whose sources are among some changes; those of a mode alone
// are none.
func (w *walk) changed(changes []git.Change) map[*sought]bool {
	all := map[*sought]bool{}
	for i := range changes {
		if changes[i].Old == changes[i].New {
			continue
		}
		for _, o := range w.sources(changes[i].Path) {
			all[o] = true
		}
	}
	return all
}

// undo makes the state of a commit that of its parent.
func (w *walk) undo(at state, changes []git.Change) state {
	for i := range changes {
		c := &changes[i]
		switch {
		case len(w.sources(c.Path)) == 0:
		case c.From == 0 || c.From == git.ModeSubmodule:
			delete(at, c.Path)
		default:
			at[c.Path] = c.Old
		}
	}
	return at
}

// added are the files that a parent did not have.
func added(changes []git.Change) []string {
	var all []string
	for i := range changes {
		if changes[i].From == 0 {
			all = append(all, changes[i].Path)
		}
	}
	return all
}
