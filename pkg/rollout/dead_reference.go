package rollout

import (
	"fmt"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// deadNameReferences is dead-name-reference: a nameReference for valuesFrom with
// another path, or for generators whose names never change.
func (r *Rollout) deadNameReferences() []fluxsum.Finding {
	var all []fluxsum.Finding
	for _, n := range r.nameReferences() {
		if message := r.dead(n); message != "" {
			all = append(all, fluxsum.Finding{Code: fluxsum.DeadNameReference, Level: fluxsum.Warning, File: n.File, Line: n.Line, Message: message})
		}
	}
	return all
}

// named is a nameReference, and the builds that it counts in.
type named struct {
	kustomize.NameReference
	builds []*flux.Build
}

func (r *Rollout) nameReferences() []*named {
	known := map[string]*named{}
	var all []*named
	for _, b := range r.Graph.Builds {
		for _, ref := range b.References {
			key := fmt.Sprintf("%s:%d %s", ref.File, ref.Line, ref.Kind)
			n := known[key]
			if n == nil {
				n = &named{NameReference: ref}
				known[key] = n
				all = append(all, n)
			}
			if len(n.builds) == 0 || n.builds[len(n.builds)-1] != b {
				n.builds = append(n.builds, b)
			}
		}
	}
	return all
}

func (r *Rollout) dead(n *named) string {
	if n.Kind != "ConfigMap" && n.Kind != "Secret" || fluxsum.Nearest(strings.Trim(n.Path, "/"), []string{"spec/valuesFrom/name"}) == "" && !strings.Contains(n.Path, "valuesFrom") {
		return "" // meant for something else
	}
	fixed := r.fixedName(n)
	switch {
	case !n.FitsValuesFrom() && r.anyRelease(n):
		return fmt.Sprintf("the nameReference of %s has the path %s, which no HelmRelease has: the names in valuesFrom stay as they are; write `path: spec/valuesFrom/name`", n.Kind, n.Path)
	case n.FitsValuesFrom() && fixed != nil:
		return fmt.Sprintf("the nameReference changes nothing: the %s of %s:%d is made without a hash, so its name never changes; take disableNameSuffixHash out, or this nameReference", n.Kind, fixed.File, fixed.Line)
	}
	return ""
}

func (r *Rollout) anyRelease(n *named) bool {
	for _, release := range r.Graph.Releases {
		if in(release.Build, n.builds) && len(release.Values) > 0 {
			return true
		}
	}
	return false
}

// fixedName returns an object that releases refer to through a nameReference
// that changes no name at all; nil when it changes one, or is for none.
func (r *Rollout) fixedName(n *named) *kustomize.Object {
	var fixed *kustomize.Object
	for _, release := range r.Graph.Releases {
		if !in(release.Build, n.builds) {
			continue
		}
		for i := range release.Values {
			switch ref := &release.Values[i]; {
			case ref.Object == nil:
			case ref.Rename != nil && ref.Rename.File == n.File && (ref.Object.Hash || ref.Object.Name != ref.Name):
				return nil
			case ref.Kind == n.Kind && ref.Object.Generated && !ref.Object.Hash:
				fixed = ref.Object
			}
		}
	}
	return fixed
}

func in(b *flux.Build, all []*flux.Build) bool {
	for _, other := range all {
		if other == b {
			return true
		}
	}
	return false
}
