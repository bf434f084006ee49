package repo

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// conversion has git convert files of the worktree into what it stores. Nothing
// is left of that in the repository: the index is a copy, and new objects go to
// a folder that is removed.
type conversion struct {
	checkout *Checkout
	native   *native // in place of git, when there is none

	mu       sync.Mutex
	dir      string // of the copy
	git      git.Git
	batch    *git.Batch
	prepared bool
	failure  error
	asked    map[string]bool   // files of which changed tells; nil: all
	changed  map[string]bool   // files that differ from the index
	ids      map[string]string // of the blobs of added files, from the top
	filters  map[string]bool   // filters that can run
}

func newConversion(c *Checkout) *conversion {
	s := &conversion{checkout: c, changed: map[string]bool{}, ids: map[string]string{}, filters: map[string]bool{}}
	if c.noGit {
		s.native = newNative(c)
	}
	return s
}

func (s *conversion) close() {
	if s.batch != nil {
		s.batch.Close()
	}
	if s.dir != "" {
		os.RemoveAll(s.dir)
	}
}

// open opens a file with the bytes that git would store: those of the index,
// when the file has not changed since.
func (s *conversion) open(name string) (fs.File, error) {
	name = s.checkout.leadsTo(name)
	file, err := s.checkout.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return file, err // the reader says what is wrong with it
	}
	if s.native != nil {
		return s.native.open(name, file)
	}
	file.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if err := s.ask(name); err != nil {
		return nil, err
	}
	if e := s.unchanged(name); e != nil {
		return s.checkout.index.Open(name)
	}
	full := path.Join(s.checkout.prefix, name)
	if s.ids[full] == "" {
		if err := s.add([]string{full}); err != nil {
			return nil, err
		}
	}
	_, text, err := s.batch.Object(s.ids[full])
	if err != nil {
		return nil, unreadable(s.ids[full], err)
	}
	return &converted{text, info}, nil
}

// leadsTo follows symlinks at the end of a path.
func (c *Checkout) leadsTo(name string) string {
	for range maxLinks {
		to, err := c.ReadLink(name)
		if err != nil || path.IsAbs(to) {
			break
		}
		name = path.Join(path.Dir(name), to)
	}
	return name
}

// unchanged returns the entry of a file that does not differ from the index.
func (s *conversion) unchanged(name string) *git.Entry {
	e, err := s.checkout.index.Entry(name)
	if err != nil || e == nil || s.changed[e.Path] {
		return nil
	}
	return e
}

// converted is a file as git stores it.
type converted struct {
	io.ReadCloser
	info fs.FileInfo
}

// Stat does not tell the size, which the conversion may have changed.
func (f *converted) Stat() (fs.FileInfo, error) { return sizeless{f.info}, nil }

type sizeless struct{ fs.FileInfo }

func (sizeless) Size() int64 { return 0 }
func (sizeless) Sys() any    { return nil }

// prepare asks which files differ from the index, and converts all sources that
// need it at once. What fails once has failed for all files.
func (s *conversion) prepare() error {
	if !s.prepared {
		s.prepared = true
		s.failure = s.start()
	}
	return s.failure
}

func (s *conversion) start() error {
	paths := s.few()
	if err := s.compare(paths); err != nil {
		return err
	}
	if len(paths) > 0 {
		s.asked = map[string]bool{}
		for _, p := range paths {
			s.asked[p] = true
		}
	}
	if names := s.different(); len(names) > 1 {
		_ = s.add(names) // what is wrong with one of them is told when it is opened
	}
	return nil
}

// ask asks about a file that was not told to be a source.
func (s *conversion) ask(name string) error {
	full := path.Join(s.checkout.prefix, name)
	if s.asked == nil || s.asked[full] {
		return nil
	}
	s.asked[full] = true
	return s.compare([]string{full})
}

