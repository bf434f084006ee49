package cli

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
)

// paged runs do with its output in the user's pager, when that goes to a
// terminal: the one that git would take.
func (a *app) paged(ctx context.Context, never bool, do func() error) error {
	out, ok := a.stdout.(results)
	if never || !ok || !a.settings.terminal(a.stdout) {
		return do()
	}
	command := strings.TrimSpace(pagerCommand(ctx))
	if command == "" || command == "cat" {
		return do()
	}
	p := &pager{command: command, screen: out.Writer}
	a.stdout = results{p}
	defer func() { a.stdout = out }()
	err := do()
	p.close()
	return err
}

// pagerCommand is what git would take: GIT_PAGER, core.pager, PAGER or its default. But
// core.pager is the user's own alone: a repository names no program.
func pagerCommand(ctx context.Context) string {
	if command, set := os.LookupEnv("GIT_PAGER"); set {
		return command
	}
	if command, set := (git.Git{}).OwnSetting(ctx, "core.pager"); set {
		return command
	}
	outside := git.Git{Env: []string{"GIT_DIR=" + os.DevNull}}
	command, err := outside.Line(ctx, "var", "GIT_PAGER")
	switch {
	case err == nil:
		return command
	case os.Getenv("PAGER") != "":
		return os.Getenv("PAGER")
	}
	return "less"
}

// pager is a program that shows what is written to it. It starts with the first
// byte: where there is nothing to show, no screen is cleared.
type pager struct {
	command string
	screen  io.Writer
	cmd     *exec.Cmd
	in      io.WriteCloser
}

// Write never fails because the user has quit.
func (p *pager) Write(text []byte) (int, error) {
	if p.in == nil {
		p.start()
	}
	if _, err := p.in.Write(text); err != nil {
		p.in = discard{}
	}
	return len(text), nil
}

// start starts the program by a shell, as git does; where it is not there, the text
// goes to the screen as it is.
func (p *pager) start() {
	p.in = direct{p.screen}
	name, _, _ := strings.Cut(p.command, " ")
	shell, err := exec.LookPath("sh")
	if err != nil || !isProgram(shell, name) {
		return
	}
	cmd := exec.Command(shell, "-c", p.command)
	cmd.Stdout, cmd.Stderr = p.screen, os.Stderr
	cmd.Env = append(os.Environ(), "GIT_PAGER_IN_USE=true")
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if _, set := os.LookupEnv(name); !set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	in, err := cmd.StdinPipe()
	if err == nil && cmd.Start() == nil {
		p.cmd, p.in = cmd, in
	}
}

// isProgram says whether a shell would find what a command begins with; what is more
// than a name it can tell itself.
func isProgram(shell, name string) bool {
	if strings.ContainsAny(name, "'\"\\$`;|&(){}<>=*?[]~#") {
		return true
	}
	return exec.Command(shell, "-c", "command -v "+name).Run() == nil
}

// close waits until the user has read it all.
func (p *pager) close() {
	if p.cmd != nil {
		_ = p.in.Close()
		_ = p.cmd.Wait()
	}
}

// direct is a screen without a program before it.
type direct struct{ io.Writer }

func (direct) Close() error { return nil }

// discard is where the rest goes when the user has seen enough.
type discard struct{}

func (discard) Write(text []byte) (int, error) { return len(text), nil }
func (discard) Close() error                   { return nil }
