package main

import (
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// The start of the scenarios with Git: app/values.yaml, whose checksum stands
// in app/kustomization.yaml.
const (
	startConfig = "version: 1\nrules:\n  - name: app\n    files: app/values.yaml\n    annotation: app-checksum\n    targets: app/kustomization.yaml\n"
	startTarget = `# top
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - release.yaml
namespace: apps
# a
# b
# c
patches:
  - target:
      kind: HelmRelease
      name: app
    patch: |-
      - op: add
        path: /metadata/annotations/app-checksum
        value: "%s" # app
# d
# e
# f
# bottom
`
)

func startValues() string {
	lines := []string{"first: 1"}
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("key%02d: value", i))
	}
	return strings.Join(append(lines, "last: 1"), "\n") + "\n"
}

// startFiles writes the files of the scenarios: startfiles DIR.
func startFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: startfiles DIR")
	}
	values := startValues()
	for name, text := range map[string]string{
		"app/values.yaml":        values,
		"app/kustomization.yaml": fmt.Sprintf(startTarget, digest([]byte(values))),
		"other.txt":              "other\n",
		".fluxsum.yaml":          startConfig,
	} {
		path := ts.MkAbs(filepath.Join(args[0], name))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
		ts.Check(os.WriteFile(path, []byte(text), 0o644))
	}
}

// start makes the repository of the scenarios in the current folder, with one
// commit and the hooks installed.
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: start")
	}
	startFiles(ts, false, []string{"."})
	for _, line := range []string{"git init -q", "git add -A", "git commit -q -m start", "fluxsum hooks install -q"} {
		words := strings.Fields(line)
		ts.Check(ts.Exec(words[0], words[1:]...))
	}
}

func digest(text []byte) string { return fmt.Sprintf("%x", md5.Sum(text)) }

// object reads a file of the worktree, or what git calls REV:FILE or :FILE.
func object(ts *testscript.TestScript, name string) []byte {
	if !strings.Contains(name, ":") {
		text, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		return text
	}
	cmd := exec.Command("git", "cat-file", "blob", name)
	cmd.Dir = ts.MkAbs(".")
	text, err := cmd.Output()
	if err != nil {
		ts.Fatalf("git cat-file blob %s: %v", name, err)
	}
	return text
}

// sums checks that a file holds the checksum of another: sums HEAD:target
// HEAD:source. Both are a file of the worktree, :FILE of the index, or REV:FILE.
func sums(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sums TARGET SOURCE")
	}
	sum := digest(object(ts, args[1]))
	if strings.Contains(string(object(ts, args[0])), sum) == neg {
		ts.Fatalf("%s and the checksum %s of %s: expected %v", args[0], sum, args[1], !neg)
	}
}

// status checks `git status --porcelain`: status [LINE]...
func status(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(ts.Exec("git", "status", "--porcelain"))
	got := strings.Split(strings.TrimSuffix(ts.ReadFile("stdout"), "\n"), "\n")
	if got[0] == "" {
		got = nil
	}
	if slices.Equal(got, args) == neg {
		ts.Fatalf("git status: %q, expected %q", got, args)
	}
}

// committed checks which files a commit changes: committed REV FILE...
func committed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: committed REV [FILE]...")
	}
	ts.Check(ts.Exec("git", "diff-tree", "--root", "--no-commit-id", "--name-only", "-r", args[0]))
	got := strings.Fields(ts.ReadFile("stdout"))
	if !slices.Equal(got, args[1:]) {
		ts.Fatalf("%s changes %q, expected %q", args[0], got, args[1:])
	}
}

// edit replaces text in a file, once: edit FILE OLD NEW.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s holds no %q", args[0], args[1])
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), info.Mode()))
}
