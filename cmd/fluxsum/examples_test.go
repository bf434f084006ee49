package main

import (
	"crypto/md5"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/cli"
)

// TestExamples runs the examples of every command, those of one after the other in
// one repository: each is found out (0) or finds something (1), and none is refused.
func TestExamples(t *testing.T) {
	onlyOnce(t)
	for _, cmd := range manualCommands(cli.Command()) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			if cmd.Example == "" {
				t.Fatal("no example")
			}
			dir := exampleRepository(t)
			if strings.Contains(cmd.Example, "fluxsum init") {
				removeConfig(t, dir)
			}
			for line := range strings.Lines(cmd.Example) {
				runExample(t, dir, strings.TrimSpace(line))
			}
		})
	}
}

// removeConfig leaves a repository that fluxsum is new to.
func removeConfig(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, ".fluxsum.yaml")); err != nil {
		t.Fatal(err)
	}
}

func runExample(t *testing.T, dir, line string) {
	t.Helper()
	name := "sh"
	if strings.Contains(line, "<(") {
		needs(t, "bash")
		name = "bash"
	}
	if strings.Contains(line, "kubectl") {
		line = "PATH=" + kubectlOfTheExample(t) + ":$PATH; " + line
	}
	if out, status := shell(t, dir, name, line); status > 1 {
		t.Errorf("%s: exit status %d\n%s", line, status, out)
	}
}

// kubectlOfTheExample is a folder with a kubectl that answers each question with the
// release of the example, which has its checksums.
func kubectlOfTheExample(t *testing.T) string {
	t.Helper()
	annotations := map[string]string{}
	for _, name := range []string{"element", "synapse"} {
		text, err := os.ReadFile("../../testdata/matrix-gitops/apps/production/custom-configs/" + name + "-values.yaml")
		if err != nil {
			t.Fatal(err)
		}
		annotations[name+"-config-checksum"] = fmt.Sprintf("%x", md5.Sum(text))
	}
	release, err := json.Marshal(map[string]any{
		"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
		"metadata": map[string]any{"name": "matrix-stack", "namespace": "ess", "annotations": annotations},
		"status":   map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "True"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "kubectl"), []byte("#!/bin/sh\necho '"+string(release)+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

// manualCommands are the commands that the manual tells of, the root first.
func manualCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range below(cmd) {
		all = append(all, manualCommands(sub)...)
	}
	return all
}

// below are the commands below one, but for hidden ones.
func below(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			all = append(all, sub)
		}
	}
	return all
}

// TestHelpFits holds every help to the width of a terminal, and that nothing is
// left unsaid.
func TestHelpFits(t *testing.T) {
	for _, cmd := range manualCommands(cli.Command()) {
		if cmd.Short == "" || cmd.Long == "" {
			t.Errorf("%s lacks a text", cmd.CommandPath())
		}
		out, status := shell(t, t.TempDir(), "sh", cmd.CommandPath()+" --help")
		if status != 0 {
			t.Errorf("%s --help: exit status %d\n%s", cmd.CommandPath(), status, out)
		}
		for line := range strings.Lines(out) {
			if line = strings.TrimSuffix(line, "\n"); len(line) > 80 {
				t.Errorf("%s --help is wider than 80 columns: %q", cmd.CommandPath(), line)
			}
		}
	}
}
