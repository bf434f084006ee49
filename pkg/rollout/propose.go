package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Proposal is what a repository lacks.
type Proposal struct {
	Rules []Proposed
	// Notes say what needs no rule, or cannot have one, and why.
	Notes []ProposalNote

	before *flux.Graph // of the tree as it is
}

// ProposalNote is why there is no rule for something. Open says that one would
// be needed.
type ProposalNote struct {
	Text    string
	Details []string // lines that belong to the text
	Open    bool
}

// Proposed is a rule, and the reason for it.
type Proposed struct {
	fluxsum.Rule
	Reason []string
	// Adopted says that its checksum stands there already.
	Adopted bool

	releases []*flux.Release // that it is to wake; none where it is adopted
	alone    bool            // it has been tried by itself
	others   []Proposed      // rules for the same, to try when this one cannot do its work
	failed   *failure        // of one that was tried before it
}

// proposer looks for the rules that a repository lacks.
type proposer struct {
	*Rollout
	sums      map[hashed]string
	out       *Proposal
	names     map[string]bool
	bases     []*manifest                     // the releases as they are written,
	writtenAs map[*kustomize.Object]*manifest // and as which they are
	taken     map[string]bool                 // places that adopted rules hold

	adopted   map[string][]kustomize.Place // adopted checksums by their files
	adoptedAt map[string]int               // adopted rules by the places of their checksums
}

// Propose returns the rules that the plan's config lacks: one for each checksum
// that stands somewhere already, and one for each HelmRelease that nothing wakes
// when one of its files changes.
func (r *Rollout) Propose() *Proposal {
	p := &proposer{Rollout: r, sums: map[hashed]string{}, out: &Proposal{before: r.Graph}, names: map[string]bool{}, taken: map[string]bool{}, adopted: map[string][]kustomize.Place{}, adoptedAt: map[string]int{}, writtenAs: map[*kustomize.Object]*manifest{}}
	for i := range r.config.Rules {
		p.names[r.config.Rules[i].Name] = true
	}
	for _, m := range r.marks {
		p.taken[place(m)+" "+m.Annotation] = true
		p.taken[place(m)] = m.Annotation == ""
	}
	p.adoptAll()
	for _, group := range p.manifests() {
		p.propose(group)
	}
	p.selfMovingNotes()
	return p.out
}

// manifest is a HelmRelease as it is written, with all that is built of it.
type manifest struct {
	file     string
	line     int
	releases []*flux.Release
}

// manifests groups the releases by where they are written, and their annotation: a base
// is built once for each overlay, which may have a place of its own for it.
func (p *proposer) manifests() []*manifest {
	if p.bases != nil {
		return p.bases
	}
	var all []*manifest
	known := map[string]*manifest{}
	for _, release := range p.Graph.Releases {
		if release.OriginalName() == "" {
			continue // no API server takes it
		}
		own, _ := p.Graph.AnnotationPlace(release.Object, flux.RequestedAt)
		key := fmt.Sprintf("%s:%d %s:%d", release.File, release.Line, own.File, own.Line)
		m := known[key]
		if m == nil {
			m = &manifest{file: release.File, line: release.Line}
			known[key] = m
			all = append(all, m)
		}
		m.releases = append(m.releases, release)
		p.writtenAs[release.Object] = m
	}
	p.bases = all
	return all
}

// propose makes a rule for a HelmRelease that nothing wakes when one of its
// files changes, or says why it cannot have one.
func (p *proposer) propose(m *manifest) {
	files, asleep := p.sleeping(m)
	rule := p.writer(m.releases[0])
	switch {
	case len(asleep) == 0 || p.leftOutOfAdopted(m, asleep):
	case rule != "":
		p.noteWriter(m, files, rule)
	default:
		p.proposeRule(m, files, asleep)
	}
}

// proposeRule proposes a rule for the files of a release, as well as each of the
// places for its checksum allows, the best one first.
func (p *proposer) proposeRule(m *manifest, files, asleep []string) {
	var all []Proposed
	for _, at := range p.placesFor(m, files) {
		kept := without(files, at)
		if !slices.ContainsFunc(asleep, func(file string) bool { return file != at }) {
			continue // it would wake the release for nothing new
		}
		all = append(all, p.ruleAt(m, at, kept))
		if len(kept) < len(files) {
			last := &all[len(all)-1]
			last.Reason = append(last.Reason, leftOut(m, at))
		}
	}
	if len(all) == 0 {
		p.noteOwn(m, asleep)
		return
	}
	rule := all[0]
	rule.Name = p.name(m.releases[0].OriginalName(), m.releases[0].Object, rule.Targets[0].File)
	rule.others = all[1:]
	p.out.Rules = append(p.out.Rules, rule)
}

// ruleAt is the rule for files of a release whose checksum stands in a file.
func (p *proposer) ruleAt(m *manifest, at string, files []string) Proposed {
	release := m.releases[0]
	rule := Proposed{releases: m.releases, Rule: fluxsum.Rule{Annotation: flux.RequestedAt, Algorithm: p.algorithmFor(release), Content: p.contentOf(m, files), Files: patterns(files, len(files) == 1), Targets: []fluxsum.Target{p.targetIn(at, release)}}}
	rule.Reason = []string{fmt.Sprintf("HelmRelease %s (%s:%d) reads %s, and nothing else tells Flux of a change.", release.OriginalName(), m.file, m.line, these(files)),
		"helm-controller acts on this key at once."}
	if rule.Content == checksum.SOPS {
		rule.Reason = append(rule.Reason, "What SOPS writes anew each time does not count, nor do comments.")
	}
	return rule
}

