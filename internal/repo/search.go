package repo

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// Sought is a checksum whose content is looked for.
type Sought struct {
	Digest string
	// Content is what was hashed, as the rule has it now.
	Content checksum.Content
	// Paths, from the top, are those at and below which the sources stand.
	Paths []string
	// Name is the name, as in a listing, of the source at a path from the top;
	// "" for what is no source.
	Name func(path string) string

	// Found is where the content was; nil when it was not found.
	Found *Found

	algorithm checksum.Algorithm
}

// Found is a content that a checksum stands for.
type Found struct {
	Commit  Commit // the newest that brought it; without an ID: only staged
	Content checksum.Content
	// Files are those that the checksum stands for, sorted by name.
	Files []Version
}

// Version is a content that a file had.
type Version struct {
	Name string // as in the listing of then
	Path string // from the top, of then
	Blob string
	// Now is the path that the file has had since a later commit renamed it; else
	// that of then.
	Now string
}

// Search looks for contents in the index and in the history.
type Search struct {
	History *History
	// Staged says that the index counts, too.
	Staged bool
	// Most is how many commits that touch the sources are looked at.
	Most int

	// Looked is how many were; Shallow, Missing and Cut say why not all: this clone
	// lacks commits, or blobs, or Most was reached.
	Looked  int
	Shallow bool
	Missing int
	Cut     bool

	blobs *git.Blobs
	asked []blobSum          // in the order in which they will be read
	sums  map[blobSum]string // "" where there is none: not YAML, say
}

// blobSum is a checksum of a blob.
type blobSum struct {
	blob      string
	algorithm checksum.Algorithm
	content   checksum.Content
}

// Find looks for all of them, in the history that leads to a commit, newest
// first: as the rules have it now, then for other kinds of content. A commit
// without an ID has no history.
func (s *Search) Find(ctx context.Context, from Commit, all []*Sought) error {
	git := s.History.repo.Git()
	blobs, err := git.Blobs(ctx)
	if err != nil {
		return err
	}
	defer blobs.Close()
	s.blobs, s.sums = blobs, map[blobSum]string{}
	for _, other := range []bool{false, true} {
		var open []*sought
		for _, w := range all {
			algorithm, ok := checksum.AlgorithmOf(w.Digest)
			if w.algorithm = algorithm; w.Found == nil && ok {
				open = append(open, &sought{Sought: w, contents: kinds(w.Content, other)})
			}
		}
		if err := s.find(ctx, from, open); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// kinds are the one that a rule has, or the others.
func kinds(own checksum.Content, other bool) []checksum.Content {
	if !other {
		return []checksum.Content{own}
	}
	return slices.DeleteFunc(checksum.Contents(), func(c checksum.Content) bool { return c == own })
}

// sought is a Sought in one walk.
type sought struct {
	*Sought
	contents []checksum.Content
	names    map[string]Version // of files that have another name since, by the path of then
	ends     []end
}

// version is what a path stands for.
func (w *sought) version(path, blob string) (v Version, ok bool) {
	if v, ok = w.names[path]; !ok {
		v = Version{Name: w.Name(path), Path: path, Now: path}
	}
	v.Blob = blob
	return v, v.Name != ""
}

func (w *sought) isSource(path string) bool {
	_, ok := w.version(path, "")
	return ok
}

// find looks in the index and the history, and behind renames.
func (s *Search) find(ctx context.Context, from Commit, open []*sought) error {
	s.Looked = 0
	if len(open) == 0 {
		return nil
	}
	paths := pathsOf(open)
	var staged map[string]string
	if s.Staged {
		entries, err := s.History.repo.Git().Index(ctx, paths)
		if err != nil {
			return err
		}
		staged = map[string]string{}
		for _, e := range entries {
			if e.Stage == 0 && !e.IntentToAdd {
				staged[e.Path] = e.ID
			}
		}
	}
	if from.ID == "" {
		return s.staged(open, nil, staged)
	}
	entries, err := s.History.Entries(from, paths)
	if err != nil {
		return err
	}
	state := map[string]string{}
	for name, e := range entries {
		if slices.ContainsFunc(open, func(w *sought) bool { return w.isSource(name) }) {
			state[name] = e.ID
		}
	}
	if err := s.staged(open, state, staged); err != nil {
		return err
	}
	return s.walk(ctx, from.ID, state, open)
}

// staged looks at what is staged and differs from a commit.
func (s *Search) staged(open []*sought, state, staged map[string]string) error {
	for _, w := range open {
		same := func(path, blob string) bool { return !w.isSource(path) || state[path] == blob }
		differs := false
		for path, blob := range staged {
			differs = differs || !same(path, blob)
		}
		if differs {
			if err := s.settle(s.look(w, Commit{}.ID, staged)); err != nil {
				return err
			}
		}
	}
	return nil
}

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

// maxPaths is how many paths a command line takes.
const maxPaths = 500

// candidate is a state of the sources of one that is sought.
type candidate struct {
	*sought
	commit string
	files  []Version
}

// look asks for what is not known yet of a state.
func (s *Search) look(w *sought, commit string, state map[string]string) candidate {
	c := candidate{sought: w, commit: commit}
	for path, blob := range state {
		if v, ok := w.version(path, blob); ok {
			c.files = append(c.files, v)
		}
	}
	slices.SortFunc(c.files, func(a, b Version) int { return strings.Compare(a.Name, b.Name) })
	for _, v := range c.files {
		for _, content := range w.contents {
			key := blobSum{v.Blob, w.algorithm, content}
			if _, known := s.sums[key]; !known {
				s.sums[key] = unread
				s.asked = append(s.asked, key)
				s.blobs.Ask(v.Blob)
			}
		}
	}
	return c
}

// unread stands for a checksum that was asked for.
const unread = "unread"

// settle compares the checksums of a state, once they are read.
func (s *Search) settle(c candidate) error {
	if c.Found != nil {
		return nil
	}
	for _, content := range c.contents {
		entries := make([]checksum.Entry, len(c.files))
		for i, v := range c.files {
			sum, err := s.sum(blobSum{v.Blob, c.algorithm, content})
			if err != nil {
				return err
			}
			entries[i] = checksum.Entry{Path: v.Name, Sum: sum}
		}
		if of, ok := c.algorithm.Stands(c.Digest, entries); ok {
			return s.found(&c, content, of)
		}
	}
	return nil
}

func (s *Search) found(c *candidate, content checksum.Content, of []checksum.Entry) error {
	f := &Found{Content: content}
	for _, v := range c.files {
		if slices.ContainsFunc(of, func(e checksum.Entry) bool { return e.Path == v.Name }) {
			f.Files = append(f.Files, v)
		}
	}
	var err error
	if c.commit != "" {
		f.Commit, err = s.History.Commit(c.commit)
	}
	c.Found = f
	return err
}

// sum reads on until a checksum is known.
func (s *Search) sum(key blobSum) (string, error) {
	for s.sums[key] == unread {
		next := s.asked[0]
		s.asked = s.asked[1:]
		text, err := s.blobs.Next()
		switch {
		case errors.Is(err, git.ErrMissing):
			s.Missing++
			s.sums[next] = ""
			continue
		case err != nil:
			return "", err
		}
		s.sums[next] = sumOf(next, text)
	}
	return s.sums[key], nil
}

// sumOf is the checksum of a blob; "" where it has none.
func sumOf(key blobSum, text io.Reader) string {
	sum, err := key.algorithm.Sum(key.content, text)
	if err != nil {
		return ""
	}
	return sum
}
