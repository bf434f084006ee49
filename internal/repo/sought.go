package repo

import (
	"cmp"
	"maps"
	"path"
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
	known []Version // all sources that were asked for
	added bool      // some since they were sorted
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

// files are the sources in a state, sorted by name. The paths of the state must have
// been asked for.
func (w *sought) files(of state) []Version {
	if w.added {
		slices.SortFunc(w.known, func(a, b Version) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Path, b.Path)) })
		w.added = false
	}
	var all []Version
	for _, v := range w.known {
		if blob, ok := of[v.Path]; ok {
			v.Blob = blob
			all = append(all, v)
		}
	}
	return all
}

// differ says whether the sources are not the same in two states.
func (w *sought) differ(a, b state) bool {
	lacks := func(a, b state) bool {
		return slices.ContainsFunc(w.files(a), func(v Version) bool { return b[v.Path] != v.Blob })
	}
	return lacks(a, b) || lacks(b, a)
}

// addedIn are the paths of the sources that only the first of two states has.
func (w *sought) addedIn(a, b state) []string {
	var all []string
	for _, v := range w.files(a) {
		if b[v.Path] == "" {
			all = append(all, v.Path)
		}
	}
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
	slices.Sort(all)
	all = slices.Compact(all)
	size := 0
	for _, path := range all {
		if size += len(path) + 3; size > maxPaths { // with quotes, on Windows
			return []string{"."}
		}
	}
	return all
}

// watchers tell which of those that are sought a path is a source of.
type watchers struct {
	open  []*sought
	below map[string][]*sought // by the paths at and below which their sources stand
	known map[string][]*sought
}

func newWatchers(open []*sought) *watchers {
	all := &watchers{open, map[string][]*sought{}, map[string][]*sought{}}
	for _, w := range open {
		for _, p := range w.Paths {
			all.below[p] = append(all.below[p], w)
		}
		for p := range w.names {
			all.below[p] = append(all.below[p], w)
		}
	}
	return all
}

// sources are those of whom a path is a source. Many commits ask for the same.
func (w *watchers) sources(name string) []*sought {
	all, known := w.known[name]
	if known {
		return all
	}
	for at := name; ; at = path.Dir(at) {
		for _, o := range w.below[at] {
			if o.isSource(name) && !slices.Contains(all, o) {
				all = append(all, o)
				v, _ := o.version(name, "")
				o.known, o.added = append(o.known, v), true
			}
		}
		if at == "." {
			w.known[name] = all
			return all
		}
	}
}

// maxPaths is how many bytes of paths a command line takes for certain.
const maxPaths = 16 << 10
