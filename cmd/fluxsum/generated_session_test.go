package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// sessionSteps are what the picture in the README shows, on the example
// repository as it is before it has a config.
var sessionSteps = []string{
	"fluxsum init",
	"fluxsum update",
	"git add -A && git commit -q -m 'Checksums that Flux acts on'",
	"fluxsum hooks install",
	"$EDITOR apps/production/custom-configs/element-values.yaml",
	"fluxsum verify",
	"fluxsum diff matrix-stack",
	"git commit -q -a -m 'A new name'",
	"fluxsum verify --rev HEAD",
}

// sessionPicture is a real session as a picture of a terminal, for the README.
func sessionPicture(t *testing.T) map[string]string {
	if runtime.GOOS == "windows" {
		t.Skip("needs a Unix system: the session is one of sh")
	}
	repo := exampleRepo(t, "../../testdata/matrix-gitops")
	printedBy(repo, "git rm -q .fluxsum.yaml && git commit -q -m 'Before fluxsum'")
	picture := terminal{title: "A terminal session: " + strings.Join(sessionSteps, "; ")}
	for _, step := range sessionSteps {
		out := printedBy(repo, step, "FLUXSUM_COLOR=always", "EDITOR="+sessionEditor(t))
		picture.step(step, string(out))
	}
	return map[string]string{"docs/session.svg": picture.svg()}
}

// sessionEditor is an editor that makes one edit by itself.
func sessionEditor(t *testing.T) string {
	t.Helper()
	editor := filepath.Join(t.TempDir(), "editor")
	script := "#!/bin/sh\nsed 's/Example Chat/Example Talk/' \"$1\" >\"$1.new\" && mv \"$1.new\" \"$1\"\n"
	if err := os.WriteFile(editor, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return editor
}
