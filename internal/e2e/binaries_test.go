package e2e_test

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// modules is where each tool of the stack has its Go module: the versions stand there.
const modules = "../../testdata/e2e"

// tool is a module of the stack: its programs, and the CRDs that come with them.
type tool struct{ name, dir string }

// path is that of one of its programs.
func (t tool) path(program string) string { return filepath.Join(t.dir, program) }

// version is that of the module of a program, as the program itself tells it.
func (t tool) version(program string) (string, error) {
	info, err := buildinfo.ReadFile(t.path(program))
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(info.Main.Version, "v"), nil
}

// fetch returns a tool from the cache; what is not there yet is built.
func fetch(ctx context.Context, name string) (tool, error) {
	cache, err := cacheOf(name)
	if err != nil {
		return tool{}, err
	}
	if _, err := os.Stat(cache); err == nil {
		return tool{name, cache}, nil
	}
	begin := time.Now()
	say("building %s, once: it is kept in %s", name, cache)
	if err := buildInto(ctx, name, cache); err != nil {
		return tool{}, fmt.Errorf("building %s: %w", name, err)
	}
	say("built %s in %s", name, took(begin))
	return tool{name, cache}, nil
}

// cacheOf is the folder of a tool: another one when its module changes.
func cacheOf(name string) (string, error) {
	hash := sha256.New()
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(modules, name, file))
		if err != nil {
			return "", err
		}
		hash.Write(text)
	}
	user, err := os.UserCacheDir()
	return filepath.Join(user, "fluxsum", "e2e", fmt.Sprintf("%s-%.6x", name, hash.Sum(nil))), err
}

// buildInto builds a tool beside its place, so that what stands there is whole.
func buildInto(ctx context.Context, name, cache string) error {
	if err := os.MkdirAll(filepath.Dir(cache), 0o755); err != nil {
		return err
	}
	begun, err := os.MkdirTemp(filepath.Dir(cache), ".building-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(begun)
	if _, err := goIn(ctx, filepath.Join(modules, name), "build", "-trimpath", "-ldflags=-s -w", "-o", begun+string(filepath.Separator), "tool"); err != nil {
		return err
	}
	if err := copyCRDs(ctx, name, begun); err != nil {
		return err
	}
	return os.Rename(begun, cache)
}

// copyCRDs copies the definitions of what a controller acts on, where it has any.
func copyCRDs(ctx context.Context, name, to string) error {
	out, err := goIn(ctx, filepath.Join(modules, name), "list", "-f", "{{.Module.Dir}}", "tool")
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(strings.Fields(out)[0], "config", "crd", "bases", "*.yaml"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(file)), text, 0o644); err != nil {
			return err
		}
	}
	return err
}

// goIn runs the go command with its defaults, in a folder.
func goIn(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	// Interrupted, it takes away its folder.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, lastLines(stderr.String()))
	}
	return string(out), nil
}

// buildFluxsum builds the program with the flags of a release.
func buildFluxsum(ctx context.Context, to string) error {
	_, err := goIn(ctx, "../..", "build", "-trimpath", "-o", to, "./cmd/fluxsum")
	return err
}
