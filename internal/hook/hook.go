// Package hook installs the Git hooks of fluxsum, takes them away, and says
// whether git runs them. What the hooks do is in internal/cli.
package hook

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// The hooks that fluxsum installs. PreMerge runs before the commit of a merge
// that had no conflict; what it changes does not join that commit.
const (
	PreCommit = "pre-commit"
	PreMerge  = "pre-merge-commit"
)

// Names are the hooks that fluxsum installs.
func Names() []string { return []string{PreCommit, PreMerge} }

// Of returns the hook whose work is to be done: that of pre-merge-commit when
// another tool, or git's own sample, runs pre-commit in its place. In the hook of
// a clean merge git has not written MERGE_HEAD yet.
func Of(name, gitDir string) string {
	action := os.Getenv("GIT_REFLOG_ACTION")
	merges := strings.HasPrefix(action, "merge") || strings.HasPrefix(action, "pull")
	if _, err := os.Stat(filepath.Join(gitDir, "MERGE_HEAD")); merges && err != nil {
		return PreMerge
	}
	return name
}

// Skipped says whether the user wants this one commit without the hook; quiet
// is for our own commits.
func Skipped() (skipped, quiet bool) {
	switch value := os.Getenv("FLUXSUM_SKIP"); value {
	case "", "0", "false":
		return false, false
	default:
		return true, value == "quiet"
	}
}

// parentVariable is set by our script to the process that started it: git.
const parentVariable = "FLUXSUM_HOOK_PARENT"

// ByScript says whether our script has started us.
func ByScript() bool { return os.Getenv(parentVariable) != "" }

// ParentLives says whether the git that started our script is still there. A
// git that is killed alone leaves its hooks behind.
func ParentLives() bool {
	parent, err := strconv.Atoi(os.Getenv(parentVariable))
	return err != nil || runtime.GOOS == "windows" || isRunning(parent)
}
