package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// stack is all that runs, as the inner program is told of it.
type stack struct {
	Dir      string // holds all that is written
	Server   string // the URL of the API server
	Fluxsum  string // the programs under test and around it
	Kubectl  string
	Versions map[string]string // of each program
	// Controllers are those of Flux, by name.
	Controllers map[string]*controller

	processes []*process
}

// start builds what is missing and brings everything up.
func (s *stack) start(ctx context.Context) error {
	for _, program := range []string{"go", "git", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is not installed, and is needed", program)
		}
	}
	s.Versions, s.Controllers = map[string]string{}, map[string]*controller{}
	s.Fluxsum = filepath.Join(s.Dir, "bin", "fluxsum")
	if err := buildFluxsum(ctx, s.Fluxsum); err != nil {
		return fmt.Errorf("building fluxsum: %w", err)
	}
	tools, err := s.fetchAll(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := s.startServer(ctx, tools); err != nil {
		return err
	}
	if err := s.startControllers(ctx, tools); err != nil {
		return err
	}
	say("the stack is up after %s, in %s", took(begin), s.Dir)
	return nil
}

// fetchAll returns all tools that have a module.
func (s *stack) fetchAll(ctx context.Context) (map[string]tool, error) {
	folders, err := os.ReadDir(modules)
	if err != nil {
		return nil, err
	}
	all := map[string]tool{}
	for _, folder := range folders {
		if all[folder.Name()], err = fetch(ctx, folder.Name()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// save writes down what the inner program has to know.
func (s *stack) save() (file string, err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	file = filepath.Join(s.Dir, "stack.json")
	return file, os.WriteFile(file, text, 0o600)
}

// live is the stack that the tests use.
var live *stack

// enter makes the inner program ready: the stack, and git and fluxsum that behave the
// same for everybody.
func enter() error {
	text, err := os.ReadFile(os.Getenv(stackVariable))
	if err != nil {
		return err
	}
	live = &stack{}
	if err := json.Unmarshal(text, live); err != nil {
		return err
	}
	plainEnvironment()
	return startArtifacts()
}

func plainEnvironment() {
	for _, name := range []string{"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GITHUB_ACTIONS", "FLUXSUM_CONFIG"} {
		os.Unsetenv(name)
	}
	for name, value := range map[string]string{
		"PATH":                strings.Join([]string{filepath.Dir(live.Fluxsum), filepath.Dir(live.Kubectl), os.Getenv("PATH")}, string(os.PathListSeparator)),
		"HOME":                live.Dir,
		"XDG_CONFIG_HOME":     live.Dir,
		"TMPDIR":              live.Dir,
		"KUBECONFIG":          live.kubeconfig(),
		"GIT_CONFIG_NOSYSTEM": "1",
		"GIT_CONFIG_GLOBAL":   os.DevNull,
		"GIT_AUTHOR_NAME":     "A", "GIT_AUTHOR_EMAIL": "a@example.org",
		"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
		"NO_COLOR": "1",
	} {
		os.Setenv(name, value)
	}
}
