// Package e2e proves what docs/flux.md and explain claim on the real controllers of
// Flux, with a real API server, from a commit on: make e2e. Without E2E in the
// environment each test is skipped.
//
// The test program runs twice. The outer one builds what is missing, starts the stack
// and then itself once more; the inner one runs the tests. However that ends, by a
// panic too, the outer one stops everything.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// stackVariable names the file that tells the inner program of the stack.
const stackVariable = "E2E_STACK"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv("E2E") == "":
		os.Exit(m.Run())
	case os.Getenv(stackVariable) != "":
		os.Exit(inside(m))
	}
	os.Exit(outside())
}

// needsStack skips a test where there is no stack.
func needsStack(t *testing.T) {
	t.Helper()
	if os.Getenv("E2E") == "" {
		t.Skip("E2E is not set: make e2e runs this on the real controllers of Flux")
	}
	t.Parallel()
}

// outside runs the tests in a program of its own, on a stack that it brings up.
func outside() int {
	// A process that Linux ends with its parent ends with the thread that started it.
	runtime.LockOSThread()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer cancel()
	if err := runOn(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return 0
}

func runOn(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "fluxsum-e2e-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &stack{Dir: dir}
	defer s.stop()
	defer func() {
		if ctx.Err() != nil {
			err = errors.New("stopped by a signal")
		}
	}()
	if err := s.start(ctx); err != nil {
		return err
	}
	if err = s.runTests(ctx); err != nil && ctx.Err() == nil {
		s.showLogs()
	}
	return err
}

// runTests runs this program once more.
func (s *stack) runTests(ctx context.Context) error {
	file, err := s.save()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"-test.parallel=20"}, os.Args[1:]...)...)
	cmd.Env = append(os.Environ(), stackVariable+"="+file)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.WaitDelay = time.Second
	endWithParent(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the tests failed: %w", err)
	}
	return nil
}

// inside runs the tests, and writes down what they saw.
func inside(m *testing.M) int {
	if err := enter(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	status := m.Run()
	err := results.write()
	if err == nil && status == 0 && os.Getenv("UPDATE") != "" {
		err = results.document()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return status
}

// say tells what is going on.
func say(format string, args ...any) { fmt.Printf("e2e: "+format+"\n", args...) }

// took is the time since then, for people.
func took(since time.Time) time.Duration { return time.Since(since).Round(100 * time.Millisecond) }
