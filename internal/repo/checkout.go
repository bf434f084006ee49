package repo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Checkout is a Worktree of a Git repository: it knows what Git tracks, and
// gives source files the bytes that Git stores, whatever line endings and
// filters have made of them on disk.
type Checkout struct {
	*Worktree
	ctx    context.Context
	repo   *Repository
	prefix string
	index  *Index

	listed   chan struct{} // closed when index knows the files
	listing  sync.Once
	listErr  error
	plain    map[string]*git.Entry // plain files of the index, by path from the top
	settings chan struct{}         // closed when converts and noGit are known
	converts bool                  // the settings ask for conversions
	// attributesFile is the user's, where its name begins at the top of the worktree.
	attributesFile string
	unknown        error // the settings cannot be read
	noGit          bool

	sources    []string // that will be opened
	mu         sync.Mutex
	attributes map[string]bool // folders that hold a .gitattributes, or lie below one
	staged     map[string]bool // .gitattributes of the index
	stored     *conversion
	subs       map[string]*Checkout // of submodules
}

// OpenCheckout opens the folder dir; outside of a Git repository that is a
// plain Worktree.
func OpenCheckout(ctx context.Context, dir string) (fs.FS, *Worktree, error) {
	w, err := OpenWorktree(dir)
	if err != nil {
		return nil, nil, err
	}
	return checkedOut(ctx, dir, w)
}

// checkedOut is the Checkout of a folder that is open.
func checkedOut(ctx context.Context, dir string, w *Worktree) (fs.FS, *Worktree, error) {
	r, err := Discover(ctx, dir)
	if errors.Is(err, ErrNoRepository) || err == nil && r.Top == "" {
		return w, w, nil
	}
	var index *Index
	if err == nil {
		prefix, ok := r.Prefix(dir)
		if !ok {
			return w, w, nil
		}
		index, err = r.OpenIndex(ctx, prefix)
	}
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	c := &Checkout{Worktree: w, ctx: ctx, repo: r, prefix: index.prefix, index: index,
		listed: make(chan struct{}), settings: make(chan struct{}), attributes: map[string]bool{}}
	w.UseGitDir(r)
	go c.readSettings()
	return c, w, nil
}

// Expect tells which paths will be asked for, so that Git can be asked for all
// of them at once, while something else is done.
func (c *Checkout) Expect(paths []string) {
	c.listing.Do(func() {
		go func() {
			defer close(c.listed)
			c.listErr = c.index.Need(paths)
			c.plain = c.index.listing()
		}()
	})
}

// Sources tells which files OpenStored will be asked for.
func (c *Checkout) Sources(names []string) { c.sources = names }

// Prefix returns the folder, from the top of the repository.
func (c *Checkout) Prefix() string { return c.prefix }

// Close lets go of the repository.
func (c *Checkout) Close() error {
	c.Expect(nil)
	<-c.listed
	<-c.settings
	if c.stored != nil {
		c.stored.close()
	}
	for _, sub := range c.subs {
		sub.Close()
	}
	c.index.Close()
	return c.Worktree.Close()
}

// readSettings asks Git for the settings that convert files, and looks for the
// attributes that stand outside of the worktree.
func (c *Checkout) readSettings() {
	defer close(c.settings)
	out, err := c.repo.Git().Run(c.ctx, nil, "config", "-z", "--get-regexp", `^core\.(autocrlf|attributesfile)$`)
	var failed *git.Error
	switch {
	case errors.Is(err, git.ErrNoBinary):
		c.noGit, c.converts = true, true
		return
	case errors.As(err, &failed) && failed.Status == 1: // none is set
	case err != nil:
		c.unknown = &fluxsum.FileError{Message: "cannot be told as Git stores it: " + err.Error(), Hint: "`git status` fails here in the same way"}
		return
	}
	file := defaultAttributes()
	for _, line := range git.Names(out) {
		key, value, _ := strings.Cut(line, "\n")
		switch key {
		case "core.autocrlf":
			c.converts = value != "false" && value != "no" && value != "off" && value != "0"
		case "core.attributesfile":
			file = value
			if !filepath.IsAbs(value) && !strings.HasPrefix(value, "~") {
				file = filepath.Join(c.repo.Top, value)
				c.attributesFile = file
			}
		}
	}
	for _, name := range []string{file, "/etc/gitattributes", filepath.Join(c.repo.CommonDir, "info", "attributes")} {
		c.converts = c.converts || exists(expandHome(name))
	}
}

