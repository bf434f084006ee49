package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
)

// A file that holds a checksum can be no source of it: each update would make it
// another file. So a rule leaves out what its release reads there.

// never says why such a file is left out.
const never = "a checksum of the file that holds the checksum can never be true"

// without are the files but one.
func without(files []string, file string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return f == file })
}

// leftOut is the comment on what a rule leaves out.
func leftOut(m *manifest, file string) string {
	return fmt.Sprintf("HelmRelease %s (%s:%d) reads %s, too, which is left out: %s. Move what the release reads there into a file of its own, and add that here.",
		m.releases[0].OriginalName(), m.file, m.line, file, never)
}

// leftOutOfAdopted says whether an adopted rule has all files of a release but
// that of its checksum, and tells so in the rule.
func (p *proposer) leftOutOfAdopted(m *manifest, asleep []string) bool {
	at, ok := p.Graph.AnnotationPlace(m.releases[0].Object, flux.RequestedAt)
	i, adopted := p.adoptedAt[where(at)+" "+flux.RequestedAt]
	if !ok || !adopted || !slices.Equal(asleep, []string{at.File}) {
		return false
	}
	rule := &p.out.Rules[i]
	rule.Reason = append(rule.Reason, leftOut(m, at.File))
	return true
}

// noteOwn says that no rule can be for the files of a release: they stand where
// its checksum would.
func (p *proposer) noteOwn(m *manifest, files []string) {
	place := "the file of the release itself"
	if !slices.Contains(files, m.file) {
		place = "the file that holds its " + flux.RequestedAt + ": " + never
	}
	p.note(true, "HelmRelease %s (%s:%d) reads %s, which stands in %s: move it into a file of its own, or give it the label %s: Enabled (Flux 2.7 and later)",
		m.releases[0].OriginalName(), m.file, m.line, strings.Join(files, ", "), place, flux.WatchLabel)
}

// noteMove says what to do about a file that a release reads, and that holds the
// checksum of the rule which wakes it.
func (p *proposer) noteMove(m *manifest, file string) {
	for _, release := range m.releases {
		for i := range release.Values {
			if ref := &release.Values[i]; ref.Source() == file {
				p.note(true, "HelmRelease %s (%s:%d) reads %s: %s", release.OriginalName(), m.file, m.line, file, moveOut(release, ref))
				return
			}
		}
	}
}

// moveOut is what to do about a source that stands in the file of its checksum.
func moveOut(release *flux.Release, ref *flux.Reference) string {
	if ref.Source() == release.File {
		return fmt.Sprintf("move the %s out of the file of the release and run `fluxsum init --dry-run`, or give it the label %s: Enabled (Flux 2.7 and later)", ref.Kind, flux.WatchLabel)
	}
	return fmt.Sprintf("%s: move what the %s takes from there into a file of its own and run `fluxsum init --dry-run`, or give it the label %s: Enabled (Flux 2.7 and later)", never, ref.Kind, flux.WatchLabel)
}

// writesInto says whether a rule writes its checksum into a file.
func (r *Rollout) writesInto(rule, file string) bool {
	if r.tables.into == nil {
		r.tables.into = map[[2]string]bool{}
		for _, m := range r.marks {
			r.tables.into[[2]string{m.Rule, m.Target.File}] = true
		}
	}
	return r.tables.into[[2]string{rule, file}]
}
