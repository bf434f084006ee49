package hook

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/fluxsum/fluxsum/internal/repo"
)

// State is what there is to say of one hook.
type State struct {
	Hook, Path string
	Runs       bool   // git would run it, and it would run fluxsum
	Detail     string // by whom, or why not
}

// Status looks at the hooks of a repository. Ok says whether all that should
// run do.
func Status(ctx context.Context, r *repo.Repository) (states []State, ok bool, err error) {
	p, err := locate(ctx, r)
	if err != nil {
		return nil, false, err
	}
	ok = true
	for _, hook := range Names() {
		s := p.state(hook)
		states = append(states, s)
		ok = ok && s.Runs
	}
	if m := p.manager(); m != nil && m.Runs && states[0].Runs {
		ok = true // what else it runs is its own business
	}
	return states, ok, nil
}

func (p *place) state(hook string) State {
	s := State{Hook: hook, Path: filepath.Join(p.dir, hook)}
	text, err := os.ReadFile(s.Path)
	m := p.manager()
	switch {
	case p.isOff():
		s.Detail = ErrOff.Error()
	case err != nil && isThere(s.Path) && errors.Is(err, fs.ErrNotExist):
		s.Detail = "is a symlink to a file that does not exist, which git passes over"
	case err != nil && m != nil && m.Runs:
		s.Detail = m.File + " runs fluxsum, but the hook of " + m.name() + " is not installed in this clone"
	case err != nil:
		s.Detail = "is not installed"
		if m != nil {
			s.Detail += ", " + (&ManagedError{*m}).Error()
		}
	default:
		s.Detail = p.fault(s.Path, text, m)
		s.Runs = s.Detail == ""
	}
	if s.Runs {
		s.Detail = by(text, s.Path, m)
	}
	return s
}

// fault says why git would not run a hook that is there, or the hook not
// fluxsum; empty when all is well.
func (p *place) fault(path string, text []byte, m *Manager) string {
	info, err := os.Stat(path)
	first, _, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case err != nil:
		return err.Error()
	case info.Mode().Perm()&0o111 == 0:
		return "is not executable, so git passes over it"
	case isNoExec(path):
		return "lies on a file system that is mounted noexec, so git passes over it"
	case bytes.HasPrefix(first, []byte("#!")) && bytes.HasSuffix(first, []byte("\r")):
		return "has CRLF line endings, so it cannot start"
	case isOurs(text):
		return missingBinary(text)
	case bytes.Contains(text, []byte("fluxsum hooks run")), m != nil && m.Runs:
		return ""
	}
	return "is the hook of another tool, and does not run fluxsum"
}

func missingBinary(text []byte) string {
	if _, err := exec.LookPath("fluxsum"); err == nil {
		return ""
	}
	if _, err := exec.LookPath(recorded(text)); err == nil {
		return ""
	}
	return "finds fluxsum neither on PATH nor at " + recorded(text)
}

// by says who runs fluxsum.
func by(text []byte, path string, m *Manager) string {
	switch {
	case !isOurs(text) && m != nil:
		return "runs fluxsum, by " + m.name()
	case !isOurs(text):
		return "runs fluxsum, by hand"
	case isThere(path + previousSuffix):
		return "runs fluxsum, after the hook that was there before"
	}
	return "runs fluxsum"
}
