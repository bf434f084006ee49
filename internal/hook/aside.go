package hook

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// EditsPutAside says whether the pre-commit framework runs us and has put edits
// aside that are not staged. It keeps them as a patch, which could not be
// applied again beside a change of the index, and would be lost
// (pre_commit/staged_files_only.py).
func EditsPutAside() bool {
	if os.Getenv("PRE_COMMIT") == "" {
		return false
	}
	patches, _ := filepath.Glob(filepath.Join(cacheOfPreCommit(), "patch*"))
	for _, name := range patches {
		_, pid, _ := strings.Cut(filepath.Base(name), "-")
		if id, err := strconv.Atoi(pid); err == nil && isRunning(id) {
			return true
		}
	}
	return false
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
