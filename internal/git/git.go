// Package git runs Git's plumbing: commands whose input and output are fixed,
// whatever a user has configured. It knows nothing of checksums.
package git

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// ErrNoBinary says that there is no git on PATH.
var ErrNoBinary = errors.New("git is not on PATH")

// Git runs git in a folder.
type Git struct {
	// Dir is where git runs: the top of the worktree, so that its paths are
	// those of the index.
	Dir string
	// Env is added to the environment.
	Env []string
	// Settings are given with -c.
	Settings []string
	// Guard is against what a repository would have git run.
	Guard Guard
}

// Error is a git that failed.
type Error struct {
	Args   []string
	Status int
	Stderr string
}

// Error returns what git said: its end, and the cause, which comes before that.
func (e *Error) Error() string {
	end, cause := line(e.Stderr, "fatal: "), line(e.Stderr, "error: ")
	switch {
	case end != "" && cause != "":
		return end + " (" + cause + ")"
	case end != "":
		return end
	case cause != "":
		return cause
	}
	said, _, _ := strings.Cut(strings.TrimSpace(e.Stderr), "\n")
	if said == "" || strings.HasPrefix(said, passedOver) {
		said = "git " + e.Args[0] + " failed"
	}
	return strings.TrimSuffix(said, ".")
}

// passedOver begins what git update-index says of a path that cannot be in an index.
const passedOver = "Ignoring path "

// line is the rest of the first line with a mark.
func line(text, mark string) string {
	_, after, _ := strings.Cut(text, mark)
	after, _, _ = strings.Cut(after, "\n")
	return strings.TrimSuffix(after, ".")
}

// IsLocked says whether an error is that of an index which another git holds.
func IsLocked(err error) bool {
	var e *Error
	return errors.As(err, &e) && strings.Contains(e.Stderr, ".lock'") && strings.Contains(e.Stderr, "File exists")
}

// Run runs a command and returns what it prints. The error is an *Error when
// git failed.
func (g Git) Run(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	var out, stderr bytes.Buffer
	cmd, err := g.command(ctx, args...)
	if err != nil {
		return nil, err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &stderr
	if stdin == nil {
		cmd.Stdin = nil
	}
	if err := cmd.Run(); err != nil {
		return out.Bytes(), failure(ctx, args, err, stderr.String())
	}
	return out.Bytes(), nil
}

// Line runs a command that prints one line.
func (g Git) Line(ctx context.Context, args ...string) (string, error) {
	out, err := g.Run(ctx, nil, args...)
	return strings.TrimSuffix(string(out), "\n"), err
}

// AsUser runs a porcelain command as the user would, with his environment and
// his settings; what it prints goes to out.
func (g Git) AsUser(ctx context.Context, out io.Writer, args ...string) error {
	g.Guard = Guard{Off: true}
	cmd, err := g.command(ctx, args...)
	if err != nil {
		return err
	}
	cmd.Env = append(os.Environ(), g.Env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, out
	if err := cmd.Run(); err != nil {
		return failure(ctx, args, err, "")
	}
	return nil
}

func failure(ctx context.Context, args []string, err error, stderr string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	status := -1
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		stderr = err.Error()
	}
	return &Error{args, status, stderr}
}

func (g Git) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrNoBinary
	}
	var settings []string
	for _, s := range slices.Concat(g.Guard.settings(), g.Settings) {
		settings = append(settings, "-c", s)
	}
	cmd := exec.CommandContext(ctx, path, append(settings, args...)...)
	cmd.Dir, cmd.Env = g.Dir, g.environ()
	// Asked to end, git removes its locks; killed, it would leave them.
	cmd.Cancel = func() error { return endGently(cmd.Process) }
	cmd.WaitDelay = 5 * time.Second
	return cmd, nil
}

// pathspecs are variables that change what a path means to git.
var pathspecs = []string{"GIT_GLOB_PATHSPECS=", "GIT_NOGLOB_PATHSPECS=", "GIT_ICASE_PATHSPECS="}

// fixed makes git print the same for everybody: paths are only paths, messages
// are English, no object stands for another, no lock is taken for reading.
var fixed = []string{"GIT_LITERAL_PATHSPECS=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C"}

func (g Git) environ() []string {
	return slices.Concat(without(os.Environ(), pathspecs), fixed, g.Guard.environ(), g.Env)
}

func without(env, prefixes []string) []string {
	kept := make([]string, 0, len(env)+len(fixed))
next:
	for _, v := range env {
		for _, prefix := range prefixes {
			if strings.HasPrefix(v, prefix) {
				continue next
			}
		}
		kept = append(kept, v)
	}
	return kept
}
