package hook

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/internal/repo"
)

// Manager is a tool that owns the hooks of a repository.
type Manager struct {
	Name string // as --print takes it; "" for a bare core.hooksPath
	File string // its config, where our lines belong
	Why  string // what shows that it is in charge
	Runs bool   // its config runs fluxsum already, in the hook that is asked for
}

// Managers are the words that --print takes.
func Managers() []string { return []string{"lefthook", "husky", "pre-commit"} }

// place is where git looks for the hooks of a repository.
type place struct {
	repo      *repo.Repository
	dir       string
	hooksPath string // the setting
	origin    string // where it is set
	isSet     bool
}

// locate asks git for its hooks.
func locate(ctx context.Context, r *repo.Repository) (*place, error) {
	if r.Top == "" {
		return nil, repo.ErrBare
	}
	p := &place{repo: r}
	g := r.Git()
	g.Guard.Off = true // what is set is asked for, and nothing is run
	dir, err := g.Line(ctx, "rev-parse", "--git-path", "hooks")
	if err != nil {
		return nil, err
	}
	if p.dir = filepath.FromSlash(dir); !filepath.IsAbs(p.dir) {
		p.dir = filepath.Join(r.Top, p.dir)
	}
	out, err := g.Line(ctx, "config", "--show-origin", "--type=path", "--get", "core.hooksPath")
	var failed *git.Error
	switch {
	case errors.As(err, &failed) && failed.Status == 1: // not set
		return p, nil
	case err != nil:
		return nil, err
	}
	p.isSet = true
	p.origin, p.hooksPath, _ = strings.Cut(out, "\t")
	p.origin = strings.TrimPrefix(p.origin, "file:")
	return p, nil
}

// isOff says whether git runs no hooks at all.
func (p *place) isOff() bool {
	if !p.isSet {
		return false
	}
	info, err := os.Stat(p.dir)
	return p.hooksPath == "" || err == nil && !info.IsDir()
}

// isOwn says whether the hooks stand in Git's own folder.
func (p *place) isOwn() bool {
	return !p.isSet || filepath.Clean(p.dir) == filepath.Join(p.repo.CommonDir, "hooks")
}

// manager returns the tool in charge of the hooks; nil when there is none.
func (p *place) manager() *Manager {
	for _, find := range []func() *Manager{p.husky, p.lefthook, p.preCommit, p.bare} {
		if m := find(); m != nil {
			m.Runs = p.runs(m, PreCommit)
			return m
		}
	}
	return nil
}

// runs says whether the config of a tool, at the top of the worktree or with a path
// of its own, runs fluxsum in a hook, in a line that is no comment.
func (p *place) runs(m *Manager, hook string) bool {
	text, err := readConfig(p.repo.Top, m.File)
	if err == nil && m.Name == "lefthook" {
		text = sectionOf(m.File, text, hook)
	}
	return err == nil && runsFluxsum(text)
}

// sectionOf is what stands below a hook in a config of lefthook. Of one that is no
// YAML, it is the lines that name the hook as ours do.
func sectionOf(file string, text []byte, hook string) []byte {
	var hooks map[string]any
	if path.Ext(file) != ".jsonc" && yaml.Unmarshal(text, &hooks) == nil {
		section, _ := yaml.Marshal(hooks[hook])
		return section
	}
	return bytes.Join(slices.DeleteFunc(bytes.Split(text, []byte("\n")), func(line []byte) bool {
		return !bytes.Contains(line, []byte(command(hook, "")))
	}), []byte("\n"))
}

func runsFluxsum(text []byte) bool {
	for line := range strings.SplitSeq(string(text), "\n") {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && (strings.Contains(line, "fluxsum hooks run") || ownHook.MatchString(line)) {
			return true
		}
	}
	return false
}

// ownHook is the hook of .pre-commit-hooks.yaml, in the config of pre-commit.
var ownHook = regexp.MustCompile(`\bid: *["']?fluxsum-update\b`)

// maxConfig is the size in bytes of a tool's config beyond which it is none.
const maxConfig = 4 << 20

// readConfig reads the config of a tool, from the top, unless it lies outside of the
// worktree or is no file; only what core.hooksPath names has a path of its own.
func readConfig(top, name string) ([]byte, error) {
	dir := top
	if filepath.IsAbs(name) {
		dir, name = filepath.Dir(name), filepath.Base(name)
	}
	folder, err := repo.OpenWorktree(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	info, err := folder.Stat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxConfig) {
		err = fs.ErrInvalid
	}
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(folder, name)
}

func (p *place) has(name string) bool {
	_, err := os.Stat(filepath.Join(p.repo.Top, filepath.FromSlash(name)))
	return err == nil
}

// made says whether a hook of the repository holds a word that its maker
// leaves there.
func (p *place) made(word string) bool {
	text, err := os.ReadFile(filepath.Join(p.dir, PreCommit))
	return err == nil && !isOurs(text) && strings.Contains(string(text), word)
}

func (p *place) husky() *Manager {
	switch {
	case strings.Contains(filepath.ToSlash(p.hooksPath), ".husky"):
		return &Manager{Name: "husky", File: ".husky/pre-commit", Why: "core.hooksPath is " + p.hooksPath}
	case p.isOwn() && p.has(".husky"):
		return &Manager{Name: "husky", File: ".husky/pre-commit", Why: "there is a folder .husky"}
	}
	return nil
}

func (p *place) lefthook() *Manager {
	for _, dir := range []string{"", ".", ".config/"} {
		for _, end := range []string{"yml", "yaml", "toml", "json", "jsonc"} {
			if file := dir + "lefthook." + end; p.has(file) {
				return &Manager{Name: "lefthook", File: file, Why: "there is a " + file}
			}
		}
	}
	if p.made("lefthook") {
		return &Manager{Name: "lefthook", File: "lefthook.yml", Why: "it has made the hook " + PreCommit}
	}
	return nil
}

func (p *place) preCommit() *Manager {
	const file = ".pre-commit-config.yaml"
	switch {
	case p.has(file):
		return &Manager{Name: "pre-commit", File: file, Why: "there is a " + file}
	case p.made("pre-commit.com"):
		return &Manager{Name: "pre-commit", File: file, Why: "it has made the hook " + PreCommit}
	}
	return nil
}

func (p *place) bare() *Manager {
	if p.isOwn() {
		return nil
	}
	return &Manager{File: filepath.ToSlash(filepath.Join(p.dir, PreCommit)), Why: "core.hooksPath is " + p.hooksPath + " (set in " + p.origin + ")"}
}
