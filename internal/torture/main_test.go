// Package torture holds the program to what docs/reliability.md says: with the real
// binary and the real git, under kills, faults, company and chance. Plain go test runs
// a part; TORTURE=full the whole (make torture).
package torture_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the program as it is released, scratch a folder that goes when all is done.
var binary, scratch string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fluxsum-torture-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	status := 1
	if err := build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		plainEnvironment(dir)
		status = m.Run()
		printFigures()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// build builds the program with the flags of a release.
func build(dir string) error {
	binary = filepath.Join(dir, "bin", "fluxsum")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, "../../cmd/fluxsum")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// plainEnvironment makes git and fluxsum behave the same for everybody.
func plainEnvironment(dir string) {
	for _, name := range []string{"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GITHUB_ACTIONS", "FLUXSUM_CONFIG"} {
		os.Unsetenv(name)
	}
	for name, value := range map[string]string{
		"PATH":                filepath.Dir(binary) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME":                dir,
		"XDG_CONFIG_HOME":     dir,
		"GIT_CONFIG_NOSYSTEM": "1",
		"GIT_CONFIG_GLOBAL":   os.DevNull,
		"GIT_AUTHOR_NAME":     "A", "GIT_AUTHOR_EMAIL": "a@example.org",
		"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
		"NO_COLOR": "1",
	} {
		os.Setenv(name, value)
	}
}

// full says whether the whole was asked for.
func full() bool { return os.Getenv("TORTURE") == "full" }

// times is how often something is done: part in plain go test, all for the whole.
func times(part, all int) int {
	if full() {
		return all
	}
	return part
}

// figures are what the tests have counted, for docs/reliability.md.
var figures []string

func figure(what string, count int) {
	figures = append(figures, fmt.Sprintf("| %s | %d |", what, count))
}

func printFigures() {
	if full() {
		fmt.Println("| what | times |\n| --- | ---: |")
		for _, line := range figures {
			fmt.Println(line)
		}
	}
}
