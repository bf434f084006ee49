package main

import (
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// toolsDir is where `make tools` puts lefthook and husky. On PATH they are found
// first.
func toolsDir() (string, error) { return filepath.Abs("../../bin/tools/node_modules/.bin") }

// commits makes the commits of a working day in the repository that startFiles
// made, and checks that each holds its checksum, and that edits which are not
// staged stay so.
func commits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: commits")
	}
	commitPartly(ts)
	commitAll(ts)
	commitPath(ts)
	commitMerge(ts)
}

func commitPartly(ts *testscript.TestScript) {
	edit(ts, false, []string{"app/values.yaml", "first: 1", "first: 2"})
	runGit(ts, "add", "app/values.yaml")
	edit(ts, false, []string{"app/values.yaml", "last: 1", "last: 2"})
	runGit(ts, "commit", "-q", "-m", "partly staged")
	checkCommit(ts, " M app/values.yaml")
}

func commitAll(ts *testscript.TestScript) {
	runGit(ts, "commit", "-q", "-a", "-m", "all")
	checkCommit(ts)
}

func commitPath(ts *testscript.TestScript) {
	edit(ts, false, []string{"app/values.yaml", "key05: value", "key05: path"})
	edit(ts, false, []string{"other.txt", "other", "another"})
	runGit(ts, "commit", "-q", "-m", "path", "--", "app/values.yaml")
	checkCommit(ts, " M other.txt")
	runGit(ts, "commit", "-q", "-m", "no rule is touched", "--", "other.txt")
	committed(ts, false, []string{"HEAD", "other.txt"})
}

// commitMerge merges what nobody sees a conflict in, and what is stale after it.
func commitMerge(ts *testscript.TestScript) {
	runGit(ts, "switch", "-q", "-c", "side")
	edit(ts, false, []string{"app/values.yaml", "first: 2", "first: 3"})
	runGit(ts, "commit", "-q", "-n", "-a", "-m", "without the hook")
	runGit(ts, "switch", "-q", "main")
	edit(ts, false, []string{"app/values.yaml", "last: 2", "last: 3"})
	runGit(ts, "commit", "-q", "-a", "-m", "meanwhile")
	exits(ts, false, []string{"1", "git", "merge", "-q", "-m", "merge", "side"})
	runGit(ts, "rev-parse", "-q", "--verify", "MERGE_HEAD")
	runGit(ts, "commit", "-q", "--no-edit")
	sums(ts, false, []string{"HEAD:app/kustomization.yaml", "HEAD:app/values.yaml"})
	runGit(ts, "rev-parse", "-q", "--verify", "HEAD^2")
	status(ts, false, nil)
}

// checkCommit checks that HEAD changes the values and their checksum, and what
// git says of the worktree.
func checkCommit(ts *testscript.TestScript, unstaged ...string) {
	committed(ts, false, []string{"HEAD", "app/kustomization.yaml", "app/values.yaml"})
	sums(ts, false, []string{"HEAD:app/kustomization.yaml", "HEAD:app/values.yaml"})
	status(ts, false, unstaged)
}

func runGit(ts *testscript.TestScript, args ...string) { ts.Check(ts.Exec("git", args...)) }

// goCaches lends a script the caches of Go, and the flags by which the program under
// test was built: what is built in it is mostly built already, and no network is
// needed.
func goCaches(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: gocaches")
	}
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		out, err := exec.Command("go", "env", name).Output()
		ts.Check(err)
		ts.Setenv(name, strings.TrimSpace(string(out)))
	}
	for _, setting := range append(buildEnv, "GOFLAGS="+strings.Join(buildFlags, " "), "GOPROXY=off") {
		name, value, _ := strings.Cut(setting, "=")
		ts.Setenv(name, value)
	}
}
