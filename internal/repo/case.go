package repo

import (
	"os"
	"strings"
)

// FoldsCase says whether the file system does not tell upper from lower case, by a file
// that is there.
func (w *Worktree) FoldsCase(name string) bool {
	other := strings.ToUpper(name)
	if other == name {
		other = strings.ToLower(name)
	}
	return other != name && w.isSame(name, other)
}

func (w *Worktree) isSame(a, b string) bool {
	infoA, errA := w.root.Lstat(a)
	infoB, errB := w.root.Lstat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// SameFile returns the first two of some names that differ in their case alone and are
// of one file; empty when there are none.
func (w *Worktree) SameFile(names []string) (one, other string) {
	folded := map[string]string{}
	for _, name := range names {
		key := strings.ToLower(name)
		if first, ok := folded[key]; ok && first != name && w.isSame(first, name) {
			return name, first
		}
		folded[key] = name
	}
	return "", ""
}
