package main

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestCaskPages: Homebrew links the pages that .goreleaser.yaml lists, and no pattern.
func TestCaskPages(t *testing.T) {
	var config struct {
		Casks []struct{ Manpages []string } `yaml:"homebrew_casks"`
	}
	if err := yaml.Unmarshal(readFile(t, "../../.goreleaser.yaml"), &config); err != nil || len(config.Casks) != 1 {
		t.Fatal(config, err)
	}
	files, err := filepath.Glob("../../docs/man/*.1")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, file := range files {
		want = append(want, path.Join("man", filepath.Base(file)))
	}
	if got := config.Casks[0].Manpages; !slices.Equal(got, want) {
		t.Errorf("homebrew_casks in .goreleaser.yaml has these manpages:\n%s\nexpected those of docs/man:\n      - %s", strings.Join(got, "\n"), strings.Join(want, "\n      - "))
	}
}

// TestReleaseWorkflow: what runs there is make, which runs anywhere.
func TestReleaseWorkflow(t *testing.T) {
	var workflow gitHubWorkflow
	if err := decodeStrictly(readFile(t, "../../.github/workflows/release.yml"), &workflow); err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, step := range workflow.Jobs["release"].Steps {
		if step.Run != "" {
			dryRun(t, step.Run)
			run++
		}
	}
	if run == 0 {
		t.Error("the workflow runs nothing")
	}
}
