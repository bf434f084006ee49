package repo

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// scratchPrefix begins the names of what fluxsum makes in Git's own folder for a
// moment.
const scratchPrefix = "fluxsum-tmp-"

// scratchAge is how old something must be to have been left by a killed run.
const scratchAge = time.Hour

// scratchDir makes a folder for a moment: in Git's own folder, or elsewhere when
// that may not be written.
func scratchDir(gitDir string) (string, error) {
	sweep(gitDir)
	dir, err := os.MkdirTemp(gitDir, scratchPrefix)
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
		if info, err := os.Lstat(name); err == nil && time.Since(info.ModTime()) > scratchAge {
			os.RemoveAll(name)
		}
	}
}

// UseGitDir has the files on their way stand in Git's own folder.
func (w *Worktree) UseGitDir(r *Repository) {
	sweep(r.Dir)
	w.gitDir = r.Dir
}
