package hook

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// PreCommitFramework is the name of the tool at pre-commit.com.
const PreCommitFramework = "pre-commit"

// EditsPutAside returns the tool that runs us and has put edits aside that are
// not staged, in a way that a change of the index would keep from coming back;
// empty when there is none. Changes says whether a file, named from the top, is
// to be changed.
func EditsPutAside(ctx context.Context, r *repo.Repository, results []fluxsum.Result, changes func(file string) bool) string {
	switch {
	case putAsideByPreCommit(ctx, r, changes):
		return PreCommitFramework
	case putAsideByLefthook(r.Dir, results):
		return "lefthook"
	}
	return ""
}

// putAsideByPreCommit: the framework keeps the edits as a patch, which it can
// apply again where the files are as they were. Where it cannot, it throws
// away what the hooks did, but not what they staged, and fails again.
func putAsideByPreCommit(ctx context.Context, r *repo.Repository, changes func(file string) bool) bool {
	if os.Getenv("PRE_COMMIT") == "" {
		return false
	}
	return slices.ContainsFunc(patchesOfPreCommit(), func(patch string) bool {
		edited, err := editedBy(ctx, r, patch)
		return err != nil || slices.ContainsFunc(edited, changes)
	})
}

// patchesOfPreCommit are those of the process that runs us: they are named after
// it and the second in which they were written, and never removed, so that the id
// alone may be that of an earlier process (pre_commit/staged_files_only.py).
func patchesOfPreCommit() []string {
	patches, _ := filepath.Glob(filepath.Join(cacheOfPreCommit(), "patch*"))
	ours := ancestors()
	return slices.DeleteFunc(patches, func(name string) bool {
		var written int64
		var pid int
		_, err := fmt.Sscanf(filepath.Base(name), "patch%d-%d", &written, &pid)
		return err != nil || !ours(pid, time.Unix(written, 0))
	})
}

// editedBy returns the files that a patch is for, named from the top.
func editedBy(ctx context.Context, r *repo.Repository, patch string) ([]string, error) {
	out, err := r.Git().Run(ctx, nil, "apply", "--numstat", "-z", patch)
	names := git.Names(out)
	for i, line := range names { // added, deleted, name
		names[i] = line[strings.LastIndexByte(line, '\t')+1:]
	}
	return names, err
}

// cacheOfPreCommit is where the framework keeps its patches
// (pre_commit/store.py).
func cacheOfPreCommit() string {
	if dir := os.Getenv("PRE_COMMIT_HOME"); dir != "" {
		return dir
	}
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, _ := os.UserHomeDir()
		cache = filepath.Join(home, ".cache")
	}
	return filepath.Join(cache, "pre-commit")
}

// putAsideByLefthook: it keeps the edits of files that are staged too as a
// patch, which it can apply again unless the edits are on the very line of a
// checksum.
func putAsideByLefthook(gitDir string, results []fluxsum.Result) bool {
	if os.Getenv("LEFTHOOK") == "0" {
		return false
	}
	patch, err := os.ReadFile(filepath.Join(gitDir, "info", "lefthook-unstaged.patch"))
	if err != nil {
		return false
	}
	for line := range strings.SplitSeq(string(patch), "\n") {
		for _, r := range results {
			if r.State == fluxsum.Stale && strings.HasPrefix(line, "-") && r.Recorded != "" && strings.Contains(line, r.Stands()) {
				return true
			}
		}
	}
	return false
}
