package main

import (
	"os/exec"
	"strings"
	"testing"
)

// impure are imports that no package of pkg may have: they are pure, and know
// no disk, no Git and no terminal.
var impure = []string{"os", "os/exec", "syscall", "net", "path/filepath", "github.com/spf13/", "github.com/fatih/", "github.com/go-git/", "github.com/fluxsum/fluxsum/internal/", "github.com/fluxsum/fluxsum/cmd/"}

func TestPackagesOfPkgArePure(t *testing.T) {
	for pkg, imports := range directImports(t, "github.com/fluxsum/fluxsum/pkg/...") {
		for _, imported := range imports {
			for _, bad := range impure {
				if imported == bad || strings.HasSuffix(bad, "/") && strings.HasPrefix(imported, bad) {
					t.Errorf("%s imports %s", pkg, imported)
				}
			}
		}
	}
}

// order is that of docs/architecture.md: imports go down only.
var order = []string{"cmd/fluxsum", "internal/torture", "internal/e2e", "internal/cli", "internal/report", "internal/hook", "internal/repo", "internal/git", "pkg/rollout", "pkg/live", "pkg/fluxsum", "pkg/checksum", "pkg/flux", "pkg/kustomize", "pkg/helmvalues", "pkg/delta", "pkg/secret", "pkg/yamledit", "pkg/parallel"}

func TestImportsGoDown(t *testing.T) {
	const module = "github.com/fluxsum/fluxsum/"
	level := map[string]int{}
	for i, pkg := range order {
		level[module+pkg] = i
	}
	for pkg, imports := range directImports(t, module+"...") {
		from, known := level[pkg]
		if !known {
			t.Errorf("%s has no place in the order", pkg)
		}
		for _, imported := range imports {
			if to, ours := level[imported]; ours && to <= from {
				t.Errorf("%s imports %s, which stands above it", pkg, imported)
			}
		}
	}
}

func directImports(t *testing.T, pattern string) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, pattern).Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		all[words[0]] = words[1:]
	}
	return all
}
