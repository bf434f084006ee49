package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pinned is an action of somebody else at one commit, with the version beside it.
var (
	anyUse = regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`)
	pinned = regexp.MustCompile(`^(\./\S*|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
)

// TestActionsArePinned: who can move a tag must not get into our jobs, nor into those
// of others.
func TestActionsArePinned(t *testing.T) {
	workflows, err := filepath.Glob("../../.github/workflows/*.y*ml")
	if err != nil {
		t.Fatal(err)
	}
	uses := 0
	for _, name := range append(workflows, "../../action.yml") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range anyUse.FindAllStringSubmatch(string(text), -1) {
			if uses++; !pinned.MatchString(m[1]) {
				t.Errorf("%s: %s, expected NAME@COMMIT # vX.Y.Z", filepath.Base(name), m[1])
			}
		}
	}
	if uses == 0 {
		t.Error("no workflow uses an action")
	}
}

// TestExampleWorkflow runs the workflow that has the action on the example repository.
func TestExampleWorkflow(t *testing.T) {
	onlyOnce(t)
	noShell(t)
	text, err := os.ReadFile("../../.github/workflows/example.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow gitHubWorkflow
	if err := decodeStrictly(text, &workflow); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := pullRequest{dir, filepath.Join(dir, "origin.git")}
	ours := filepath.Join(dir, "fluxsum")
	if err := os.CopyFS(filepath.Join(ours, "testdata/matrix-gitops"), os.DirFS("../../testdata/matrix-gitops")); err != nil {
		t.Fatal(err)
	}
	runSession(t, ours, "$ git init -q -b main && git add -A && git commit -q -m ours && git commit -q --allow-empty -m more && git branch feature\n")
	if err := newOrigin(ours, p.origin, "feature"); err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{"push", "pull_request"} {
		payload, err := os.ReadFile("../../testdata/events/" + event + ".json")
		if err != nil {
			t.Fatal(err)
		}
		job := p.job(t, event, payload)
		var log strings.Builder
		job.path, job.program, job.log = binDir+string(os.PathListSeparator)+job.path, "fluxsum", &log
		if status, err := job.runJob(&workflow, "example"); err != nil || status != 0 {
			t.Errorf("%s: status %d, %v\n%s", event, status, err, log.String())
		}
	}
}
