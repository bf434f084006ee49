package flux

import (
	"fmt"
	"io/fs"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// The bounds of a tree whose manifests are read. A commit of a few kilobytes can name
// the same tree ten thousand million times; the largest repositories of manifests that
// are known have a hundred thousand.
const (
	maxEntries = 2_000_000 // files and folders that are walked through: some ten seconds
	maxFiles   = 500_000   // YAML files among them
)

// The bounds of what postBuild fills in, in bytes and places of a text. Operators such as
// ${a//b/...} and ${a%%*b} can make terabytes, or take hours, of a few kilobytes.
const (
	maxTemplate  = 1 << 20 // as an object of Kubernetes may have
	maxVariables = 1_000   // places where one is filled in
	maxVariable  = 4 << 10 // of a value
	maxFilled    = 64 << 20
	maxOperators = 16 << 10 // of a text with operators that have no default
	maxOperand   = 256      // of a value there
)

// Overfull says why the manifests of the tree are left out; "" when they are not.
func (g *Graph) Overfull() string { return g.overfull }

// leaveOut notes why nothing of the tree is read.
func (g *Graph) leaveOut(why string) {
	g.overfull = why
	g.Unread = append(g.Unread, kustomize.Unknown{File: ".", Message: why})
}

// crowded says why a walk has seen enough, "" when it has not.
func crowded(entries, files int) string {
	switch {
	case entries > maxEntries:
		return fmt.Sprintf("this tree has more than %d files and folders, and its manifests are left out", maxEntries)
	case files > maxFiles:
		return fmt.Sprintf("this tree has more than %d YAML files, and they are left out", maxFiles)
	}
	return ""
}

// nothing is a tree without files.
type nothing struct{}

func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
