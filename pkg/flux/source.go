package flux

import (
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// refuseOthers lets go of the folders that Kustomizations apply from another
// repository: one that applies itself tells which one this is.
func (r *roots) refuseOthers() {
	own := r.own()
	if len(own) == 0 {
		return
	}
	for _, k := range r.graph.Kustomizations {
		if k.Build != nil && !own[sourceOf(k)] && !r.sameURL(k, own) {
			r.graph.Unknown = append(r.graph.Unknown, kustomize.Unknown{File: k.File, Line: k.Line, Message: "Kustomization " + k.Name + " applies what another source holds: " + sourceOf(k)})
			k.Build, k.Path = nil, ""
		}
	}
}

// own are the sources of the Kustomizations that apply themselves. Where these
// are several, one that applies the whole repository says nothing, unless it is
// that of flux bootstrap.
func (r *roots) own() map[string]bool {
	own, sure := map[string]bool{}, map[string]bool{}
	for _, k := range r.graph.Kustomizations {
		if k.Build == nil || !slices.Contains(k.Build.Files, k.File) {
			continue
		}
		own[sourceOf(k)] = true
		if k.Path != "." || strings.HasSuffix(sourceOf(k), "/flux-system") {
			sure[sourceOf(k)] = true
		}
	}
	if len(sure) > 0 {
		return sure
	}
	return own
}

// sourceOf names the source of a Kustomization: kind namespace/name.
func sourceOf(k *Kustomization) string {
	ref := get(k.Node(), "spec", "sourceRef")
	namespace := str(ref, "namespace")
	if namespace == "" {
		namespace = k.Namespace
	}
	return str(ref, "kind") + " " + namespace + "/" + str(ref, "name")
}

// sameURL says whether the source of a Kustomization cannot be told to be
// another repository than this one.
func (r *roots) sameURL(k *Kustomization, own map[string]bool) bool {
	urls := map[string]string{}
	for _, other := range r.graph.Kustomizations {
		if other.Build == nil {
			continue
		}
		for _, o := range other.Build.Objects {
			if url := str(o.Node(), "spec", "url"); url != "" {
				urls[o.Kind+" "+o.Namespace+"/"+o.Name] = url
			}
		}
	}
	theirs, known := urls[sourceOf(k)]
	if !known {
		return false
	}
	for source := range own {
		if urls[source] == theirs {
			return true
		}
	}
	return false
}
