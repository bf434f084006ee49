package repo

import (
	"context"
	"slices"

	"github.com/fluxsum/fluxsum/internal/git"
)

// forebear is a commit, as Git has it, before one in which files may have got
// their names.
type forebear struct {
	*sought
	commit, parent string // commit "": the index
	lost           []string
}

// behindRenames goes on under the names that the files of what is not found had
// before. Git lists a history without the parents that do not have a path; here
// they are the ones that count.
func (w *walk) behindRenames(ctx context.Context, from string) error {
	if !w.unfound() {
		return nil
	}
	left, err := w.leftOut(ctx, from)
	if err != nil {
		return err
	}
	var all []forebear
	for _, o := range w.open {
		if o.Found == nil {
			found, err := w.forebears(o, from, left)
			if err != nil {
				return err
			}
			all = append(all, found...)
		}
	}
	renames, err := w.renames(ctx, all)
	if err != nil {
		return err
	}
	covered := map[*Sought]map[string]bool{} // what goes on under more names than here
	for i := range all {
		f := &all[i]
		if f.Found != nil || covered[f.Sought][f.commit] || len(w.looked) >= w.Most {
			continue
		}
		then := f.renamed(f.lost, renames[i])
		if then == nil {
			continue
		}
		seen, err := w.under(ctx, f.parent, then)
		if err != nil {
			return err
		}
		if covered[f.Sought] == nil {
			covered[f.Sought] = map[string]bool{}
		}
		for commit := range seen {
			covered[f.Sought][commit] = true
		}
	}
	return ctx.Err()
}

// under goes on from a commit under other names.
func (w *walk) under(ctx context.Context, commit string, then *sought) (seen map[string][]string, err error) {
	c, err := w.History.Commit(commit)
	if err != nil {
		return nil, err
	}
	of := newWatchers([]*sought{then})
	at, err := w.stateOf(c, of)
	if err != nil {
		return nil, err
	}
	return w.walk(ctx, commit, at, of)
}

// forebears are the parents of the ends of one that is sought, and those of
// merges that git has left out: they never had its files under these names.
func (w *walk) forebears(o *sought, from string, left []forebear) ([]forebear, error) {
	var all []forebear
	for _, e := range o.ends {
		if e.commit == "" {
			all = append(all, forebear{o, "", from, e.lost})
			continue
		}
		c, err := w.History.Commit(e.commit)
		if err != nil {
			return nil, err
		}
		for _, parent := range w.History.parents(c) {
			all = append(all, forebear{o, e.commit, parent, e.lost})
		}
	}
	if o.Follow != nil {
		return nil, nil
	}
	for _, f := range left {
		all = append(all, forebear{o, f.commit, f.parent, nil})
	}
	return all, nil
}

// leftOut are the merges of the walk, with the parents that git has left out of
// the history of the paths.
func (w *walk) leftOut(ctx context.Context, from string) ([]forebear, error) {
	merges, err := w.History.repo.Git().Merges(ctx, from)
	if err != nil {
		return nil, err
	}
	var all []forebear
	for _, m := range merges {
		listed, ok := w.seen[m[0]]
		if !ok || len(listed) >= len(m)-1 {
			continue
		}
		for _, parent := range m[1:] {
			if !slices.Contains(listed, parent) {
				all = append(all, forebear{commit: m[0], parent: parent})
			}
		}
	}
	return all, nil
}

// renames are those between each commit and its parent. Of many that are sought
// some have these in common.
func (w *walk) renames(ctx context.Context, all []forebear) ([][]git.Change, error) {
	at := map[[2]string]int{}
	var pairs [][2]string
	for _, f := range all {
		pair := [2]string{f.parent, f.commit}
		if _, known := at[pair]; !known {
			at[pair] = len(pairs)
			pairs = append(pairs, pair)
		}
	}
	found, err := w.History.repo.Git().Renames(ctx, pairs)
	if err != nil {
		return nil, err
	}
	renames := make([][]git.Change, len(all))
	for i, f := range all {
		renames[i] = found[at[[2]string{f.parent, f.commit}]]
	}
	return renames, nil
}
