// Package flux knows, from the files of a repository alone, the way from a file
// to a rollout: which ConfigMap or Secret it becomes, which HelmReleases and
// workloads read that, and what Flux does when it changes.
//
// Read gives the graph, VerdictOf the table of what wakes a controller,
// Graph.Values what helm-controller merges. What cannot be seen from Git is a
// named Unknown, never an error. The facts were found in the sources of Flux
// 2.9 and proved on its controllers; docs/flux.md has them.
//
// The package is pure: it reads an fs.FS.
package flux

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/parallel"
	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// Graph is what Flux makes of the manifests of a tree.
type Graph struct {
	// Files is how many YAML files were looked at.
	Files int
	// Unread are the files that could not be read, or not whole: templates, as a
	// rule.
	Unread []kustomize.Unknown
	// Unknown is what could not be followed.
	Unknown []kustomize.Unknown
	// Kustomizations are those of Flux.
	Kustomizations []*Kustomization
	// Builds are what is applied: one for each Kustomization, for each other
	// kustomization that no one includes, and for the manifests that belong to
	// none.
	Builds    []*Build
	Releases  []*Release
	Workloads []*Workload

	overfull string
	builder  *kustomize.Builder
	tree     fs.FS
	byName   map[objectKey][]found
	sources  map[string][]used
	reads    map[*kustomize.Object][]Reader
	lines    map[fileLine][]standing // where the scalars of some lines end up
	inFile   map[string][]Spot       // objects by the file in which they are written
	through  map[string][]*Build     // builds by the kustomizations in them
	fillers  map[objectKey][]Spot    // Kustomizations by what their substituteFrom names

	fillings map[*Kustomization]*filling

	failing  map[*Build]string // why builds fail, as far as it was asked for
	broken   map[string]kustomize.Unknown
	examined map[string]bool // files that were read whole
}

// Build is one unit of what is applied.
type Build struct {
	*kustomize.Build
	// Kustomization applies it; nil when the tree does not say who does.
	Kustomization *Kustomization
	// Loose says that it holds manifests which belong to no kustomization.
	Loose bool
}

// Options of Read.
type Options struct {
	// Prefix is the folder of the tree in its repository, where the paths of
	// Kustomizations begin; "." or "" when it is the whole.
	Prefix string
	// Open opens a file as Git stores it; nil: as it is in the tree.
	Open func(name string) (fs.File, error)
	// Files are manifests to be read beside those whose names end in .yaml or
	// .yml.
	Files []string
	// Skip, when there is one, says which files and folders are no part of the
	// repository.
	Skip func(name string) bool
	// Quick reads only the documents that can have to do with a rollout, and so
	// does not see whether the others are YAML.
	Quick bool
	// Progress, when there is one, is told how many of the files have been read;
	// from many goroutines at a time.
	Progress func(done, total int)
}

// Read reads the manifests of a tree. The error is that of ctx.
func Read(ctx context.Context, tree fs.FS, o Options) (*Graph, error) {
	l := kustomize.NewLoader(tree)
	if o.Open != nil {
		l.Open = o.Open
	}
	l.Use = func(document []byte) yamledit.Use {
		switch {
		case matters(document):
			return yamledit.Keep
		case o.Quick:
			return yamledit.Skip
		}
		return yamledit.Check
	}
	g := &Graph{tree: tree}
	names, err := g.yamlFiles(ctx, o.Skip)
	if err != nil {
		return nil, err
	}
	if g.overfull != "" {
		names, o.Files = nil, nil
	}
	names = append(names, o.Files...)
	slices.Sort(names)
	names = slices.Compact(names)
	var done atomic.Int64
	if err := parallel.Do(ctx, len(names), func(i int) {
		l.File(names[i])
		l.Folder(path.Dir(names[i]))
		if o.Progress != nil {
			o.Progress(int(done.Add(1)), len(names))
		}
	}); err != nil {
		return nil, err
	}
	if err := l.Overfull(); err != nil {
		g.leaveOut(err.Error())
	}
	if g.overfull != "" {
		names, l = nil, kustomize.NewLoader(nothing{})
	}
	g.Files, g.builder = len(names), kustomize.NewBuilder(l)
	l.Skip = o.Skip
	for _, name := range names {
		if f := l.File(name); f.Err != nil {
			g.Unread = append(g.Unread, kustomize.Unknown{File: name, Line: f.Line, Message: f.Err.Error()})
		}
	}
	r := newRoots(g, names, path.Join(".", o.Prefix))
	r.build()
	g.connect()
	return g, ctx.Err()
}

// yamlFiles are the YAML files of a tree. Links to folders are not followed;
// folders that cannot be read are noted.
func (g *Graph) yamlFiles(ctx context.Context, skip func(name string) bool) ([]string, error) {
	var names []string
	entries := 0
	err := fs.WalkDir(g.tree, ".", func(name string, d fs.DirEntry, err error) error {
		entries++
		if why := crowded(entries, len(names)); why != "" {
			g.leaveOut(why)
			return fs.SkipAll
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			g.Unread = append(g.Unread, kustomize.Unknown{File: name, Message: "cannot be read: " + kustomize.Plain(err).Error()})
		case err != nil || name == ".":
		case (d.IsDir() || isYAML(name)) && skip != nil && skip(name):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && isYAML(name):
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func isYAML(name string) bool {
	ext := path.Ext(name)
	return ext == ".yaml" || ext == ".yml" || kustomize.IsKustomizationName(path.Base(name))
}

// words stand, as they are, in each document that a rollout can have to do with:
// the kinds of the table, and what kustomizations and configurations hold.
var words = sync.OnceValue(func() []string {
	all := []string{"Component", "nameReference"}
	for _, r := range table {
		all = append(all, r.kinds...)
	}
	slices.Sort(all)
	return slices.Compact(all)
})

// matters says whether a document can have to do with a rollout.
func matters(document []byte) bool {
	return slices.ContainsFunc(words(), func(word string) bool { return bytes.Contains(document, []byte(word)) })
}

// get returns the value below keys of maps, with aliases followed, or nil.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if n = child(n, key); n == nil {
			return nil
		}
	}
	return n
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n = resolved(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolved(n.Content[i+1])
		}
	}
	return nil
}

func resolved(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// str is the scalar below keys, or "".
func str(n *yaml.Node, keys ...string) string {
	if v := get(n, keys...); v != nil && v.Kind == yaml.ScalarNode && v.Tag != "!!null" {
		return v.Value
	}
	return ""
}

// items are those of the list below keys.
func items(n *yaml.Node, keys ...string) []*yaml.Node {
	v := get(n, keys...)
	if v == nil || v.Kind != yaml.SequenceNode {
		return nil
	}
	all := make([]*yaml.Node, len(v.Content))
	for i, item := range v.Content {
		all[i] = resolved(item)
	}
	return all
}
