package main

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/internal/hook"
)

// isForManager checks a snippet that names the file of a hook manager in its first
// line; other snippets are none of its business.
func isForManager(t *testing.T, snippet string) bool {
	first, text, _ := strings.Cut(snippet, "\n")
	file := strings.TrimPrefix(first, "# ")
	if path.Dir(file) == ".husky" && file != hook.DefaultFile("husky") {
		if text != "fluxsum hooks run "+path.Base(file)+"\n" || !slices.Contains(hook.Names(), path.Base(file)) {
			t.Errorf("%s is not what husky runs", snippet)
		}
		return true
	}
	for _, manager := range hook.Managers() {
		if file == hook.DefaultFile(manager) {
			checkForManager(t, manager, text)
			return true
		}
	}
	return false
}

// checkForManager checks the lines for a manager: those that are printed, or hooks
// that this repository offers.
func checkForManager(t *testing.T, manager, text string) {
	t.Helper()
	if strings.Contains(text, "repo: https://") {
		checkOffered(t, text)
		return
	}
	cmd := exec.Command(filepath.Join(binDir, "fluxsum"), "hooks", "install", "--print", manager)
	cmd.Dir = t.TempDir()
	if printed, err := cmd.Output(); err != nil || string(printed) != text {
		t.Errorf("--print %s prints %s (%v), not\n%s", manager, printed, err, text)
	}
}

// checkOffered checks that this repository offers the hooks of a config.
func checkOffered(t *testing.T, text string) {
	t.Helper()
	type hooks []struct{ ID string }
	var config struct {
		Repos []struct{ Hooks hooks }
	}
	var offered hooks
	manifest, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(manifest, &offered); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil || len(config.Repos) == 0 {
		t.Fatalf("%s\nhas no repos (%v)", text, err)
	}
	for _, r := range config.Repos {
		for _, h := range r.Hooks {
			if !slices.Contains(offered, h) {
				t.Errorf("%s is not one of %v", h.ID, offered)
			}
		}
	}
}
