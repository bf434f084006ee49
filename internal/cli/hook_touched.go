package cli

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/git"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// touched returns the config with the rules chosen that the commit touches: of
// which a source or target differs from HEAD, or all when the config does.
func (h *hookRun) touched(s *side) *fluxsum.Config {
	differing := map[string]bool{}
	var names []string
	for _, p := range s.index.Differing(h.head) {
		differing[p] = true
		if name, ok := s.index.Below(p); ok {
			names = append(names, name)
		}
	}
	if slices.Contains(names, s.configName) {
		return s.config
	}
	names = append(names, s.behindLinks(differing)...)
	for _, r := range s.all.Results {
		for _, name := range r.Files {
			if slices.ContainsFunc(s.index.Way(name), func(p string) bool { return differing[p] }) {
				names = append(names, name)
			}
		}
	}
	return s.config.Touched(names)
}

// behindLinks returns differing paths by the names that globs have for them,
// whose folder is reached through a symlink.
func (s *side) behindLinks(differing map[string]bool) []string {
	var names []string
	for _, folder := range s.config.Paths() {
		real := s.index.Behind(folder)
		if real == s.index.FromTop(folder) {
			continue
		}
		for p := range differing {
			if rest, ok := strings.CutPrefix(p, real+"/"); ok {
				names = append(names, path.Join(folder, rest))
			}
		}
	}
	return names
}

// askHead makes known what HEAD holds at the paths that the index was asked for.
func (h *hookRun) askHead(ctx context.Context, s *side) (err error) {
	if h.history == nil {
		if h.history, err = h.repo.OpenHistory(ctx); err != nil {
			return err
		}
		h.head, h.asked = map[string]git.Entry{}, map[string]bool{}
	}
	paths := slices.DeleteFunc(s.index.Listed(), func(p string) bool { return h.asked[p] })
	for _, p := range paths {
		h.asked[p] = true
	}
	head, err := h.history.Head(paths)
	maps.Copy(h.head, head)
	return err
}

// leavesConfig says whether the commit has the config that HEAD has: a changed one
// touches all rules.
func (h *hookRun) leavesConfig(ctx context.Context, p *project) bool {
	if err := h.askHead(ctx, &side{project: p}); err != nil {
		return true
	}
	return !slices.ContainsFunc(p.index.Differing(h.head), func(path string) bool {
		name, ok := p.index.Below(path)
		return ok && name == p.configName
	})
}

// noConfig is silent on a branch that has no config; a config that was asked for
// by the environment must be there.
func (h *hookRun) noConfig(ctx context.Context) error {
	if config := h.app.settings.config; config != "" && config == os.Getenv("FLUXSUM_CONFIG") {
		return h.app.noConfig("the index", "unset FLUXSUM_CONFIG, or stage that file")
	}
	if h.app.settings.config != "" && h.holdsUsual(ctx) {
		h.app.warn(&fluxsum.Problem{File: h.app.settings.config, Message: "is not in the index, so this commit is not checked; " + fluxsum.ConfigName + " is", Hint: "run `fluxsum hooks install` to have the hook use that"})
		return nil
	}
	h.untrackedConfig()
	return nil
}

// holdsUsual says whether the index holds a config at the top.
func (h *hookRun) holdsUsual(ctx context.Context) bool {
	index, err := h.repo.OpenIndex(ctx, ".")
	if err != nil {
		return false
	}
	defer index.Close()
	has, err := index.HasFile(fluxsum.ConfigName)
	return has && err == nil
}

// untrackedConfig tells somebody who has written a config, but not added it,
// why nothing happens.
func (h *hookRun) untrackedConfig() {
	names, err := h.app.configNames(h.repo)
	if err != nil {
		return
	}
	for _, name := range names {
		if fileThere(filepath.Join(h.repo.Top, filepath.FromSlash(name))) {
			h.app.warn(&fluxsum.Problem{File: name, Message: "is not in the index, so this commit is not checked", Hint: "run `git add " + name + "`, then `git commit --amend`"})
			return
		}
	}
}

// warnUntouched tells of rules that are not true, but that this commit does not
// touch.
func (h *hookRun) warnUntouched(s *side) {
	touched := map[string]bool{}
	for _, name := range s.touched.Chosen() {
		touched[name] = true
	}
	warned := 0
	for _, r := range s.all.Results {
		if r.State == fluxsum.OK || touched[r.Rule] {
			continue
		}
		p := &fluxsum.Problem{File: r.Target.File, Line: r.Target.Line, Column: r.Target.Column}
		p.Message = fmt.Sprintf("the checksum of %s was %s before this commit, which does not touch it", r.Rule, r.State)
		if r.State == fluxsum.Failed {
			p.Message = fmt.Sprintf("the checksum of %s could not be told before this commit, which does not touch it: %s", r.Rule, r.Problems[0].Message)
		}
		h.app.warn(p)
		if r.State != fluxsum.Failed {
			warned++
		}
	}
	if warned > 0 {
		h.app.hint("run `fluxsum update --commit` to set it right")
	}
}
