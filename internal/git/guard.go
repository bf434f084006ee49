package git

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Guard keeps git from running programs that a repository names in its own settings
// or keeps in its own folders: those may be a stranger's. Only what git add would run
// on a file stays, its filters.
type Guard struct {
	// Off is for what the user or his git has started: there his settings count.
	Off bool
	// Watch leaves what looks for changed files on git's behalf on: it is git's own
	// or the user's, and the index would forget what it has seen.
	Watch bool
	// Hooks are those that the repository's settings name, beside the files in
	// core.hooksPath.
	Hooks []string
	// NoFetch is a setting of the repository that would run a program, or lead a
	// password astray, if git fetched what a partial clone lacks; empty: none is.
	NoFetch string
}

// settings switch off the hooks that git runs where it writes an index, say, and what
// looks for changed files.
func (g Guard) settings() []string {
	hooks := "core.hooksPath=" + os.DevNull
	switch {
	case g.Off:
		return nil
	case g.Watch:
		return []string{hooks}
	}
	return []string{hooks, "core.fsmonitor=false"}
}

// environ forbids each protocol by its name being "none", which git of any age knows.
// The hooks are switched off by variables, since their names may hold a "=".
func (g Guard) environ() []string {
	if g.Off {
		return nil
	}
	var env []string
	if g.NoFetch != "" {
		env = append(env, "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1")
	}
	if len(g.Hooks) == 0 {
		return env
	}
	n, _ := strconv.Atoi(os.Getenv("GIT_CONFIG_COUNT"))
	for _, hook := range g.Hooks {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=hook.%s.enabled", n, hook), fmt.Sprintf("GIT_CONFIG_VALUE_%d=false", n))
		n++
	}
	return append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(n))
}

// NotFetchedError is an object that a partial clone lacks, and that the guard keeps
// from being fetched.
type NotFetchedError struct{ Setting string }

// Error names the setting.
func (e *NotFetchedError) Error() string {
	return "is not in this partial clone, and is not fetched, since this repository's own config sets " + e.Setting
}

// refused is the error for an object that could not be read.
func (g Guard) refused(err error) error {
	if g.NoFetch == "" || g.Off || !errors.Is(err, ErrMissing) && !strings.Contains(err.Error(), "promisor") && !strings.Contains(err.Error(), "not allowed") {
		return err
	}
	return &NotFetchedError{g.NoFetch}
}