// compare asks git which of some files, from the top, differ from the index;
// of all, when there are none.
func (s *conversion) compare(paths []string) error {
	c := s.checkout
	out, err := c.repo.Git().Run(c.ctx, nil, append([]string{"diff-files", "-z", "--name-only", "--ignore-submodules=all", "--"}, paths...)...)
	if err != nil {
		return s.failed(err)
	}
	for _, name := range git.Names(out) {
		s.changed[name] = true
	}
	return nil
}

// few returns the sources, from the top, unless there are many: then git looks
// at all files.
func (s *conversion) few() []string {
	if len(s.checkout.sources) > git.MaxSpecs {
		return nil
	}
	var paths []string
	for _, name := range s.checkout.sources {
		paths = append(paths, path.Join(s.checkout.prefix, s.checkout.leadsTo(name)))
	}
	return paths
}

// different returns the sources that are not what the index holds, from the
// top.
func (s *conversion) different() []string {
	var names []string
	for _, name := range s.checkout.sources {
		name = s.checkout.leadsTo(name)
		info, err := s.checkout.Lstat(name)
		if err == nil && info.Mode().IsRegular() && s.unchanged(name) == nil && s.checkout.converted(name) {
			names = append(names, path.Join(s.checkout.prefix, name))
		}
	}
	return names
}

// copied makes the copy of the index when the first file is converted.
func (s *conversion) copied() error {
	if s.batch != nil {
		return nil
	}
	if err := s.copyIndex(); err != nil {
		os.RemoveAll(s.dir)
		return &fluxsum.FileError{Message: "cannot be converted into what Git stores: " + reason(err).Error(), Hint: "fluxsum works on a copy of the index, beside it or in the folder for temporary files"}
	}
	return nil
}

func (s *conversion) copyIndex() (err error) {
	r := s.checkout.repo
	if s.dir, err = scratchDir(r.Dir); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(s.dir, "objects"), 0o700); err != nil {
		return err
	}
	if err := copyIndex(s.checkout.index.File(), filepath.Join(s.dir, "index")); err != nil {
		return err
	}
	s.git = r.Git()
	// A sparse checkout may leave edited files behind, which git then does not add.
	s.git.Settings = []string{"core.splitIndex=false", "core.sparseCheckout=false"}
	s.git.Env = append(s.git.Env[:len(s.git.Env):len(s.git.Env)],
		"GIT_INDEX_FILE="+filepath.Join(s.dir, "index"),
		"GIT_OBJECT_DIRECTORY="+filepath.Join(s.dir, "objects"),
		"GIT_ALTERNATE_OBJECT_DIRECTORIES="+r.objectFolders(),
	)
	s.batch = git.NewBatch(s.checkout.ctx, s.git)
	return nil
}

// objectFolders are those that hold the objects of the repository.
func (r *Repository) objectFolders() string {
	own := os.Getenv("GIT_OBJECT_DIRECTORY")
	if own == "" {
		own = filepath.Join(r.CommonDir, "objects")
	}
	if more := os.Getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES"); more != "" {
		return own + string(os.PathListSeparator) + more
	}
	return own
}

// convert returns what git would store of a text that is not on disk yet.
func (s *conversion) convert(name string, text []byte) ([]byte, error) {
	if s.native != nil {
		return s.native.convert(name, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.prepare(); err != nil {
		return nil, err
	}
	full := path.Join(s.checkout.prefix, name)
	if err := s.copied(); err != nil {
		return nil, err
	}
	if _, err := s.filtered([]string{full}); err != nil {
		return nil, err
	}
	out, err := s.git.Run(s.checkout.ctx, nonNil(text), "hash-object", "-w", "--stdin", "--path="+full)
	if err != nil {
		return nil, s.failed(err)
	}
	id := strings.TrimSpace(string(out))
	_, stored, err := s.batch.Object(id)
	if err != nil {
		return nil, unreadable(id, err)
	}
	defer stored.Close()
	return io.ReadAll(stored)
}
