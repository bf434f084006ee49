package fluxsum

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Use is a file that rules read or write, with their names.
type Use struct {
	File             string
	Readers, Writers []string
}

// maxSeen bounds what is looked at of a tree to find what globs match: Uses is
// for a user who waits at a prompt.
const maxSeen = 20_000

// Uses returns the source and target files whose names begin with prefix, sorted.
// Paths are taken as they stand in the config; globs are followed into the tree,
// but not for long.
func (c *Config) Uses(tree fs.FS, prefix string) []Use {
	s := &useSearch{tree: tree, prefix: prefix, found: map[string]*Use{}}
	for i := range c.Rules {
		r := &c.Rules[i]
		for _, pattern := range r.Files {
			s.each(pattern, func(u *Use) { u.Readers = appendNew(u.Readers, r.Name) })
		}
		for _, t := range r.Targets {
			s.each(t.File, func(u *Use) { u.Writers = appendNew(u.Writers, r.Name) })
		}
	}
	return s.sorted()
}

func appendNew(all []string, s string) []string {
	if slices.Contains(all, s) {
		return all
	}
	return append(all, s)
}

// useSearch is a run of Uses.
type useSearch struct {
	tree   fs.FS
	prefix string
	found  map[string]*Use
	seen   int // entries of the tree
}

// each notes the files that a path or glob of the config stands for.
func (s *useSearch) each(pattern string, note func(*Use)) {
	if !isGlob(pattern) {
		s.add(literal(pattern), note)
		return
	}
	_ = fs.WalkDir(s.tree, s.start(base(pattern)), func(name string, d fs.DirEntry, err error) error {
		s.seen++
		switch {
		case s.seen > maxSeen:
			return fs.SkipAll
		case err != nil:
			return skip(d)
		case d.IsDir() && (d.Name() == ".git" || !s.leads(name)):
			return fs.SkipDir
		case !d.IsDir() && matches(pattern, name):
			s.add(name, note)
		}
		return nil
	})
}

// skip passes over what cannot be read.
func skip(d fs.DirEntry) error {
	if d != nil && d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// start is the folder in which to look: that of the glob, or that of the prefix
// where it lies below.
func (s *useSearch) start(folder string) string {
	if dir := path.Dir(s.prefix + "x"); dir != "." && within(dir, folder) {
		return dir
	}
	return folder
}

// leads says whether there may be names with the prefix in a folder.
func (s *useSearch) leads(folder string) bool {
	return folder == "." || strings.HasPrefix(folder+"/", s.prefix) || strings.HasPrefix(s.prefix, folder+"/")
}

func (s *useSearch) add(name string, note func(*Use)) {
	if !strings.HasPrefix(name, s.prefix) {
		return
	}
	if s.found[name] == nil {
		s.found[name] = &Use{File: name}
	}
	note(s.found[name])
}

func (s *useSearch) sorted() []Use {
	var all []Use
	for _, u := range s.found {
		all = append(all, *u)
	}
	slices.SortFunc(all, func(a, b Use) int { return strings.Compare(a.File, b.File) })
	return all
}
