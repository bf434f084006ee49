package rollout

import (
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
}

// ProposalNote is why there is no rule for something. Open says that one would
// be needed.
type ProposalNote struct {
	Text string
	Open bool
}

// Proposed is a rule, and the reason for it.
type Proposed struct {
	fluxsum.Rule
	Reason []string
	// Adopted says that its checksum stands there already.
	Adopted bool
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

	adopted map[string][]kustomize.Place // adopted checksums by their files
}

// Propose returns the rules that the plan's config lacks: one for each checksum
// that stands somewhere already, and one for each HelmRelease that nothing wakes
// when one of its files changes.
func (r *Rollout) Propose() *Proposal {
	p := &proposer{Rollout: r, sums: map[hashed]string{}, out: &Proposal{}, names: map[string]bool{}, taken: map[string]bool{}, adopted: map[string][]kustomize.Place{}, writtenAs: map[*kustomize.Object]*manifest{}}
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
// files changes.
func (p *proposer) propose(m *manifest) {
	files, sleeping := p.sleeping(m)
	if !sleeping {
		return
	}
	release := m.releases[0]
	if rule := p.writer(release); rule != "" {
		p.noteWriter(m, files, rule)
		return
	}
	target, ok := p.placeFor(m, files)
	if !ok {
		p.note(true, "HelmRelease %s (%s:%d) reads %s, which stands in the file of the release itself: move it into a file of its own, or give it the label %s: Enabled (Flux 2.7 and later)",
			release.OriginalName(), m.file, m.line, strings.Join(files, ", "), flux.WatchLabel)
		return
	}
	rule := Proposed{Rule: fluxsum.Rule{Annotation: flux.RequestedAt, Algorithm: checksum.MD5, Content: p.contentOf(m, files), Files: patterns(files, len(files) == 1), Targets: []fluxsum.Target{target}}}
	rule.Name = p.name(release.OriginalName(), release.Object, target.File)
	rule.Reason = []string{fmt.Sprintf("HelmRelease %s (%s:%d) reads %s, and nothing else tells Flux of a change.", release.OriginalName(), m.file, m.line, these(files)),
		"helm-controller acts on this key at once."}
	if rule.Content == checksum.SOPS {
		rule.Reason = append(rule.Reason, "What SOPS writes anew each time does not count, nor do comments.")
	}
	p.out.Rules = append(p.out.Rules, rule)
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
	p.note(true, "HelmRelease %s (%s:%d) reads %s: add it to the files of rule %s, which writes its %s", name, m.file, m.line, strings.Join(missing, ", "), rule, flux.RequestedAt)
}

func these(files []string) string {
	if len(files) == 1 {
		return "this file"
	}
	return "these files"
}

// sleeping are the files of a HelmRelease that have no way of their own to it,
// when at least one of them wakes it by no rule.
func (p *proposer) sleeping(m *manifest) (files []string, asleep bool) {
	for _, release := range m.releases {
		for i := range release.Values {
			ref := &release.Values[i]
			file := ref.Source()
			if file == "" || p.selfMoving(ref) {
				continue
			}
			files = append(files, file)
			asleep = asleep || !p.woken(release.Object, file) && !p.wokenByAdopted(m, file)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), asleep
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

// placeFor chooses where the annotation goes: where it is already, else into the
// manifest, else into a patch that is aimed at the release; not into one of the
// files that are hashed.
func (p *proposer) placeFor(m *manifest, files []string) (fluxsum.Target, bool) {
	release := m.releases[0]
	t := fluxsum.Target{Kind: "HelmRelease", Name: release.OriginalName()}
	var candidates []string
	if at, ok := p.Graph.AnnotationPlace(release.Object, flux.RequestedAt); ok {
		candidates = append(candidates, at.File)
	}
	candidates = append(append(candidates, m.file), p.Graph.PatchedIn(release.Object)...)
	for _, file := range candidates {
		if !slices.Contains(files, file) {
			t.File = fluxsum.Literal(file)
			if p.ambiguous(file, release.Object) {
				t.Namespace = release.OriginalNamespace()
			}
			return t, true
		}
	}
	return t, false
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
