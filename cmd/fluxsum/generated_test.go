package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCompletionsAreUpToDate: completions/ holds what the program prints.
func TestCompletionsAreUpToDate(t *testing.T) {
	for shell, file := range map[string]string{"bash": "fluxsum.bash", "zsh": "_fluxsum", "fish": "fluxsum.fish", "powershell": "fluxsum.ps1"} {
		want, err := exec.Command(filepath.Join(binDir, "fluxsum"), "completion", shell).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile("../../completions/" + file); err != nil || string(got) != string(want) {
			t.Errorf("completions/%s is not what the program prints (%v); run make generate", file, err)
		}
	}
}
