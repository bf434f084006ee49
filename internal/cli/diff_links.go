package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// followLinks makes those of the sought whose sources are reached through links or
// submodules look at what each commit leads to. Others go by their names alone,
// which is quicker.
func (d *differing) followLinks(ctx context.Context, from repo.Commit) {
	if from.ID == "" {
		return
	}
	for _, key := range d.keys {
		s, rule := d.sought[key], d.config.Rule(key.rule)
		var ways []string
		for _, name := range d.files[key.rule] {
			ways = append(ways, d.ways(from, name)...)
		}
		if len(ways) > 0 {
			s.Paths = append(s.Paths, ways...)
			s.Follow = func(c repo.Commit) ([]repo.Version, error) { return d.sourcesIn(ctx, rule, c) }
		}
	}
}

// ways are the links and submodules on the way to a file, and where they lead, from
// the top; none for a file that simply is there.
func (d *differing) ways(from repo.Commit, name string) []string {
	var all []string
	const most = 40
	for range most {
		link, to := d.link(name)
		if link == "" {
			break
		}
		all = append(all, d.fromTop(link))
		if name = to; name == "" {
			return all
		}
	}
	if len(all) > 0 {
		all = append(all, d.fromTop(name))
	}
	if module := d.history.ModuleOf(from, d.fromTop(name)); module != "" {
		all = append(all, module)
	}
	return all
}

// link is the first link on the way to a file, and the path to which it leads; to is
// "" when that is outside of the root.
func (d *differing) link(name string) (link, to string) {
	parts := strings.Split(name, "/")
	for i := range parts {
		at := path.Join(parts[:i+1]...)
		info, err := fs.Lstat(d.tree, at)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		text, err := fs.ReadLink(d.tree, at)
		to = path.Join(append([]string{path.Dir(at), text}, parts[i+1:]...)...)
		if err != nil || path.IsAbs(text) || to == ".." || strings.HasPrefix(to, "../") {
			to = ""
		}
		return at, to
	}
	return "", ""
}

// sourcesIn are the sources of a rule in a commit.
func (d *differing) sourcesIn(ctx context.Context, rule *fluxsum.Rule, c repo.Commit) ([]repo.Version, error) {
	t := d.history.Tree(c, path.Join(".", d.prefix()))
	names, err := rule.Sources(ctx, t)
	if err != nil {
		return nil, nil // a folder that could not be read then
	}
	var all []repo.Version
	for _, name := range names {
		info, err := fs.Stat(t, name)
		var known *fluxsum.FileError
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.As(err, &known):
			continue
		case err != nil:
			return nil, err
		}
		if blob, ok := info.Sys().(fluxsum.Blob); ok {
			open := func() (io.ReadCloser, error) { return t.Open(name) }
			all = append(all, repo.Version{Name: name, Path: d.fromTop(name), Now: d.fromTop(name), Blob: string(blob), Open: open})
		}
	}
	return all, nil
}
