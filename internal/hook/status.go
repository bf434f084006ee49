package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	Cure       string // what is to be done, where hooks install cannot do it
	Behind     *BehindError
}

// BehindError says that a script ends before its line of fluxsum.
type BehindError struct {
	File string // the script, from the top where it lies below
	Line int    // of its end
	end  ending
}

// Error names the end.
func (e *BehindError) Error() string {
	return "the fluxsum line stands behind " + e.end.String() + " and is never reached"
}

// Status looks at the hooks of a repository. Ok says whether all that should
// run do. Config is the config's path from the top, when it is another than usual.
func Status(ctx context.Context, r *repo.Repository, config string) (states []State, ok bool, err error) {
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
	commit, merge := states[0], &states[1]
	if m := p.manager(); m != nil && m.Runs && commit.Runs && !merge.Runs {
		ok = true // which hooks a tool runs is its own business
		if merge.Cure == "" {
			merge.Cure = p.mergeCure(*merge, config)
		}
	}
	return states, ok, nil
}

// mergeCure is what to do where a tool runs fluxsum for commits, but not for
// merges.
func (p *place) mergeCure(merge State, config string) string {
	m, line := p.managerOf(PreMerge), command(PreMerge, config)
	switch {
	case m.Runs && m.Name == PreCommitFramework:
		return "run `pre-commit install -t " + PreMerge + "`"
	case m.Runs && m.cure() != "":
		return "run `" + m.cure() + "`"
	case m.Runs:
		return merge.Hook + " " + merge.Detail
	case m.Name == "lefthook":
		return "put `run: " + line + "` as a command of " + PreMerge + " into " + m.File + ", then run `" + m.cure() + "`"
	}
	script, _ := readConfig(p.repo.Top, m.File)
	if end, ends := endOf(string(script)); ends {
		return "the line for " + m.File + ", above " + end.String() + ", is: " + line
	}
	return "the line for " + m.File + " is: " + line
}

func (p *place) state(hook string) State {
	s := State{Hook: hook, Path: filepath.Join(p.dir, hook)}
	text, err := os.ReadFile(s.Path)
	m := p.managerOf(hook)
	switch {
	case p.isOff():
		s.Detail = p.off().Error()
	case err != nil && isThere(s.Path) && errors.Is(err, fs.ErrNotExist):
		s.Detail = "is a symlink to a file that does not exist, which git passes over"
	case err != nil && m != nil && m.Runs:
		s.Detail = m.File + " runs fluxsum, but the hook of " + m.name() + " is not installed in this clone"
	case err != nil:
		s.Detail = "is not installed"
		if isThere(s.Path + previousSuffix) {
			s.Detail += "; the hook that was there before is kept beside it"
		}
		if m != nil {
			s.Detail += ", " + (&ManagedError{*m}).Error()
		}
	default:
		s.Detail = p.fault(s, text, m)
		if s.Detail == "" {
			p.lookBehind(&s, text, m)
		}
		s.Runs = s.Detail == ""
	}
	if s.Runs {
		s.Detail = by(text, s.Path, m)
	}
	return s
}

// lookBehind says of a hook with a line of fluxsum that it is never reached. The line
// stands in the hook, or in the script that the hook of husky runs.
func (p *place) lookBehind(s *State, text []byte, m *Manager) {
	file, in := p.fromTop(s.Path), ""
	if byTool := m != nil && m.Runs && m.Name != "" && !isOurs(text); byTool {
		if m.Name != "husky" {
			return // its config is no script
		}
		if text, _ = readConfig(p.repo.Top, m.File); m.File != file {
			file, in = m.File, "in "+m.File+" "
		}
	}
	if end, is := neverReached(text); is {
		s.Behind = &BehindError{file, end.line, end}
		s.Detail = in + s.Behind.Error()
		s.Cure = fmt.Sprintf("put the fluxsum line above line %d of %s", end.line, file)
	}
}

// fromTop is a path as seen from the top of the worktree, where it lies below.
func (p *place) fromTop(path string) string {
	if rel, err := filepath.Rel(p.repo.Top, path); err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	return filepath.ToSlash(path)
}

// managerOf returns the tool in charge, as far as one hook is concerned.
func (p *place) managerOf(hook string) *Manager {
	m := p.manager()
	switch {
	case m == nil:
		return nil
	case m.Name == "husky":
		m.File = ".husky/" + hook
	case m.Name == "":
		m.File = filepath.ToSlash(filepath.Join(p.dir, hook))
	}
	m.Runs = p.runs(m, hook)
	return m
}

// fault says why git would not run a hook that is there, or the hook not
// fluxsum; empty when all is well.
func (p *place) fault(s State, text []byte, m *Manager) string {
	if why := unstartable(s.Path, text); why != "" {
		return why
	}
	switch {
	case isOurs(text):
		if isEdited(text) {
			return "was made by fluxsum and edited since"
		}
		if previous, err := os.ReadFile(s.Path + previousSuffix); err == nil && isExecutable(s.Path+previousSuffix) && hasCRLF(previous) {
			return "runs a hook that was there before, which has CRLF line endings, so it cannot start"
		}
		return missingBinary(text)
	case runsFluxsum(text), m != nil && m.Runs:
		return ""
	}
	return "is the hook of another tool, and does not run fluxsum"
}

// unstartable says why git would not start a hook.
func unstartable(path string, text []byte) string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err.Error()
	case info.Mode().Perm()&0o111 == 0:
		return "is not executable, so git passes over it"
	case isNoExec(path):
		return "lies on a file system that is mounted noexec, so git passes over it"
	case hasCRLF(text):
		return "has CRLF line endings, so it cannot start"
	}
	return ""
}

func hasCRLF(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.HasPrefix(first, []byte("#!")) && bytes.HasSuffix(first, []byte("\r"))
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

// leadsNowhere says whether a symlink leads to nothing.
func leadsNowhere(path string) bool {
	_, err := os.Stat(path)
	return err != nil && isThere(path)
}

// by says who runs fluxsum.
func by(text []byte, path string, m *Manager) string {
	switch {
	case !isOurs(text) && m != nil:
		return "runs fluxsum, by " + m.name()
	case !isOurs(text):
		return "runs fluxsum, by hand"
	case isExecutable(path + previousSuffix):
		return "runs fluxsum, after the hook that was there before"
	case leadsNowhere(path + previousSuffix):
		return "runs fluxsum; the hook that was there before is a symlink to nothing, so it is passed over"
	case isThere(path + previousSuffix):
		return "runs fluxsum; the hook that was there before is not executable, so it is passed over"
	}
	return "runs fluxsum"
}