// noteWriter says what keeps a rule that writes the annotation of a release from
// waking it.
func (p *proposer) noteWriter(m *manifest, files []string, rule string) {
	missing := slices.DeleteFunc(slices.Clone(files), func(file string) bool { return slices.Contains(p.watching(file), rule) })
	name := m.releases[0].OriginalName()
	if len(missing) == 0 {
		p.note(true, "HelmRelease %s (%s:%d) is not woken by rule %s, which writes its %s: `fluxsum explain %s` says why", name, m.file, m.line, rule, flux.RequestedAt, rule)
		return
	}
	var added []string
	for _, file := range missing {
		if p.writesInto(rule, file) {
			p.noteMove(m, file)
		} else {
			added = append(added, file)
		}
	}
	if len(added) > 0 {
		p.note(true, "HelmRelease %s (%s:%d) reads %s: add it to the files of rule %s, which writes its %s", name, m.file, m.line, strings.Join(added, ", "), rule, flux.RequestedAt)
	}
}

func these(files []string) string {
	if len(files) == 1 {
		return "this file"
	}
	return "these files"
}

// sleeping are the files of a HelmRelease that have no way of their own to it,
// and those of them that wake it by no rule.
func (p *proposer) sleeping(m *manifest) (files, asleep []string) {
	for _, release := range m.releases {
		for i := range release.Values {
			ref := &release.Values[i]
			file := ref.Source()
			if file == "" || p.selfMoving(ref) {
				continue
			}
			files = append(files, file)
			if !p.woken(release.Object, file) && !p.wokenByAdopted(m, file) {
				asleep = append(asleep, file)
			}
		}
	}
	slices.Sort(files)
	slices.Sort(asleep)
	return slices.Compact(files), slices.Compact(asleep)
}

// wokenByAdopted says whether a checksum that stands there already wakes all
// that is built of a release when a file changes.
func (p *proposer) wokenByAdopted(m *manifest, file string) bool {
	return !slices.ContainsFunc(m.releases, func(release *flux.Release) bool {
		return !slices.ContainsFunc(p.Graph.Annotations(release.Object), func(a flux.Annotation) bool {
			path := a.Path
			if path[0] == "commonAnnotations" {
				path = []string{"metadata", "annotations"}
			}
			v := p.Graph.Verdict(flux.Spot{Object: release.Object, Build: release.Build, Path: path, Key: a.Key})
			return wakes(v) && slices.Contains(p.adopted[file], a.Place)
		})
	})
}

// placesFor are the files that the annotation can go into: where a patch puts it
// already, since what stands elsewhere never reaches the release; else into the
// manifest, or into a patch that is aimed at the release. First come those that
// are none of the files that are hashed.
func (p *proposer) placesFor(m *manifest, files []string) []string {
	release := m.releases[0]
	if at, ok := p.Graph.AnnotationPlace(release.Object, flux.RequestedAt); ok && at.File != m.file {
		return []string{at.File}
	}
	all := append([]string{m.file}, p.Graph.PatchedIn(release.Object)...)
	slices.SortStableFunc(all, func(a, b string) int { return occurs(files, a) - occurs(files, b) })
	return all
}

// occurs counts a file among others: 0 or 1.
func occurs(files []string, file string) int { return len(files) - len(without(files, file)) }

// targetIn names a release in a file.
func (p *proposer) targetIn(file string, release *flux.Release) fluxsum.Target {
	t := fluxsum.Target{Kind: "HelmRelease", Name: release.OriginalName(), File: fluxsum.Literal(file)}
	if p.ambiguous(file, release.Object) {
		t.Namespace = release.OriginalNamespace()
	}
	return t
}

// algorithmFor is that of the checksum which the release shows, if it shows one.
func (p *proposer) algorithmFor(release *flux.Release) checksum.Algorithm {
	at, _ := p.Graph.AnnotationPlace(release.Object, flux.RequestedAt)
	return cmp.Or(algorithmOf(at.Value), checksum.MD5)
}

// contentFor is what counts of a file: not what SOPS writes anew each time.
func (p *proposer) contentFor(file string) checksum.Content {
	if p.Graph.EncryptedFile(file) && p.sum(file, checksum.MD5, checksum.SOPS) != "" {
		return checksum.SOPS
	}
	return checksum.Bytes
}

// contentOf is what counts of the files of a release: bytes, unless one of them
// is encrypted and all are YAML that Helm reads as such.
func (p *proposer) contentOf(m *manifest, files []string) checksum.Content {
	if !slices.ContainsFunc(files, p.Graph.EncryptedFile) || slices.ContainsFunc(files, func(file string) bool { return p.sum(file, checksum.MD5, checksum.SOPS) == "" }) {
		return checksum.Bytes
	}
	for _, release := range m.releases {
		if slices.ContainsFunc(release.Values, func(ref flux.Reference) bool { return ref.TargetPath != "" }) {
			return checksum.Bytes
		}
	}
	return checksum.SOPS
}
