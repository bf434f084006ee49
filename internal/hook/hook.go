// Package hook installs the Git hooks of fluxsum, takes them away, and says
// whether git runs them. What the hooks do is in internal/cli.
package hook

import (
	"os"
	"runtime"
	"strconv"
)

// The hooks that fluxsum installs. PreMerge runs before the commit of a merge
// that had no conflict; what it changes does not join that commit.
const (
	PreCommit = "pre-commit"
	PreMerge  = "pre-merge-commit"
)

// Names are the hooks that fluxsum installs.
func Names() []string { return []string{PreCommit, PreMerge} }

// Skipped says whether the user wants this one commit without the hook.
func Skipped() bool {
	switch os.Getenv("FLUXSUM_SKIP") {
	case "", "0", "false":
		return false
	}
	return true
}

// parentVariable is set by our script to the process that started it: git.
const parentVariable = "FLUXSUM_HOOK_PARENT"

// ParentLives says whether the git that started our script is still there. A
// git that is killed alone leaves its hooks behind.
func ParentLives() bool {
	parent, err := strconv.Atoi(os.Getenv(parentVariable))
	return err != nil || runtime.GOOS == "windows" || isRunning(parent)
}
