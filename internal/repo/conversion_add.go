package repo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// add has git add files to the copy of the index: only that gives what a commit
// would hold (git hash-object knows nothing of what was stored before). Git does so in
// a tree of their copies: by their paths it could be led out of the root meanwhile.
func (s *conversion) add(names []string) error {
	if err := s.copied(); err != nil {
		return err
	}
	filtered, err := s.filtered(names)
	if err != nil {
		return err
	}
	var plain, through []string
	for _, name := range names {
		if filtered[name] {
			through = append(through, name)
		} else {
			plain = append(plain, name)
		}
	}
	if err := s.addFrom(s.git, through); err != nil {
		return err
	}
	return s.addPlain(plain)
}

// addPlain adds copies of files.
func (s *conversion) addPlain(names []string) error {
	if len(names) == 0 {
		return nil
	}
	tree := copyTree{s.checkout, filepath.Join(s.dir, "tree")}
	if err := tree.fill(names); err != nil {
		return s.failed(err)
	}
	g := s.git
	g.Dir = tree.dir
	g.Env = append(g.Env[:len(g.Env):len(g.Env)], "GIT_DIR="+s.checkout.repo.Dir, "GIT_WORK_TREE="+tree.dir)
	g.Env = append(g.Env, s.checkout.absoluteFiles()...)
	if file := s.checkout.attributesFile; file != "" {
		g.Settings = append(g.Settings[:len(g.Settings):len(g.Settings)], "core.attributesFile="+file)
	}
	return s.addFrom(g, names)
}

// absoluteFiles are the variables that name files of settings by a path from the top,
// where git usually runs.
func (c *Checkout) absoluteFiles() []string {
	var env []string
	for _, name := range []string{"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG"} {
		if value := os.Getenv(name); value != "" && !filepath.IsAbs(value) {
			env = append(env, name+"="+filepath.Join(c.repo.Top, value))
		}
	}
	return env
}

// addFrom has a git add files of its worktree, named from the top. A filter may be named
// by a path in the user's worktree: so files that pass through one are added there.
func (s *conversion) addFrom(g git.Git, names []string) error {
	if len(names) == 0 {
		return nil
	}
	ctx := s.checkout.ctx
	list := []byte(strings.Join(names, "\x00") + "\x00")
	if _, err := g.Run(ctx, list, "add", "-f", "--pathspec-from-file=-", "--pathspec-file-nul"); err != nil {
		return s.failed(err)
	}
	paths := names
	if len(paths) > git.MaxSpecs {
		paths = nil
	}
	entries, err := s.git.Index(ctx, paths)
	for _, e := range entries {
		s.ids[e.Path] = e.ID
	}
	return err
}

func (s *conversion) failed(err error) error {
	return &fluxsum.FileError{Message: "cannot be converted into what Git stores: " + err.Error(), Hint: "`git add` of this file fails in the same way"}
}

// filtered tells which files pass through a filter, and refuses those whose filter is
// not configured here: git would store them as they are, without a word.
func (s *conversion) filtered(names []string) (map[string]bool, error) {
	list := []byte(strings.Join(names, "\x00") + "\x00")
	out, err := s.git.Run(s.checkout.ctx, list, "check-attr", "-z", "--stdin", "filter")
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	words := strings.Split(string(out), "\x00")
	for i := 2; i < len(words); i += 3 { // path, attribute, value
		switch filter := words[i]; filter {
		case "unspecified", "unset", "set", "":
		default:
			if err := s.filter(filter); err != nil {
				return nil, err
			}
			found[words[i-2]] = true
		}
	}
	return found, nil
}

func (s *conversion) filter(name string) error {
	can, known := s.filters[name]
	if !known {
		for _, key := range []string{"clean", "process"} {
			_, err := s.git.Run(s.checkout.ctx, nil, "config", "--get", "filter."+name+"."+key)
			can = can || err == nil
		}
		s.filters[name] = can
	}
	if !can {
		return filterMissing(name)
	}
	return nil
}

func filterMissing(name string) error {
	hint := fmt.Sprintf("configure filter.%s.clean, as for those who commit this file", name)
	if name == "lfs" {
		hint = "run `git lfs install`"
	}
	return &fluxsum.FileError{Message: fmt.Sprintf("passes through the filter %q, which is not configured here", name), Hint: hint}
}
