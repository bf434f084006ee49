package rollout

import (
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Covered is a release and how a change of each of its sources is rolled out.
type Covered struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	AppliedBy *Hop   `json:"appliedBy,omitempty"`
	// Written is the name that it has in its manifest.
	Written string   `json:"-"`
	Sources []Source `json:"sources"`
}

// Source is a file that a release reads, or a reference that leads to none.
type Source struct {
	File      string `json:"file,omitempty"`
	Reference string `json:"reference"` // kind and name
	// By is rule, hash, label, nothing or unknown.
	By    string   `json:"by"`
	Rules []string `json:"rules,omitempty"`
	// Wakes says that a change reaches the release before its next interval.
	Wakes   bool   `json:"wakes"`
	Unknown string `json:"unknown,omitempty"`
	// Place of the reference.
	At   string `json:"at"`
	Line int    `json:"line"`
}

// How a change of a source is rolled out.
const (
	ByRule    = "rule"
	ByHash    = "hash"
	ByLabel   = "label"
	ByNothing = "nothing"
	Unknown   = "unknown"
)

// Coverage tells for each release that has valuesFrom which of its sources are
// watched.
func (r *Rollout) Coverage() []Covered {
	return slices.DeleteFunc(r.Releases(), func(c Covered) bool { return len(c.Sources) == 0 })
}

// Releases is the coverage of all releases, also of those without valuesFrom:
// they have no sources.
func (r *Rollout) Releases() []Covered {
	all := []Covered{}
	for _, release := range r.Graph.Releases {
		all = append(all, r.covered(release))
	}
	return all
}

func (r *Rollout) covered(release *flux.Release) Covered {
	c := Covered{Kind: release.Kind, Name: release.Name, Namespace: release.Namespace, File: release.File, Line: release.Line, AppliedBy: kustomizationHop(release.Build), Written: release.OriginalName(), Sources: []Source{}}
	for i := range release.Values {
		s := r.source(release, &release.Values[i])
		if !slices.ContainsFunc(c.Sources, func(other Source) bool { return other.File == s.File && s.File != "" }) {
			c.Sources = append(c.Sources, s)
		}
	}
	return c
}

func (r *Rollout) source(release *flux.Release, ref *flux.Reference) Source {
	s := Source{File: ref.Source(), Reference: ref.Kind + " " + ref.Name, At: ref.File, Line: ref.Line, By: ByNothing, Unknown: ref.Unknown}
	if s.File == "" {
		s.By = Unknown
		return s
	}
	_, watched := r.Graph.Watched(ref.Object)
	s.Rules = r.watching(s.File)
	s.Wakes = r.selfMoving(ref) || r.woken(release.Object, s.File)
	switch {
	case len(s.Rules) > 0:
		s.By = ByRule
	case ref.ByHash():
		s.By = ByHash
	case watched:
		s.By = ByLabel
	}
	return s
}

// ReleasesOf is the coverage of the releases that a file holds.
func (r *Rollout) ReleasesOf(file string) []Covered {
	var all []Covered
	for _, c := range r.Coverage() {
		if c.File == file {
			all = append(all, c)
		}
	}
	return all
}

// Unread are the files that could not be read, of those that something
// applies.
func (r *Rollout) Unread() []kustomize.Unknown {
	unread := slices.Clone(r.Graph.Unread)
	if len(unread) == 0 {
		return nil
	}
	applied := map[string]bool{}
	for _, b := range r.Graph.Builds {
		for _, name := range b.Files {
			applied[name] = true
		}
	}
	return slices.DeleteFunc(unread, func(u kustomize.Unknown) bool { return !applied[u.File] })
}
