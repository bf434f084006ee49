package rollout

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Findings are what is likely to be a mistake, beyond those of the plan itself,
// sorted by file, line and code. What the config ignores is left out.
func (r *Rollout) Findings() []fluxsum.Finding {
	var all []fluxsum.Finding
	for _, m := range r.marks {
		if m.State != fluxsum.Failed {
			all = append(all, r.trigger(m)...)
			all = append(all, r.needlessUpgrade(m)...)
			all = append(all, r.splitApply(m)...)
		}
	}
	for _, rule := range r.rules() {
		all = append(all, r.nativeWatch(rule)...)
		all = append(all, r.unhashed(rule)...)
	}
	if r.config.Everything() {
		all = append(all, r.unmapped()...)
		all = append(all, r.deadNameReferences()...)
	}
	return r.config.Unignored(Sorted(all))
}

// Sorted sorts findings by file, line, code, rule and message, and drops what
// stands twice.
func Sorted(all []fluxsum.Finding) []fluxsum.Finding {
	slices.SortFunc(all, func(a, b fluxsum.Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Code, b.Code), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(all)
}

// used is a chosen rule with the files that it matches.
type used struct {
	*fluxsum.Rule
	files []string
	marks []mark
}

func (r *Rollout) rules() []used {
	var all []used
	for _, m := range r.marks {
		rule := r.tables.rules[m.Rule]
		if m.State == fluxsum.Failed || rule == nil {
			continue
		}
		if n := len(all); n > 0 && all[n-1].Name == rule.Name {
			all[n-1].marks = append(all[n-1].marks, m)
			continue
		}
		all = append(all, used{rule, m.Files, []mark{m}})
	}
	return all
}

func place(m mark) string { return fmt.Sprintf("%s:%d", m.Target.File, m.Target.Line) }

func where(p kustomize.Place) string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// subject is the map in which a checksum stands.
func subject(m mark) string {
	return strings.Join(append([]string{m.Target.Kind, m.Target.Namespace, m.Target.Name}, m.Path()...), "/")
}

// trigger is inert-annotation or weak-trigger: the checksum wakes nothing, and
// no other one of the same files does.
func (r *Rollout) trigger(m mark) []fluxsum.Finding {
	if len(m.objects) == 0 || slices.ContainsFunc(m.objects, func(c carried) bool { return wakes(c.verdict) || c.verdict.When == flux.Untold }) {
		return r.wakesAnother(m)
	}
	c := m.objects[0]
	for _, o := range m.objects {
		if o.verdict.When == flux.NextInterval {
			c = o
		}
	}
	if r.moved(m, c.Object) || c.Kind == "CronJob" || c.Kind == "Job" || flux.Suspended(c.Object) {
		return nil
	}
	f := fluxsum.Finding{Code: fluxsum.WeakTrigger, Level: fluxsum.Warning, Rule: m.Rule, File: m.Target.File, Line: m.Target.Line, Subject: subject(m)}
	if c.verdict.When == flux.NextInterval {
		f.Code = fluxsum.InertAnnotation
	}
	f.Message = c.verdict.Why
	switch c.verdict.Instead {
	case "":
	case proposes:
		f.Message += "; the release reads other files, too, and needs one rule for all of them, with `annotation: " + flux.RequestedAt + "`: `fluxsum init --dry-run` shows it"
	default:
		f.Message += "; write `" + c.verdict.Instead + "` into the " + holder(c.verdict.Instead) + " and run fluxsum update"
	}
	return []fluxsum.Finding{f}
}

// holder is where in the config a cure is written.
func holder(cure string) string {
	if strings.HasPrefix(cure, "path:") {
		return "target"
	}
	return "rule"
}

// moved says whether all that reads the files of a rule, or at least the object
// that carries its checksum, is moved by something else.
func (r *Rollout) moved(m mark, o *kustomize.Object) bool {
	return r.allMove(m.Rule, m.Files) || !slices.ContainsFunc(m.Files, func(file string) bool { return !r.woken(o, file) })
}

// wakesAnother is a weak-trigger: the files of the rule go into a release that
// no checksum of them wakes. It is told once, at the first target of the rule.
func (r *Rollout) wakesAnother(m mark) []fluxsum.Finding {
	if r.tables.first[m.Rule] != m.Result || len(m.objects) == 0 || m.objects[0].verdict.When == flux.Untold {
		return nil
	}
	for _, reader := range r.readers(m.Rule, m.Files) {
		if reader.Release == nil || reader.Release.Suspended || r.selfMoving(reader.Reference) || r.wokenBy(reader, m.Files) {
			continue
		}
		return []fluxsum.Finding{{Code: fluxsum.WeakTrigger, Level: fluxsum.Warning, Rule: m.Rule, File: m.Target.File, Line: m.Target.Line, Subject: subject(m), Message: unwoken(m, reader)}}
	}
	return nil
}

// unwoken says which release a rule does not wake: another one than carries its
// checksum, or another build of it.
func unwoken(m mark, reader flux.Reader) string {
	release, c := reader.Release, m.objects[0]
	source := reader.Reference.Source()
	if slices.ContainsFunc(m.objects, func(c carried) bool { return c.OriginalName() == release.OriginalName() && c.File == release.File }) {
		return fmt.Sprintf("%s also goes into the HelmRelease %s that %s, which no checksum of the rule wakes; add a target to the rule: a patch of it in that build, or %s", source, release.Name, maker(release.Build), release.File)
	}
	return fmt.Sprintf("%s goes into HelmRelease %s (%s:%d), which a checksum on %s %s does not wake; write `annotation: %s` and a target with kind: HelmRelease, name: %s into the rule",
		source, release.Name, release.File, release.Line, c.Kind, c.Name, flux.RequestedAt, release.OriginalName())
}

// maker says which build one is: by what applies it, where the tree shows that.
func maker(b *flux.Build) string {
	if b.Kustomization == nil {
		return b.Dir + " builds"
	}
	return fmt.Sprintf("Kustomization %s (%s:%d) applies", b.Kustomization.Name, b.Kustomization.File, b.Kustomization.Line)
}

// needlessUpgrade: a checksum of bytes in the spec of a HelmRelease.
func (r *Rollout) needlessUpgrade(m mark) []fluxsum.Finding {
	rule := r.tables.rules[m.Rule]
	if rule == nil || rule.Content != checksum.Bytes {
		return nil
	}
	for _, c := range m.objects {
		if c.Kind != "HelmRelease" || len(c.spot.Path) == 0 || c.spot.Path[0] != "spec" || !wakes(c.verdict) || !r.commented(c.Object, m) {
			continue
		}
		return []fluxsum.Finding{{Code: fluxsum.NeedlessUpgrade, Level: fluxsum.Note, Rule: m.Rule, File: m.Target.File, Line: m.Target.Line, Subject: subject(m),
			Message: fmt.Sprintf("the checksum of bytes stands in the spec of HelmRelease %s: a change of comments or white space alone will upgrade it; %s", c.Name, r.cureOfUpgrade(c.Object, m))}}
	}
	return nil
}

// commented says whether the files of a rule can change without a change of
// values: YAML, but not where a release reads it as one text.
func (r *Rollout) commented(o *kustomize.Object, m mark) bool {
	for _, reader := range r.readers(m.Rule, m.Files) {
		if reader.Object() == o && reader.Release != nil && reader.Reference.TargetPath != "" {
			return false
		}
	}
	return slices.ContainsFunc(m.Files, func(file string) bool {
		ext := path.Ext(file)
		return ext == ".yaml" || ext == ".yml" || ext == ".json"
	})
}

func (r *Rollout) cureOfUpgrade(o *kustomize.Object, m mark) string {
	for _, reader := range r.readers(m.Rule, m.Files) {
		if ref := reader.Reference; reader.Object() == o && ref.Entry != nil && ref.Entry.Source == "" {
			return "write `annotation: " + flux.RequestedAt + "` into the rule, which upgrades only when values differ"
		}
	}
	for _, file := range m.Files {
		if r.Graph.EncryptedFile(file) {
			return "write `content: sops` into the rule and run fluxsum update"
		}
	}
	return "write `content: yaml` into the rule and run fluxsum update"
}

// splitApply: the release that a checksum wakes, and what it reads, are applied
// by two Kustomizations that do not wait for each other.
func (r *Rollout) splitApply(m mark) []fluxsum.Finding {
	var all []fluxsum.Finding
	for _, reader := range r.readers(m.Rule, m.Files) {
		if reader.Release == nil || r.selfMoving(reader.Reference) || !slices.ContainsFunc(m.objects, func(c carried) bool { return c.Object == reader.Object() && wakes(c.verdict) }) {
			continue
		}
		of, from := reader.Release.Build.Kustomization, reader.Reference.Build.Kustomization
		if of == nil || from == nil || of == from || r.Graph.Waits(of, from) {
			continue
		}
		all = append(all, fluxsum.Finding{Code: fluxsum.SplitApply, Level: fluxsum.Warning, Rule: m.Rule, File: of.File, Line: of.Line,
			Message: fmt.Sprintf("Kustomization %s applies HelmRelease %s, and %s (%s:%d) its %s %s: the release may be reconciled before the new content is there; write `dependsOn: [{name: %s%s}]` into the spec of %s",
				of.Name, reader.Release.Name, from.Name, from.File, from.Line, reader.Reference.Kind, reader.Reference.Name, from.Name, otherNamespace(of, from), of.Name)})
	}
	return all
}

func otherNamespace(of, from *flux.Kustomization) string {
	if of.Namespace == from.Namespace {
		return ""
	}
	return ", namespace: " + from.Namespace
}

// nativeWatch: Flux itself acts on what the rule is for.
func (r *Rollout) nativeWatch(rule used) []fluxsum.Finding {
	if slices.ContainsFunc(rule.marks, inSpec) {
		return nil // it upgrades, or rolls pods, where the label does not
	}
	var label kustomize.Place
	readers := r.readers(rule.Name, rule.files)
	for _, reader := range readers {
		place, watched := r.Graph.Watched(reader.Reference.Object)
		if reader.Release == nil || !watched {
			return nil
		}
		label = place
	}
	if len(readers) == 0 {
		return nil
	}
	ref := readers[0].Reference
	return []fluxsum.Finding{{Code: fluxsum.NativeWatch, Level: fluxsum.Note, Rule: rule.Name, File: label.File, Line: label.Line,
		Message: fmt.Sprintf("the label makes Flux 2.7 and later act on each change of %s %s by itself: the checksum at %s does nothing beyond that; take the rule out of %s, or the label off where Flux is older",
			ref.Kind, ref.Object.Name, place(rule.marks[0]), r.config.File())}}
}

// inSpec says whether a checksum stands in the spec of an object.
func inSpec(m mark) bool {
	return slices.ContainsFunc(m.objects, func(c carried) bool { return len(c.spot.Path) > 0 && c.spot.Path[0] == "spec" })
}

// unmapped is unmapped-source: a release reads a file that no rule watches.
func (r *Rollout) unmapped() []fluxsum.Finding {
	var all []fluxsum.Finding
	seen := map[string]bool{}
	for _, release := range r.Graph.Releases {
		for i := range release.Values {
			ref := &release.Values[i]
			file := ref.Source()
			if file == "" || seen[file] || release.Suspended || r.selfMoving(ref) || len(r.watching(file)) > 0 {
				continue
			}
			seen[file] = true
			all = append(all, r.unmappedFile(release, ref))
		}
	}
	return all
}

func (r *Rollout) unmappedFile(release *flux.Release, ref *flux.Reference) fluxsum.Finding {
	line := 1
	if ref.Entry != nil && ref.Entry.Source == "" {
		line = ref.Entry.Line
	}
	return fluxsum.Finding{Code: fluxsum.UnmappedSource, Level: fluxsum.Warning, File: ref.Source(), Line: line,
		Message: fmt.Sprintf("HelmRelease %s reads it (%s:%d), and no rule watches it: a change is rolled out only at the next interval, within %s; %s",
			release.Name, ref.File, ref.Line, cmp.Or(release.Interval, "its interval"), r.cureOfUnmapped(release, ref))}
}

func (r *Rollout) cureOfUnmapped(release *flux.Release, ref *flux.Reference) string {
	rule := r.writer(release)
	switch {
	case rule != "" && !r.writesInto(rule, ref.Source()):
		return "add it to the files of rule " + rule + ", which wakes this release"
	case rule != "" || ref.Source() == release.File:
		return moveOut(release, ref)
	}
	return "`fluxsum init --dry-run` says what to add"
}
