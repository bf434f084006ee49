package repo

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
)

// Foreign returns what tells the files and folders of the worktree that no
// commit of this repository will hold: those that Git ignores, and the
// worktrees of other repositories. Without git nothing is known to be ignored.
func (c *Checkout) Foreign() func(name string) bool {
	ignored := map[string]bool{}
	out, err := c.repo.Git().Run(c.ctx, nil, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
	if err == nil {
		for _, p := range git.Names(out) {
			ignored[strings.TrimSuffix(p, "/")] = true
		}
	}
	return func(name string) bool {
		return ignored[path.Join(c.prefix, name)] || c.isNested(name)
	}
}

// isNested says whether a folder is the top of another repository that is no
// submodule of this one.
func (c *Checkout) isNested(name string) bool {
	_, err := os.Lstat(filepath.Join(c.repo.Top, filepath.FromSlash(c.prefix), filepath.FromSlash(name), ".git"))
	return err == nil && !c.Tracked(name)
}
