package fluxsum

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// tree reads the files of a build.
type tree struct {
	fs.FS
	ctx   context.Context
	walks map[walkKey]*walked
	dirs  map[string]string // folders by their real names

	matched map[string][]string // files by their glob

	matches, entries *budget

	mu    sync.Mutex
	names map[string][]string // of the files in a folder, for hints
}

func newTree(ctx context.Context, fsys fs.FS) *tree {
	return &tree{FS: fsys, ctx: ctx, walks: map[walkKey]*walked{}, dirs: map[string]string{".": "."}, names: map[string][]string{}, matched: map[string][]string{}, matches: newBudget(maxMatches), entries: newBudget(maxEntries)}
}

// walkKey is a folder, and how many folders deep it is walked; -1: all.
type walkKey struct {
	base  string
	depth int
}

type walked struct {
	files []string
	err   error
}

// match returns the files that a path or glob of the config stands for, sorted
// bytewise. A path without a glob is returned as it is, there or not.
func (t *tree) match(pattern string) ([]string, error) {
	if !isGlob(pattern) {
		return []string{literal(pattern)}, nil
	}
	pattern = simpler(pattern)
	if names, ok := t.matched[pattern]; ok {
		return names, nil
	}
	base, rest := doublestar.SplitPattern(pattern)
	key := walkKey{literal(base), strings.Count(rest, "/")}
	if strings.Contains(rest, "**") {
		key.depth = -1
	}
	w := t.walk(key)
	if !t.matches.spend(len(w.files)) {
		return nil, errMatches
	}
	var names []string
	for _, name := range w.files {
		if doublestar.MatchUnvalidated(pattern, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if w.err == nil {
		t.matched[pattern] = slices.Clip(names)
	}
	return names, w.err
}

// The errors of globs that take too long.
var (
	errMatches = &FileError{Message: fmt.Sprintf("is not looked for: the globs of this config are held against names more than %d times", maxMatches), Hint: "take fewer globs, or globs of smaller folders"}
	errEntries = &FileError{Message: fmt.Sprintf("is not looked for: the globs of this config lead through more than %d files and folders", maxEntries), Hint: "take globs of smaller folders"}
)

// walk lists the files below a folder, once. Links to folders are not
// followed; what cannot be told to be a folder counts as a file.
func (t *tree) walk(key walkKey) *walked {
	if w := t.walks[key]; w != nil {
		return w
	}
	w := &walked{}
	t.walks[key] = w
	w.err = fs.WalkDir(t.FS, key.base, func(name string, d fs.DirEntry, err error) error {
		switch {
		case t.ctx.Err() != nil:
			return t.ctx.Err()
		case !t.entries.spend(1):
			return errEntries
		case errors.Is(err, fs.ErrNotExist) && name == key.base:
			return fs.SkipAll // a folder that is not there holds no match
		case err != nil:
			return &fs.PathError{Op: "read", Path: name, Err: err}
		case d.IsDir() && key.depth >= 0 && depthBelow(key.base, name) > key.depth:
			return fs.SkipDir
		case !d.IsDir() && !t.isFolder(name, d):
			w.files = append(w.files, name)
		}
		return nil
	})
	return w
}

func depthBelow(base, name string) int {
	switch {
	case name == base:
		return 0
	case base == ".":
		return strings.Count(name, "/") + 1
	}
	return strings.Count(name[len(base):], "/")
}

// isFolder says whether an entry is a link to a folder.
func (t *tree) isFolder(name string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := fs.Stat(t.FS, name)
	return err == nil && info.IsDir()
}

// real returns the name of a file with the links in its folders resolved, so
// that one file has one name. What cannot be resolved stays as it is: opening
// it says why.
func (t *tree) real(name string) string {
	dir := "."
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir = name[:i]
	}
	if real := t.realDir(dir, maxLinks); real != dir {
		return path.Join(real, path.Base(name))
	}
	return name
}

// maxLinks is how many links a path may go through, as in Linux.
const maxLinks = 40

func (t *tree) realDir(dir string, left int) string {
	if real, ok := t.dirs[dir]; ok {
		return real
	}
	real := path.Join(t.realDir(path.Dir(dir), left), path.Base(dir))
	if to, ok := t.link(real); ok && left > 0 {
		real = t.realDir(to, left-1)
	}
	t.dirs[dir] = real
	return real
}

// leadsTo returns the file that a symlink leads to in the end, or name when it
// is none.
func (t *tree) leadsTo(name string) string {
	for range maxLinks {
		to, ok := t.link(name)
		if !ok {
			break
		}
		name = t.real(to)
	}
	return name
}

// link returns where a symlink leads, inside the tree.
func (t *tree) link(name string) (to string, ok bool) {
	if info, err := fs.Lstat(t.FS, name); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return "", false
	}
	to, err := fs.ReadLink(t.FS, name)
	if err != nil || path.IsAbs(to) {
		return "", false
	}
	to = path.Join(path.Dir(name), to)
	return to, to != ".." && !strings.HasPrefix(to, "../")
}

// open opens a regular file and returns its size.
func (t *tree) open(name string) (fs.File, int64, error) { return t.opened(name, t.FS.Open) }

func (t *tree) opened(name string, open func(string) (fs.File, error)) (fs.File, int64, error) {
	f, err := open(name)
	if err != nil {
		// A socket, say, cannot even be opened.
		if info, statErr := fs.Stat(t.FS, name); statErr == nil && !info.Mode().IsRegular() {
			err = &irregularError{info.Mode()}
		}
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &irregularError{info.Mode()}
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// sum returns the digest of one source file, as Git stores it.
func (t *tree) sum(s *source, known *Sums) (string, error) {
	f, size, err := t.openStored(s.real)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return known.remember(f, s.sourceKey, func() (string, error) { return digest(f, size, s.algorithm, s.content) })
}

// openStored opens a regular file as Git stores it.
func (t *tree) openStored(name string) (fs.File, int64, error) {
	if stored, ok := t.FS.(Storing); ok {
		return t.opened(name, stored.OpenStored)
	}
	return t.open(name)
}

func digest(f fs.File, size int64, a checksum.Algorithm, c checksum.Content) (string, error) {
	var text io.Reader = f
	if size > 0 { // it may be unknown; where it is not, the end need not be asked for
		text = io.LimitReader(f, size)
	}
	return a.Sum(c, text)
}

// target reads a target file whole. A link is refused: the new file would take
// its place.
func (t *tree) target(name string) ([]byte, error) {
	if info, err := fs.Lstat(t.FS, name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if _, err := fs.Stat(t.FS, name); err == nil {
			return nil, ErrSymlink
		}
	}
	return t.text(name, MaxTarget)
}

// text reads a file of at most limit bytes without merge conflicts.
func (t *tree) text(name string, limit int64) ([]byte, error) {
	f, size, err := t.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := readAll(f, size, limit)
	if err != nil {
		return nil, err
	}
	return text, checksum.CheckConflicts(text)
}

// readAll reads at most limit bytes, at once when the size is as it was said.
func readAll(f io.Reader, size, limit int64) ([]byte, error) {
	tooLarge := fmt.Errorf("is larger than %d MiB", limit>>20)
	if size > limit {
		return nil, tooLarge
	}
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		return nil, tooLarge
	}
	return b.Bytes(), nil
}
