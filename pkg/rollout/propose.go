package rollout

import (
	"cmp"
	"fmt"
	"regexp"
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

	adopted map[string][]Proposed // adopted rules by their files
}

// Propose returns the rules that the plan's config lacks: one for each checksum
// that stands somewhere already, and one for each HelmRelease that nothing wakes
// when one of its files changes.
func (r *Rollout) Propose() *Proposal {
	p := &proposer{Rollout: r, sums: map[hashed]string{}, out: &Proposal{}, names: map[string]bool{}, taken: map[string]bool{}, adopted: map[string][]Proposed{}, writtenAs: map[*kustomize.Object]*manifest{}}
	for i := range r.config.Rules {
		p.names[r.config.Rules[i].Name] = true
	}
	for _, m := range r.marks {
		p.taken[place(m)] = true
	}
	p.adoptAll()
	for _, group := range p.manifests() {
		p.propose(group)
	}
	p.selfMovingNotes()
	return p.out
}

// adoptAll makes rules of the checksums that stand somewhere: one for all places
// of the same files, key and algorithm.
func (p *proposer) adoptAll() {
	var all []adopted
	for _, s := range p.standings() {
		if p.taken[where(s.at)] {
			continue
		}
		a, ok := p.adopt(s)
		if ok && p.partial(a) {
			continue // the rule for all files of the release goes there
		}
		if !ok {
			p.note(false, "%s looks like a checksum (%s), but not of which file", s.key, where(s.at))
			continue
		}
		p.taken[where(s.at)] = true
		all = append(all, a)
	}
	groups := grouped(all)
	for _, same := range groups {
		p.adoptRule(same, p.nameOf(same[0], groups))
	}
}

// partial says whether a checksum under the key that wakes a release is not of
// all its files.
func (p *proposer) partial(a adopted) bool {
	if a.object.Kind != "HelmRelease" || a.key != flux.RequestedAt || a.path[0] != "metadata" {
		return false
	}
	p.manifests()
	files, _ := p.sleeping(p.writtenAs[a.object])
	return slices.ContainsFunc(files, func(file string) bool { return !slices.Contains(a.stands, file) })
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
		return p.name(a.object.OriginalName(), a.object)
	}
	for _, g := range groups {
		if g[0].key == a.key && !g[0].sameRule(a) {
			return p.name(a.object.OriginalName()+"/"+a.key, a.object)
		}
	}
	return p.name(a.key, a.object)
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
		rule.Reason = append(rule.Reason, fmt.Sprintf("What Flux does when it changes: %s; %s.", v.When, v.Why))
	}
	p.out.Rules = append(p.out.Rules, rule)
	for _, file := range a.stands {
		p.adopted[file] = append(p.adopted[file], rule)
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
	if p.ambiguous(s) {
		t.Namespace = s.object.OriginalNamespace()
	}
	if path := fieldPath(s.path); path != fluxsum.DefaultPath {
		t.Path = path
	}
	return t
}

