package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// adoptAll makes rules of the checksums that stand somewhere: one for all places
// of the same files, key and algorithm.
func (p *proposer) adoptAll() {
	var all []adopted
	for _, s := range p.standings() {
		if p.taken[where(s.at)+" "+s.key] || p.taken[where(s.at)] {
			continue
		}
		if s.algo == "" {
			p.note(false, "%s (%s) holds no checksum, so that it cannot be told of which file: write a rule for it, or put a checksum of the file there first", s.key, where(s.at))
			continue
		}
		a, ok := p.adopt(s)
		if ok && p.partial(a) {
			continue // the rule for all files of the release goes there
		}
		switch {
		case !ok && !calledChecksum(s.key):
			continue
		case !ok:
			p.note(false, "%s looks like a checksum (%s), but not of which file", s.key, where(s.at))
			continue
		case p.idle(a):
			p.note(false, "%s (%s) is a checksum that no rule keeps true, and that wakes nothing; another rule wakes %s %s: take the annotation out, or write a rule for it", s.key, where(s.at), a.object.Kind, a.object.OriginalName())
			continue
		}
		p.taken[where(s.at)+" "+s.key] = true
		all = append(all, a)
	}
	groups := grouped(all)
	for _, same := range groups {
		p.adoptRule(same, p.nameOf(same[0], groups))
	}
}

// idle says whether a checksum wakes nothing, and the rules of the config wake
// its object whenever its files change.
func (p *proposer) idle(a adopted) bool {
	if wakes(p.Graph.Verdict(flux.Spot{Object: a.object, Build: a.build, Path: a.path, Key: a.key})) {
		return false
	}
	return !slices.ContainsFunc(a.stands, func(file string) bool { return !p.woken(a.object, file) })
}

// partial says whether a checksum under the key that wakes a release is not of
// all its files, but for that in which it stands.
func (p *proposer) partial(a adopted) bool {
	if a.object.OriginalName() == "" {
		return false
	}
	if a.object.Kind != "HelmRelease" || a.key != flux.RequestedAt || a.path[0] != "metadata" {
		return false
	}
	p.manifests()
	files, _ := p.sleeping(p.writtenAs[a.object])
	return !subset(without(files, a.at.File), a.stands)
}

// grouped puts together what one rule can hold.
func grouped(all []adopted) [][]adopted {
	var groups [][]adopted
	for _, a := range all {
		i := slices.IndexFunc(groups, func(g []adopted) bool { return g[0].sameRule(a) })
		if i < 0 {
			groups = append(groups, []adopted{a})
		} else {
			groups[i] = append(groups[i], a)
		}
	}
	return groups
}

// nameOf is the annotation key, where no other rule has it, else with the name
// of the object before it; for the key that all releases share, the name of the
// object alone.
func (p *proposer) nameOf(a adopted, groups [][]adopted) string {
	if a.key == flux.RequestedAt {
		return p.name(a.object.OriginalName(), a.object, a.at.File)
	}
	for _, g := range groups {
		if g[0].key == a.key && !g[0].sameRule(a) {
			return p.name(a.object.OriginalName()+"/"+a.key, a.object, a.at.File)
		}
	}
	return p.name(a.key, a.object, a.at.File)
}

func (a adopted) sameRule(b adopted) bool {
	return slices.Equal(a.stands, b.stands) && a.key == b.key && a.algo == b.algo && a.content == b.content
}

func (p *proposer) adoptRule(same []adopted, name string) {
	a := same[0]
	rule := Proposed{Adopted: true, Rule: fluxsum.Rule{Annotation: a.key, Algorithm: a.algo, Content: a.content, Files: patterns(a.stands, a.single)}}
	rule.Name = name
	var at []string
	for _, s := range same {
		rule.Targets = append(rule.Targets, p.target(s.standing))
		at = append(at, where(s.at))
	}
	state := "and is true"
	if !a.exact {
		state = "and is not true now: told by its name"
	}
	rule.Reason = []string{fmt.Sprintf("This checksum stands there already (%s), %s.", strings.Join(at, ", "), state)}
	if v := p.Graph.Verdict(flux.Spot{Object: a.object, Build: a.build, Path: a.path, Key: a.key}); !wakes(v) && a.path[0] != "commonAnnotations" {
		rule.Reason = append(rule.Reason, fmt.Sprintf("What Flux does when this annotation alone changes: %s; %s.", v.When, v.Why))
	}
	for _, s := range same {
		p.adoptedAt[where(s.at)+" "+s.key] = len(p.out.Rules)
	}
	p.out.Rules = append(p.out.Rules, rule)
	for _, file := range a.stands {
		for _, s := range same {
			p.adopted[file] = append(p.adopted[file], s.at)
		}
	}
}

// patterns are files as a rule names them: several, so that a listing is
// hashed, even where it is one file.
func patterns(files []string, single bool) []string {
	all := make([]string, len(files))
	for i, file := range files {
		all[i] = fluxsum.Literal(file)
	}
	if len(all) == 1 && !single {
		all = append(all, all[0])
	}
	return all
}

// target names the place of a standing checksum.
func (p *proposer) target(s standing) fluxsum.Target {
	t := fluxsum.Target{File: fluxsum.Literal(s.at.File)}
	if s.path[0] == "commonAnnotations" {
		return t
	}
	t.Kind, t.Name = s.object.Kind, s.object.OriginalName()
	if p.ambiguous(s.at.File, s.object) {
		t.Namespace = s.object.OriginalNamespace()
	}
	if path := fieldPath(s.path); path != fluxsum.DefaultPath {
		t.Path = path
	}
	return t
}

// ambiguous says whether a file holds another object of that kind and name.
func (p *proposer) ambiguous(file string, of *kustomize.Object) bool {
	return slices.ContainsFunc(p.Graph.Declared(file, of.Kind, of.OriginalName(), ""), func(o flux.Spot) bool {
		return o.Object.File == file && o.Object.Line != of.Line
	})
}

// fieldPath writes a path as targets have it.
func fieldPath(path []string) string {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = strings.ReplaceAll(step, ".", `\.`)
	}
	return strings.Join(steps, ".")
}
