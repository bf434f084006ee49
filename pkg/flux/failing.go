package flux

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// refusals stand in the messages of what kustomize takes for an error. Others
// tell what is not followed here, and say nothing about kustomize.
var refusals = []string{
	"cannot be read: ", " does not exist", " is no regular file", "kustomize refuses", "is no kustomization: not a map",
	" is a folder without a kustomization.yaml", " is no folder with a kustomization.yaml", "the kustomizations go in a circle",
	" to merge with", " to replace with", " is generated twice", "a patch without patch or path", "JSON 6902 operations without a target",
	"an empty path", "the patch does not fit: ",
}

// Failing says why a build fails, as FILE:LINE and a reason; "" when nothing is
// known that makes it fail. kustomize-controller then changes nothing.
func (g *Graph) Failing(b *Build) string {
	if b.Loose {
		return ""
	}
	if g.failing == nil {
		g.failing = map[*Build]string{}
	}
	why, known := g.failing[b]
	if !known {
		why = g.fails(b)
		g.failing[b] = why
	}
	return why
}

func (g *Graph) fails(b *Build) string {
	for _, u := range b.Unknown {
		if refused(u) {
			return g.atFault(b, u)
		}
	}
	for _, file := range b.Files {
		if u, ok := g.Broken(file); ok && g.examined[file] && !g.isInput(file) {
			return placed(u)
		}
	}
	for _, o := range b.Objects {
		for _, e := range o.Entries {
			if e.Source != "" && o.Generated && g.lacks(e.Source) {
				return placed(kustomize.Unknown{File: e.File, Line: e.Line, Message: "names " + e.Source + ", which does not exist"})
			}
		}
	}
	return ""
}

// refused says whether kustomize refuses what an Unknown tells. What a patch
// does not find may be a document that was not read.
func refused(u kustomize.Unknown) bool {
	if kind, ok := strings.CutPrefix(u.Message, "the patch of "); ok {
		kind, _, _ = strings.Cut(kind, " ")
		return strings.HasSuffix(u.Message, " finds no such object") && slices.Contains(words(), kind)
	}
	return !strings.Contains(u.Message, "not followed") && slices.ContainsFunc(refusals, func(sign string) bool { return strings.Contains(u.Message, sign) })
}

// atFault is an Unknown with its place: that in the file that cannot be read,
// where it tells of one.
func (g *Graph) atFault(b *Build, u kustomize.Unknown) string {
	dir := b.Dir
	if u.File != "" {
		dir = path.Dir(u.File)
	}
	name, _, _ := strings.Cut(u.Message, " ")
	if other, ok := g.Broken(path.Join(dir, name)); ok {
		return placed(other)
	}
	return placed(u)
}

func placed(u kustomize.Unknown) string {
	switch {
	case u.File == "":
		return u.Message
	case u.Line == 0:
		return u.File + " " + u.Message
	}
	return fmt.Sprintf("%s:%d %s", u.File, u.Line, u.Message)
}

// Broken is why a file could not be read, or not whole.
func (g *Graph) Broken(file string) (kustomize.Unknown, bool) {
	if g.broken == nil {
		g.broken = map[string]kustomize.Unknown{}
		for _, u := range g.Unread {
			g.broken[u.File] = u
		}
	}
	u, ok := g.broken[file]
	return u, ok
}

// BrokenAt is Broken as FILE:LINE and a reason, or "".
func (g *Graph) BrokenAt(file string) string {
	if u, ok := g.Broken(file); ok {
		return placed(u)
	}
	return ""
}

// Examine reads files whole, also the documents that no rollout can have to do
// with: a build fails because of those, too.
func (g *Graph) Examine(files []string) {
	g.Broken("")
	g.examined = map[string]bool{}
	for _, name := range files {
		if !isYAML(name) || g.lacks(name) {
			continue
		}
		g.examined[name] = true
		if f := g.builder.Whole(name); f.Err != nil {
			g.broken[name] = kustomize.Unknown{File: name, Line: f.Line, Message: f.Err.Error()}
		}
	}
}

// isInput says whether a generator reads a file: that may hold anything.
func (g *Graph) isInput(file string) bool {
	return slices.ContainsFunc(g.sources[file], func(u used) bool { return u.entry.Source == file })
}

func (g *Graph) lacks(file string) bool {
	_, err := fs.Stat(g.tree, file)
	return err != nil
}

// NoFolder says whether the folder that a Kustomization applies is not in this
// tree, rather than in another source.
func (g *Graph) NoFolder(k *Kustomization) bool {
	return k.Build == nil && strings.HasSuffix(g.Unapplied(k), ", which is not in this tree")
}

// Unapplied says why a Kustomization without a build applies nothing of this
// tree.
func (g *Graph) Unapplied(k *Kustomization) string {
	for _, u := range g.Unknown {
		if u.File == k.File && u.Line == k.Line && strings.HasPrefix(u.Message, "Kustomization "+k.Name+" ") {
			return placed(u)
		}
	}
	return fmt.Sprintf("%s:%d what Kustomization %s applies is not known", k.File, k.Line, k.Name)
}