// defaultAttributes is the file of a user's attributes unless he names another
// (gitattributes(5)).
func defaultAttributes() string { return xdgFile("attributes") }

// xdgFile is a file of a user's settings of git.
func xdgFile(name string) string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "git", name)
	}
	return "~/.config/git/" + name
}

func expandHome(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return name
}

func exists(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Size() > 0
}

// Tracked says whether Git tracks a file; true where that cannot be told.
func (c *Checkout) Tracked(name string) bool {
	c.wait()
	if c.listErr != nil {
		return true
	}
	if c.plain[path.Join(c.prefix, name)] != nil {
		return true
	}
	_, _, err := c.index.walk(name, false)
	return !errors.Is(err, fs.ErrNotExist)
}

func (c *Checkout) wait() {
	c.Expect([]string{"."})
	<-c.listed
}

// OpenStored opens a file with the bytes that Git stores.
func (c *Checkout) OpenStored(name string) (fs.File, error) {
	c.wait()
	if e := c.frozen(name); e != nil {
		return c.index.Open(name)
	}
	if !c.converted(name) {
		if c.unknown != nil {
			return nil, c.unknown
		}
		return c.Open(name)
	}
	if sub, rest, err := c.module(name); err != nil || sub != nil {
		return sub.openRest(rest, err)
	}
	return c.conversion().open(name)
}

// Absent says why a file is not there.
func (c *Checkout) Absent(name string) (message, hint string) {
	var known *fluxsum.FileError
	n, _, err := c.index.walk(name, true)
	switch {
	case errors.As(err, &known):
		return known.Message, known.Hint
	case err == nil && n.entry != nil && n.entry.SkipWorktree:
		return "is left out by the sparse checkout", "widen it with `git sparse-checkout add`, or use --staged"
	}
	return "does not exist", ""
}

// frozen returns the entry of a file that git never looks at in the worktree.
func (c *Checkout) frozen(name string) *git.Entry {
	if c.listErr != nil {
		return nil
	}
	e := c.plain[path.Join(c.prefix, name)]
	if e == nil {
		e, _ = c.index.Entry(name)
	}
	if e != nil && (e.SkipWorktree || e.AssumeUnchanged) {
		return e
	}
	return nil
}

// converted says whether anything may convert a file: the settings, or
// attributes in its folder or one above.
func (c *Checkout) converted(name string) bool {
	<-c.settings
	if c.converts {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hasAttributes(path.Dir(path.Join(c.prefix, name)))
}

// hasAttributes looks into a folder, from the top, and those above it.
func (c *Checkout) hasAttributes(dir string) bool {
	has, known := c.attributes[dir]
	if known {
		return has
	}
	file := path.Join(dir, ".gitattributes")
	if c.staged == nil {
		c.staged = c.index.named(".gitattributes")
	}
	has = exists(filepath.Join(c.repo.Top, filepath.FromSlash(file))) || c.staged[file] || dir != "." && c.hasAttributes(path.Dir(dir))
	c.attributes[dir] = has
	return has
}

// conversion returns what converts files, made when the first needs it.
func (c *Checkout) conversion() *conversion {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stored == nil {
		c.stored = newConversion(c)
	}
	return c.stored
}

// Store returns what Git would store of a file with this text.
func (c *Checkout) Store(name string, text []byte) ([]byte, error) {
	if !c.converted(name) {
		return text, nil
	}
	return c.conversion().convert(name, text)
}
