package repo

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// scratchPrefix begins the names of what fluxsum makes in Git's own folder for a
// moment.
const scratchPrefix = "fluxsum-tmp-"

// scratchAge is how old something must be to have been left by a killed run: hooks of a
// commit that `update --commit` makes may take long.
const scratchAge = 24 * time.Hour

// scratchName begins a name that tells when it was made: a file of the user's that was
// swapped for ours has times of its own.
func scratchName() string { return fmt.Sprintf("%s%x-", scratchPrefix, time.Now().Unix()) }

// madeAt is when something was made.
func madeAt(base string, info fs.FileInfo) time.Time {
	seconds, _, named := strings.Cut(strings.TrimPrefix(base, scratchPrefix), "-")
	if at, err := strconv.ParseInt(seconds, 16, 64); named && err == nil {
		return time.Unix(at, 0)
	}
	return info.ModTime()
}

// scratchDir makes a folder for a moment: in Git's own folder, or elsewhere when
// that may not be written.
func scratchDir(gitDir string) (string, error) {
	sweep(gitDir)
	dir, err := os.MkdirTemp(gitDir, scratchName())
	if err != nil {
		return os.MkdirTemp("", scratchPrefix)
	}
	return dir, nil
}

// sweep removes what killed runs have left in this very folder, whose path may hold
// what a pattern would take for more.
func sweep(gitDir string) {
	left, _ := fs.Glob(os.DirFS(gitDir), scratchPrefix+"*")
	for _, base := range left {
		name := filepath.Join(gitDir, base)
		if info, err := os.Lstat(name); err == nil && time.Since(madeAt(base, info)) > scratchAge {
			os.RemoveAll(name)
		}
	}
}

// UseGitDir has the files on their way stand in Git's own folder.
func (w *Worktree) UseGitDir(r *Repository) {
	sweep(r.Dir)
	w.lockDir = r.Dir
	if movesAcross {
		w.gitDir = r.Dir
	}
}
