package repo

import (
	"context"
	"io"
	"slices"

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
	// Follow, when there is one, gives the sources of a commit where links and
	// submodules lead to them: then all that stands at and below Paths counts as
	// a change of them.
	Follow func(Commit) ([]Version, error)

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
	// Open reads it, where the blob is one of a submodule.
	Open func() (io.ReadCloser, error)
}

// Read opens the content.
func (v *Version) Read(h *History) (io.ReadCloser, error) {
	if v.Open != nil {
		return v.Open()
	}
	return h.Blob(v.Blob)
}

// Search looks for contents in the index and in the history.
type Search struct {
	History *History
	// Staged says that the index counts, too.
	Staged bool
	// Most is how many commits that touch the sources are looked at.
	Most int
	// Progress, when there is one, is told how many commits git has listed so far;
	// of how many is not known: 0.
	Progress func(done, total int)

	// Cut says that Most was reached, Missing how many blobs this clone lacks.
	Cut     bool
	Missing int

	looked map[string]bool // commits
	sums   *blobSums
}

// Looked is how many commits that touch the sources were looked at, for one kind of
// content or another.
func (s *Search) Looked() int { return len(s.looked) }

// Find looks for all of them, in the history that leads to a commit, newest
// first: as the rules have it now, then for other kinds of content. A commit
// without an ID has no history.
func (s *Search) Find(ctx context.Context, from Commit, all []*Sought) error {
	var err error
	if s.sums, err = newBlobSums(ctx, s.History); err != nil {
		return err
	}
	defer s.sums.close()
	for _, other := range []bool{false, true} {
		var open []*sought
		for _, w := range all {
			algorithm, ok := checksum.AlgorithmOf(w.Digest)
			if w.algorithm = algorithm; w.Found == nil && ok {
				open = append(open, &sought{Sought: w, other: other})
			}
		}
		s.looked = map[string]bool{}
		if err := s.find(ctx, from, open); err != nil {
			return err
		}
	}
	s.Missing = len(s.sums.missing)
	return ctx.Err()
}

// kinds are the one that a rule has, or the others.
func kinds(own checksum.Content, other bool) []checksum.Content {
	if !other {
		return []checksum.Content{own}
	}
	return slices.DeleteFunc(checksum.Contents(), func(c checksum.Content) bool { return c == own })
}

// find looks in the index and the history.
func (s *Search) find(ctx context.Context, from Commit, open []*sought) error {
	if len(open) == 0 {
		return nil
	}
	of := newWatchers(open)
	state, err := s.stateOf(from, of)
	if err != nil {
		return err
	}
	if s.Staged {
		if err := s.staged(ctx, state, of); err != nil {
			return err
		}
	}
	if from.ID == "" {
		return nil
	}
	_, err = s.walk(ctx, from.ID, state, of)
	return err
}

// state is what sources a commit has: the blobs by their paths.
type state map[string]string

func (s *Search) stateOf(c Commit, of *watchers) (state, error) {
	all := state{}
	if c.ID == "" {
		return all, nil
	}
	entries, err := s.History.Entries(c, pathsOf(of.open))
	for name, e := range entries {
		if e.Mode != git.ModeSubmodule && len(of.sources(name)) > 0 {
			all[name] = e.ID
		}
	}
	return all, err
}

// staged looks at what is staged and differs from a commit.
func (s *Search) staged(ctx context.Context, committed state, of *watchers) error {
	entries, err := s.History.repo.Git().Index(ctx, pathsOf(of.open))
	if err != nil {
		return err
	}
	staged := state{}
	for _, e := range entries {
		if e.Stage == 0 && !e.IntentToAdd && e.Mode != git.ModeSubmodule && len(of.sources(e.Path)) > 0 {
			staged[e.Path] = e.ID
		}
	}
	for _, w := range of.open {
		if w.Follow != nil || !w.differ(staged, committed) {
			continue
		}
		if err := s.settle(s.look(w, "", staged)); err != nil {
			return err
		}
		w.end("", w.addedIn(staged, committed))
	}
	return nil
}

// candidate is a state of the sources of one that is sought.
type candidate struct {
	*sought
	commit string
	files  []Version
	err    error
}

// look asks for what is not known yet of a state.
func (s *Search) look(w *sought, commit string, at state) candidate {
	c := candidate{sought: w, commit: commit}
	if w.Follow != nil {
		return s.follow(c)
	}
	c.files = w.files(at)
	for i := range c.files {
		s.sums.ask(w.key(&c.files[i]))
	}
	return c
}

// follow is a state of sources that are reached through links.
func (s *Search) follow(c candidate) candidate {
	commit, err := s.History.Commit(c.commit)
	if err == nil {
		c.files, err = c.Follow(commit)
	}
	for i := range c.files {
		if err == nil {
			err = s.sums.read(c.key(&c.files[i]), c.files[i].Open)
		}
	}
	c.err = err
	return c
}

// settle compares the checksums of a state, once they are read.
func (s *Search) settle(c candidate) error {
	if c.Found != nil || c.err != nil {
		return c.err
	}
	sums := make([][]string, len(c.files))
	for i := range c.files {
		var err error
		if sums[i], err = s.sums.of(c.key(&c.files[i])); err != nil {
			return err
		}
	}
	for k, content := range kinds(c.Content, c.other) {
		entries := make([]checksum.Entry, len(c.files))
		for i, v := range c.files {
			entries[i] = checksum.Entry{Path: v.Name, Sum: sums[i][k]}
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
