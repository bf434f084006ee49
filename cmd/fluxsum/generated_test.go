package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// generated are the makers of what `make generate` writes, by their names: each
// returns its files, named from the top, with their texts.
var generated = map[string]func(*testing.T) map[string]string{
	"completions": completionScripts,
	"schema":      configSchema,
	"session":     sessionPicture,
}

// TestGenerated holds up to date what is made from the program. With UPDATE=1,
// which is what `make generate` does, it writes the files instead.
func TestGenerated(t *testing.T) {
	onlyOnce(t)
	for _, name := range slices.Sorted(maps.Keys(generated)) {
		t.Run(name, func(t *testing.T) {
			for file, want := range generated[name](t) {
				holdGenerated(t, file, want)
			}
		})
	}
}

func holdGenerated(t *testing.T, file, want string) {
	t.Helper()
	path := filepath.Join("../..", filepath.FromSlash(file))
	got, err := os.ReadFile(path)
	switch {
	case err == nil && string(got) == want:
	case os.Getenv("UPDATE") == "":
		t.Errorf("%s is not what the program makes (%v); run make generate", file, err)
	default:
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// completionScripts are those that the program prints.
func completionScripts(t *testing.T) map[string]string {
	all := map[string]string{}
	for shell, file := range map[string]string{"bash": "fluxsum.bash", "zsh": "_fluxsum", "fish": "fluxsum.fish", "powershell": "fluxsum.ps1"} {
		text, err := exec.Command(filepath.Join(binDir, "fluxsum"), "completion", shell).Output()
		if err != nil {
			t.Fatal(err)
		}
		all["completions/"+file] = string(text)
	}
	return all
}
