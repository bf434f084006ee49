package git

import (
	"context"
	"strings"
)

// OwnSetting returns what a setting is in the user's and the system's configs and on
// the command line; what the repository says of it is passed over.
func (g Git) OwnSetting(ctx context.Context, name string) (value string, set bool) {
	out, err := g.Run(ctx, nil, "config", "-z", "--show-scope", "--get-all", name)
	if err != nil {
		return "", false
	}
	words := strings.Split(string(out), "\x00")
	for i := 0; i+1 < len(words); i += 2 {
		if !IsRepositoryScope(words[i]) {
			value, set = words[i+1], true
		}
	}
	return value, set
}

// IsRepositoryScope says whether a scope, as git config shows it, is the repository.
func IsRepositoryScope(scope string) bool { return scope == "local" || scope == "worktree" }
