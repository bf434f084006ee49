package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// isConfig finds the snippets that are a whole .fluxsum.yaml.
var isConfig = regexp.MustCompile(`(?m)^version: 1$`).MatchString

// configPage is the page on the config: its sessions run in a tree of its own, each
// with the config that stands above it.
const configPage = "config.md"

const (
	matrixTree = "../../testdata/matrix-gitops"
	configTree = "../../testdata/docs/config"
	// clusterTree holds what kubectl printed of a real cluster, too (make e2e).
	clusterTree = "../../testdata/cluster"
)

// exampleTree is the tree in which the sessions of a page run.
func exampleTree(doc string) string {
	switch filepath.Base(doc) {
	case configPage:
		return configTree
	case "cluster.md":
		return clusterTree
	}
	return matrixTree
}

// runConfig lets a config do its work: in the example repository with the files of
// testdata/docs, fluxsum update writes its checksums, and fluxsum verify finds them
// true. On its own page it stays for the sessions that follow, with all else as it was.
func runConfig(t *testing.T, doc, repo, config string) {
	t.Helper()
	trees, err := filepath.Glob("../../testdata/docs/*")
	if err != nil || len(trees) == 0 {
		t.Fatal("no trees", err)
	}
	dir := t.TempDir()
	for _, tree := range append(trees, matrixTree) {
		if err := os.CopyFS(dir, os.DirFS(tree)); err != nil {
			t.Fatal(err)
		}
	}
	writeConfig(t, dir, config)
	runSession(t, dir, "$ fluxsum update -q && fluxsum verify -q && echo in sync\nin sync\n")
	if filepath.Base(doc) == configPage {
		runSession(t, repo, "$ git reset -q --hard && git clean -fdq\n")
		writeConfig(t, repo, config)
	}
}

func writeConfig(t *testing.T, dir, config string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, fluxsum.ConfigName), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
}
