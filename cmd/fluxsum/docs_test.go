package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocs runs every snippet of the README and of docs/: console sessions in
// a copy of the example repository, configs in a tree with their files, the steps of
// pipelines and scripts for CI on pull requests, and make targets as a dry run. UPDATE=1 rewrites what the sessions print.
func TestDocs(t *testing.T) {
	onlyOnce(t)
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/de/*.md"} {
		docs, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			t.Run(filepath.Base(doc), func(t *testing.T) { runSnippets(t, doc) })
		}
	}
}

// exampleRepo is a copy of an example tree, in Git.
func exampleRepo(t *testing.T, tree string) string {
	t.Helper()
	repo := t.TempDir()
	if err := os.CopyFS(repo, os.DirFS(tree)); err != nil {
		t.Fatal(err)
	}
	runSession(t, repo, "$ git init -q -b main\n$ git add -A\n$ git commit -q -m 'The example'\n")
	return repo
}

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func runSnippets(t *testing.T, doc string) {
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	repo := exampleRepo(t, exampleTree(doc))
	updated := string(text)
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		if isForManager(t, m[2]) {
			continue
		}
		switch language, snippet := m[1], m[2]; language {
		case "console":
			updated = strings.Replace(updated, "```console\n"+snippet+"```", "```console\n"+runSession(t, repo, snippet)+"```", 1)
		case "yaml":
			if isConfig(snippet) {
				runConfig(t, doc, repo, snippet)
			} else {
				runPipeline(t, snippet)
			}
		case "sh":
			if strings.HasPrefix(snippet, "#!") {
				runPipeline(t, snippet)
			} else {
				dryRun(t, snippet)
			}
		default:
			t.Errorf("a snippet in %s, which no test runs", language)
		}
	}
	if os.Getenv("UPDATE") != "" && updated != string(text) {
		if err := os.WriteFile(doc, []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// runSession runs the lines that begin with "$ ", compares what is printed, and
// returns the session as it was.
func runSession(t *testing.T, dir, session string) string {
	t.Helper()
	var ran strings.Builder
	for _, step := range strings.Split("\n"+session, "\n$ ")[1:] {
		command, want, _ := strings.Cut(step, "\n")
		got := printedBy(dir, command)
		ran.WriteString("$ " + command + "\n" + strings.TrimLeft(strings.TrimRight(string(got), "\n")+"\n", "\n"))
		if strings.TrimSpace(string(got)) != strings.TrimSpace(want) {
			t.Errorf("$ %s\n%s\nexpected:\n%s", command, got, want)
		}
	}
	return ran.String()
}

// printedBy is all that a command prints, with the real program on PATH and commits
// that are the same each time.
func printedBy(dir, command string, env ...string) []byte {
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "PATH="+binDir+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GITHUB_ACTIONS=", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z", "GIT_AUTHOR_NAME=Test", "GIT_AUTHOR_EMAIL=test@example.org", "GIT_COMMITTER_NAME=Test", "GIT_COMMITTER_EMAIL=test@example.org"), env...)
	got, _ := cmd.CombinedOutput()
	return got
}

func dryRun(t *testing.T, snippet string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(snippet), "\n") {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "make" {
			t.Errorf("%q: a shell snippet shows make targets alone", line)
			continue
		}
		if out, err := exec.Command("make", "-C", "../..", "-n", words[1]).CombinedOutput(); err != nil {
			t.Errorf("make %s: %s", words[1], out)
		}
	}
}
