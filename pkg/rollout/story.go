package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Story is the way of a rule, or of a file that no rule maps, to the rollout.
// Its JSON form is that of `explain -o json`.
type Story struct {
	Rule     string    `json:"rule"`
	Files    []string  `json:"files"`
	Targets  []Target  `json:"targets"`
	Chains   []Hops    `json:"chains"`
	Rollouts []Outcome `json:"rollouts"`
	// Findings are those of the rule, and on the way of its files.
	Findings []fluxsum.Finding `json:"findings"`
	// Unknown says why no way is known.
	Unknown string `json:"unknown,omitempty"`
}

// Target is a place of the checksum, and what a change there does.
type Target struct {
	fluxsum.Result
	// On are the objects that carry the checksum, by kind and name.
	On      []string     `json:"on"`
	Verdict flux.Verdict `json:"verdict"`
}

// Hops is the way from a file to what reads it.
type Hops []Hop

// Hop is a file, or an object and the place that leads to it.
type Hop struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
	How       string `json:"how,omitempty"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`

	// ID tells objects of one name apart.
	ID string `json:"-"`
}

// Outcome is what happens to a release or workload when the files change.
type Outcome struct {
	Kind      string       `json:"kind"`
	Name      string       `json:"name"`
	Namespace string       `json:"namespace,omitempty"`
	Interval  string       `json:"interval,omitempty"`
	AppliedBy *Hop         `json:"appliedBy,omitempty"`
	Verdict   flux.Verdict `json:"verdict"`
	Upgrade   *Upgrade     `json:"upgrade,omitempty"`
	Hurry     []string     `json:"hurry"`
	Confirm   []Check      `json:"confirm"`
	// Gone says that it is deleted, Fails that nothing of its build is applied.
	Gone  bool `json:"gone,omitempty"`
	Fails bool `json:"fails,omitempty"`

	// ID is that of the object's hop.
	ID string `json:"-"`
}

// Check is a command, and what it prints when the rollout is done.
type Check struct {
	Command string `json:"command"`
	Prints  string `json:"prints,omitempty"`
}

// Story tells that of a rule. Before is the graph of an earlier tree, which
// tells whether Helm will upgrade; it may be nil.
func (r *Rollout) Story(rule string, before *flux.Graph) Story {
	s := Story{Rule: rule, Targets: []Target{}}
	var files []string
	for _, m := range r.marks {
		if m.Rule == rule {
			s.Targets = append(s.Targets, Target{*m.Result, on(m), r.verdictOf(m)})
			files = append(files, m.Files...)
		}
	}
	slices.Sort(files)
	s.Files = slices.Compact(files)
	r.tell(&s, before)
	return s
}

