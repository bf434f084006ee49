package repo

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
)

// programs are the settings by which a repository could have a fetch run a program,
// or send the user's password by another way. (Those of ext:: are forbidden by git
// itself, unless protocol.ext.allow says otherwise.)
const programs = `core\.(sshcommand|gitproxy|askpass|alternaterefscommand)` +
	`|credential\.(.*\.)?helper|(protocol|url)\..*|fetch\.bundleuri|gc\.recentobjectshook` +
	`|remote\..*\.(uploadpack|receivepack|vcs|proxy)` +
	`|http\.(.*\.)?(proxy|sslverify|sslcainfo|sslcapath|curloptresolve|cookiefile|savecookies)`

// worthAsking are the words without one of which a config neither makes a clone
// partial nor names what git would run at each command, also not by including another
// file.
var worthAsking = []string{"promisor", "partialclone", "include", "[hook", "fsmonitor"}

// configFiles are those of the repository's own settings.
func (r *Repository) configFiles() []string {
	return []string{filepath.Join(r.CommonDir, "config"), filepath.Join(r.Dir, "config.worktree")}
}

// guard tells what git must be kept from in this repository.
func (r *Repository) guard() git.Guard {
	r.guarding.Do(func() {
		if r.Own {
			r.guarded.Off = true
		} else if slices.ContainsFunc(r.configFiles(), isWorthAsking) {
			r.guarded = r.askSettings()
		} else {
			r.guarded.Watch = true
		}
	})
	return r.guarded
}

func isWorthAsking(file string) bool {
	text, _ := os.ReadFile(file) // what cannot be read git cannot heed
	text = bytes.ToLower(text)
	return slices.ContainsFunc(worthAsking, func(word string) bool { return bytes.Contains(text, []byte(word)) })
}

// askSettings asks git, which follows what a config includes. Where it does not
// tell, nothing is fetched.
func (r *Repository) askSettings() git.Guard {
	out, err := git.Git{Dir: r.folder(), Env: r.named}.Run(context.Background(), nil, "config", "-z", "--show-scope",
		"--get-regexp", `^(`+programs+`|hook\..*\.event|core\.fsmonitor)$`)
	var failed *git.Error
	g := git.Guard{Watch: true}
	if errors.As(err, &failed) && failed.Status != 1 { // 1: none is set
		g = git.Guard{NoFetch: "what git does not tell"}
	}
	names := git.Names(out)
	for i := 0; i+1 < len(names); i += 2 {
		name, value, _ := strings.Cut(names[i+1], "\n")
		hook, isHook := strings.CutPrefix(name, "hook.")
		switch {
		case !git.IsRepositoryScope(names[i]): // the user's own
		case name == "core.fsmonitor":
			g.Watch = g.Watch && isBoolean(value) // git's own daemon, or none
		case isHook:
			g.Hooks = append(g.Hooks, strings.TrimSuffix(hook, ".event"))
		default:
			g.NoFetch = name
		}
	}
	return g
}

// isBoolean says whether git takes a value for true or false (git-config(1)).
func isBoolean(value string) bool {
	return slices.Contains([]string{"", "true", "yes", "on", "1", "false", "no", "off", "0"}, strings.ToLower(value))
}
