package repo

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
)

// sought is a Sought in one walk.
type sought struct {
	*Sought
	other bool               // kinds of content than the rule has are looked for
	names map[string]Version // of files that have another name since, by the path of then
	ends  []end
}

// key is that of the checksums of a file.
func (w *sought) key(v *Version) sumKey {
	return sumKey{v.Blob, w.algorithm, w.Content, w.other}
}

// end is where the history of some files ends under their names.
type end struct {
	commit string // "": the index
	lost   []string
}

// version is what a path stands for.
func (w *sought) version(path, blob string) (v Version, ok bool) {
	if v, ok = w.names[path]; !ok {
		v = Version{Name: w.Name(path), Path: path, Now: path}
	}
	v.Blob = blob
	return v, v.Name != ""
}

// isSource says whether a change of a path is one of the sources.
func (w *sought) isSource(path string) bool {
	if w.Follow != nil {
		return slices.ContainsFunc(w.Paths, func(p string) bool { return inside(path, p) })
	}
	_, ok := w.version(path, "")
	return ok
}

// files are the sources in a state, by their paths.
func (w *sought) files(of state) iter.Seq2[string, string] {
	return func(yield func(path, blob string) bool) {
		if !w.Exact {
			for path, blob := range of {
				if w.isSource(path) && !yield(path, blob) {
					return
				}
			}
			return
		}
		for _, path := range slices.AppendSeq(slices.Clone(w.Paths), maps.Keys(w.names)) {
			if blob, ok := of[path]; ok && !yield(path, blob) {
				return
			}
		}
	}
}

// differ says whether the sources are not the same in two states.
func (w *sought) differ(a, b state) bool {
	lacks := func(a, b state) bool {
		for path, blob := range w.files(a) {
			if b[path] != blob {
				return true
			}
		}
		return false
	}
	return lacks(a, b) || lacks(b, a)
}

// added are the sources that only the first of two states has.
func (w *sought) added(a, b state) []string {
	var all []string
	for path := range w.files(a) {
		if b[path] == "" {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// end notes where the history of some files ends under their names.
func (w *sought) end(commit string, lost []string) {
	if len(lost) > 0 && w.Follow == nil {
		w.ends = append(w.ends, end{commit, lost})
	}
}

// renamed is what is sought under the names that its files had before some
// renames, lost being those that are not there before (nil: any); nil when none of
// them was renamed.
func (w *sought) renamed(lost []string, renames []git.Change) *sought {
	then := &sought{Sought: w.Sought, other: w.other, names: maps.Clone(w.names)}
	if then.names == nil {
		then.names = map[string]Version{}
	}
	found := false
	for i := range renames {
		r := &renames[i]
		if !w.isSource(r.Path) || w.isSource(r.Was) || lost != nil && !slices.Contains(lost, r.Path) {
			continue
		}
		now, _ := w.version(r.Path, "")
		then.names[r.Was] = Version{Name: before(now, r.Was), Path: r.Was, Now: now.Now}
		found = true
	}
	if !found {
		return nil
	}
	return then
}

// before is the name, as in a listing, of a file under an earlier path: that from
// the same root, or the same name where the root itself was another.
func before(now Version, was string) string {
	root, ok := strings.CutSuffix(now.Path, now.Name)
	if name, below := strings.CutPrefix(was, root); ok && below {
		return name
	}
	return now.Name
}

// pathsOf are the paths of all that are sought, for a command line.
func pathsOf(open []*sought) []string {
	var all []string
	for _, w := range open {
		all = append(all, w.Paths...)
		all = slices.AppendSeq(all, maps.Keys(w.names))
	}
	if len(all) > maxPaths {
		return []string{"."}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// byPath are those that are sought by the paths at and below which their sources
// stand.
func byPath(open []*sought) map[string][]*sought {
	all := map[string][]*sought{}
	for _, w := range open {
		for _, p := range w.Paths {
			all[p] = append(all[p], w)
		}
		for p := range w.names {
			all[p] = append(all[p], w)
		}
	}
	return all
}

// maxPaths is how many paths a command line takes.
const maxPaths = 500
