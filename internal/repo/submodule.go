package repo

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
)

// module returns the checkout of the submodule that a file lies in, and the
// file's path there; nil when it lies in none. The submodule has attributes and
// settings of its own.
func (c *Checkout) module(name string) (sub *Checkout, rest string, err error) {
	at := c.moduleOf(name)
	if at == "" {
		return nil, "", nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	rest = strings.TrimPrefix(path.Join(c.prefix, name), at+"/")
	if sub = c.subs[at]; sub != nil {
		return sub, rest, nil
	}
	if _, err := c.repo.submodule(c.ctx, at); err != nil {
		return nil, "", err
	}
	below, err := c.below(strings.TrimPrefix(at, c.prefix+"/"))
	if err != nil {
		return nil, "", err
	}
	tree, _, err := checkedOut(c.ctx, filepath.Join(c.repo.Top, filepath.FromSlash(at)), below)
	sub, ok := tree.(*Checkout)
	if err != nil || !ok {
		return nil, "", err
	}
	if c.subs == nil {
		c.subs = map[string]*Checkout{}
	}
	c.subs[at] = sub
	return sub, rest, nil
}

// moduleOf returns the path, from the top, of the submodule on the way to a
// file.
func (c *Checkout) moduleOf(name string) string {
	_, w, _ := c.index.walk(name, false)
	for _, s := range w.steps {
		if s.node.mode == git.ModeSubmodule {
			return s.path
		}
	}
	return ""
}

func (c *Checkout) openRest(rest string, err error) (fs.File, error) {
	if err != nil {
		return nil, err
	}
	return c.OpenStored(rest)
}