// ambiguous says whether the file holds another object of that kind and name.
func (p *proposer) ambiguous(s standing) bool {
	return slices.ContainsFunc(p.Graph.Declared(s.at.File, s.object.Kind, s.object.OriginalName(), ""), func(o flux.Spot) bool {
		return o.Object.File == s.at.File && o.Object.Line != s.object.Line
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

// manifest is a HelmRelease as it is written, with all that is built of it.
type manifest struct {
	file     string
	line     int
	releases []*flux.Release
}

// manifests groups the releases by where they are written: a base is built once
// for each overlay.
func (p *proposer) manifests() []*manifest {
	if p.bases != nil {
		return p.bases
	}
	var all []*manifest
	known := map[string]*manifest{}
	for _, release := range p.Graph.Releases {
		key := fmt.Sprintf("%s:%d", release.File, release.Line)
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
	if rule := p.holder(release, flux.RequestedAt); rule != "" {
		p.note(true, "HelmRelease %s (%s:%d) reads %s: add what is missing of these to the files of rule %s, which writes its %s",
			release.OriginalName(), m.file, m.line, strings.Join(files, ", "), rule, flux.RequestedAt)
		return
	}
	target, ok := p.placeFor(m, files)
	if !ok {
		p.note(true, "HelmRelease %s (%s:%d) reads %s, which stands in the file of the release itself: move it into a file of its own, or give it the label %s: Enabled (Flux 2.7 and later)",
			release.OriginalName(), m.file, m.line, strings.Join(files, ", "), flux.WatchLabel)
		return
	}
	rule := Proposed{Rule: fluxsum.Rule{Annotation: flux.RequestedAt, Algorithm: checksum.MD5, Content: p.contentOf(m, files), Files: patterns(files, len(files) == 1), Targets: []fluxsum.Target{target}}}
	rule.Name = p.name(release.OriginalName(), release.Object)
	rule.Reason = []string{fmt.Sprintf("HelmRelease %s (%s:%d) reads %s, and nothing else tells Flux of a change.", release.OriginalName(), m.file, m.line, these(files)),
		"helm-controller acts on this key at once."}
	if rule.Content == checksum.SOPS {
		rule.Reason = append(rule.Reason, "What SOPS writes anew each time does not count, nor do comments.")
	}
	p.out.Rules = append(p.out.Rules, rule)
}

// holder is the rule of the config that writes an annotation of a release, or
// "".
func (p *proposer) holder(release *flux.Release, key string) string {
	for _, m := range p.marks {
		for _, c := range m.objects {
			if c.Object == release.Object && c.spot.Key == key && c.spot.Path[0] == "metadata" {
				return m.Rule
			}
		}
	}
	return ""
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

// wokenByAdopted says whether a checksum that stands there already wakes a
// release when a file changes.
func (p *proposer) wokenByAdopted(m *manifest, file string) bool {
	return slices.ContainsFunc(p.adopted[file], func(r Proposed) bool {
		return slices.ContainsFunc(r.Targets, func(t fluxsum.Target) bool {
			v := flux.VerdictOf(flux.Subject{Kind: t.Kind}, strings.Split(cmp.Or(t.Path, fluxsum.DefaultPath), "."), r.Annotation)
			return wakes(v) && t.Kind == "HelmRelease" && slices.ContainsFunc(m.releases, func(x *flux.Release) bool { return x.OriginalName() == t.Name })
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

var notInNames = regexp.MustCompile(`[^A-Za-z0-9._/-]+|^[^A-Za-z0-9]+`)

// name makes a name for a rule that no other one has.
func (p *proposer) name(wish string, o *kustomize.Object) string {
	wish = cmp.Or(notInNames.ReplaceAllString(wish, ""), "rule")
	for _, name := range []string{wish, strings.ToLower(o.Kind) + "/" + wish, o.Namespace + "/" + wish} {
		name = notInNames.ReplaceAllString(name, "")
		if name != "" && !p.names[name] {
			p.names[name] = true
			return name
		}
	}
	for i := 2; ; i++ {
		if name := fmt.Sprintf("%s-%d", wish, i); !p.names[name] {
			p.names[name] = true
			return name
		}
	}
}

func (p *proposer) note(open bool, format string, args ...any) {
	if n := (ProposalNote{fmt.Sprintf(format, args...), open}); !slices.Contains(p.out.Notes, n) {
		p.out.Notes = append(p.out.Notes, n)
	}
}

// Open are the notes on what would need a rule, and cannot have one.
func (p *Proposal) Open() []ProposalNote {
	return slices.DeleteFunc(slices.Clone(p.Notes), func(n ProposalNote) bool { return !n.Open })
}

// selfMovingNotes say what needs no rule, and what cannot be seen.
func (p *proposer) selfMovingNotes() {
	for _, release := range p.Graph.Releases {
		for i := range release.Values {
			ref := &release.Values[i]
			what := fmt.Sprintf("HelmRelease %s, %s %s (%s:%d)", release.OriginalName(), ref.Kind, ref.Name, ref.File, ref.Line)
			switch {
			case ref.Object == nil && ref.Unknown != "":
				p.note(false, "%s: %s", what, ref.Unknown)
			case ref.ByHash():
				p.note(false, "%s needs no rule: its name has the hash of its content, which the nameReference at %s:%d writes into the release", what, ref.Rename.File, ref.Rename.Line)
			case p.selfMoving(ref):
				at, _ := p.Graph.Watched(ref.Object)
				p.note(false, "%s needs no rule: with its label %s: Enabled (%s) Flux 2.7 and later act on each change", what, flux.WatchLabel, where(at))
			}
		}
	}
}
