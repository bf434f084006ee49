package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// binDir holds the real program, built once for all scripts.
var binDir string

func TestMain(m *testing.M) {
	status, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

func buildAndRun(m *testing.M) (status int, err error) {
	binDir, err = os.MkdirTemp("", "fluxsum-bin")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(binDir)
	name := "fluxsum"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	args := append([]string{"build"}, buildFlags...)
	build := exec.Command("go", append(args, "-o", filepath.Join(binDir, name), ".")...)
	build.Env = append(os.Environ(), buildEnv...)
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return 1, err
	}
	return m.Run(), writeBench()
}

// TestScripts runs testdata/script: one file a behaviour, named after it.
// UPDATE=1 rewrites the outputs that a script expects.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "../../testdata/script",
		UpdateScripts:      os.Getenv("UPDATE") != "",
		RequireUniqueNames: true,
		Setup:              setup,
		Condition:          condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"snapshot": snapshot,
			"changed":  changed,
			"holds":    holds,
			"fits":     fits,

			"start":      start,
			"startfiles": startFiles,
			"sums":       sums,
			"status":     status,
			"committed":  committed,
			"edit":       edit,

			"commits":  commits,
			"gocaches": goCaches,

			"action":   action,
			"checkout": checkout,
			"server":   server,
		},
	})
}

// condition tells what a script may need: git-reftable is a git that keeps
// references in reftables.
func condition(name string) (bool, error) {
	switch name {
	case "race":
		return len(buildEnv) == 0, nil
	case "git-reftable":
		return knowsReftable()
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

func knowsReftable() (bool, error) {
	dir, err := os.MkdirTemp("", "reftable")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	return exec.Command("git", "init", "-q", "--ref-format=reftable", dir).Run() == nil, nil
}

// setup puts the program on PATH, the example trees at $TREES, and keeps the
// environment of whoever runs the tests out.
func setup(env *testscript.Env) error {
	trees, err := filepath.Abs("../../testdata")
	if err != nil {
		return err
	}
	tools, err := toolsDir()
	if err != nil {
		return err
	}
	env.Setenv("PATH", strings.Join([]string{binDir, os.Getenv("PATH"), tools}, string(os.PathListSeparator)))
	env.Setenv("TREES", trees)
	env.Setenv("NO_COLOR", "")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // of no use when nothing else runs
	env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	env.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(env.WorkDir, ".gitconfig"))
	return os.WriteFile(filepath.Join(env.WorkDir, ".gitconfig"), []byte("[user]\n\tname = Test\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n"), 0o644)
}
