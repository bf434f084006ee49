package repo

import (
	"context"
	"errors"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/fluxsum/fluxsum/internal/git"
)

// Reference is a name of a commit, as one types it.
type Reference struct{ Name, Kind string }

// refFolders are those of references, in git's order of listing.
var refFolders = []struct{ folder, kind string }{
	{"refs/heads/", "branch"},
	{"refs/remotes/", "remote branch"},
	{"refs/tags/", "tag"},
}

// References returns the branches and tags whose names begin with prefix, but no
// more than most.
func (r *Repository) References(ctx context.Context, prefix string, most int) ([]Reference, error) {
	if strings.ContainsAny(prefix, " *?[\\:^~") || strings.HasPrefix(prefix, "/") {
		return nil, nil // no name holds these (git-check-ref-format(1))
	}
	var wanted []string
	for _, k := range refFolders {
		wanted = append(wanted, k.folder+prefix)
	}
	names, err := r.Git().References(ctx, wanted, most)
	if errors.Is(err, git.ErrNoBinary) {
		names, err = r.storedReferences(wanted, most)
	}
	return asTyped(names), err
}

// storedReferences are those that go-git finds.
func (r *Repository) storedReferences(prefixes []string, most int) ([]string, error) {
	g, err := r.openGoGit()
	if err != nil {
		return nil, err
	}
	defer g.Close()
	all, err := g.storage.IterReferences()
	if err != nil {
		return nil, err
	}
	defer all.Close()
	var names []string
	err = all.ForEach(func(ref *plumbing.Reference) error {
		for _, prefix := range prefixes {
			if name := ref.Name().String(); len(names) < most && strings.HasPrefix(name, prefix) {
				names = append(names, name)
			}
		}
		return nil
	})
	return names, err
}

// asTyped are references without their folders, each name once; where a branch
// and a tag have one name, git means the tag.
func asTyped(names []string) []Reference {
	var all []Reference
	place := map[string]int{}
	for _, full := range names {
		for _, k := range refFolders {
			name, ok := strings.CutPrefix(full, k.folder)
			if !ok {
				continue
			}
			if at, known := place[name]; known {
				all[at].Kind = k.kind
				continue
			}
			place[name] = len(all)
			all = append(all, Reference{name, k.kind})
		}
	}
	return all
}