// on names the objects that carry a checksum.
func on(m mark) []string {
	names := []string{}
	for _, c := range m.objects {
		if name := c.Kind + " " + c.Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// FileStory tells that of a file that no rule maps.
func (r *Rollout) FileStory(file string, before *flux.Graph) Story {
	s := Story{Files: []string{file}, Targets: []Target{}}
	r.tell(&s, before)
	return s
}

// verdictOf is the best verdict on the objects that carry a checksum.
func (r *Rollout) verdictOf(m mark) flux.Verdict {
	best := flux.Verdict{When: flux.Untold, Why: "what carries the checksum is not known here"}
	for _, c := range m.objects {
		v := c.verdict
		if by := pausedBy(c.Object, c.build); by != nil {
			v = paused(by).Verdict
		}
		if weight(v) > weight(best) || best.When == flux.Untold {
			best = v
		}
	}
	if len(m.objects) == 0 && m.Target.Kind != "" {
		best = flux.VerdictOf(flux.Subject{Kind: m.Target.Kind, Name: m.Target.Name}, m.Path(), m.Annotation)
	}
	return best
}

func (r *Rollout) tell(s *Story, before *flux.Graph) {
	s.Chains, s.Rollouts = []Hops{}, []Outcome{}
	told := map[*kustomize.Object]bool{}
	for _, file := range s.Files {
		for _, c := range r.Graph.Chains(file) {
			s.Chains = append(s.Chains, r.hops(c)...)
			for _, reader := range c.Readers {
				if o := reader.Object(); !told[o] {
					told[o] = true
					s.Rollouts = append(s.Rollouts, r.outcome(s, reader, before))
				}
			}
		}
	}
	s.Findings = r.about(s)
	r.fillers(s, told)
	r.carriersAlone(s, told)
	if len(s.Chains) == 0 && len(r.ReleasesOf(s.Files[0])) == 0 {
		s.Unknown = "no ConfigMap or Secret of this tree is made of it: what reads it is not known here"
	}
}

// carriersAlone tells what carries the checksum of the rule, but is not known
// to read its files.
func (r *Rollout) carriersAlone(s *Story, told map[*kustomize.Object]bool) {
	for _, m := range r.marks {
		if m.Rule != s.Rule || s.Rule == "" {
			continue
		}
		for _, c := range m.objects {
			if !told[c.Object] && (len(s.Chains) == 0 || wakes(c.verdict)) {
				told[c.Object] = true
				s.Rollouts = append(s.Rollouts, r.carrier(c, m))
			}
		}
	}
}

func (r *Rollout) carrier(c carried, m mark) Outcome {
	o := outcomeOf(c.Object, c.build)
	o.Verdict = c.verdict
	if r.Graph.LeftAlone(c.Object) == "" {
		o.Hurry = hurry(r.asApplied(c.Object, c.build), !wakes(c.verdict), c.build)
	}
	if by := pausedBy(c.Object, c.build); by != nil {
		o.Verdict, o.Hurry = paused(by).Verdict, []string{}
	}
	o.Confirm = confirm(r.asApplied(c.Object, c.build), token(c, m), "", false)
	return o
}

// token is what status.lastHandledReconcileAt shows once a checksum has been
// seen.
func token(c carried, m mark) string {
	if c.spot.Key == flux.RequestedAt && !c.lost && wakes(c.verdict) {
		return m.Computed
	}
	return ""
}

// hops are the ways that a chain takes: one for each reader.
func (r *Rollout) hops(c flux.Chain) []Hops {
	start := Hops{{Kind: "File", Name: c.File}, r.dataHop(c)}
	if len(c.Readers) == 0 {
		return []Hops{append(start, r.applied(c.Build)...)}
	}
	var all []Hops
	for _, reader := range c.Readers {
		way := slices.Clone(start)
		if buildOf(reader) != c.Build {
			way = append(way, r.applied(c.Build)...)
		}
		way = append(way, readerHop(reader))
		all = append(all, append(way, r.applied(buildOf(reader))...))
	}
	return all
}

// dataHop is what a file becomes. Of a Secret only the keys are shown that a
// reader names: others may be what somebody meant to be a value.
func (r *Rollout) dataHop(c flux.Chain) Hop {
	var keys []string
	for _, e := range c.Entries {
		if c.Object.Kind != "Secret" || slices.ContainsFunc(c.Readers, func(x flux.Reader) bool { return x.Reference.Key == e.Key }) {
			keys = append(keys, e.Key)
		}
	}
	const most = 3
	how := "key " + strings.Join(keys[:min(len(keys), most)], ", ")
	if more := len(c.Entries) - min(len(keys), most); len(keys) == 0 {
		how = fmt.Sprintf("%d of its keys", more)
	} else if more > 0 {
		how = fmt.Sprintf("%s and %d more", how, more)
	}
	if c.Object.Hash {
		how += ", name with hash"
	}
	o := c.Object
	return Hop{o.Kind, o.Name, o.Namespace, how, c.Entries[0].File, c.Entries[0].Line, identity(o, c.Build)}
}

func readerHop(reader flux.Reader) Hop {
	o, how := reader.Object(), "mounts or reads it"
	if reader.Release != nil {
		how = "valuesFrom"
		if reader.Reference.TargetPath != "" {
			how += ", targetPath " + reader.Reference.TargetPath
		}
	}
	return Hop{o.Kind, o.Name, o.Namespace, how, reader.Reference.File, reader.Reference.Line, identity(o, buildOf(reader))}
}

// identity tells an object from others of its name: by where it is written, and
// by what builds and applies it.
func identity(o *kustomize.Object, b *flux.Build) string {
	id := fmt.Sprintf("%s:%d %s", o.File, o.Line, b.Dir)
	if b.Kustomization != nil {
		id += fmt.Sprintf(" %s:%d", b.Kustomization.File, b.Kustomization.Line)
	}
	return id
}

// kustomizationHop is the Kustomization that applies a build; nil when that is
// not in the tree.
func kustomizationHop(b *flux.Build) *Hop {
	k := b.Kustomization
	if k == nil {
		return nil
	}
	return &Hop{k.Kind, k.Name, k.Namespace, "applies it", k.File, k.Line, fmt.Sprintf("%s:%d", k.File, k.Line)}
}

// applied is who applies a build; nothing when that is not in the tree.
func (r *Rollout) applied(b *flux.Build) Hops {
	if b.Kustomization == nil {
		return nil
	}
	return Hops{*kustomizationHop(b)}
}
