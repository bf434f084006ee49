package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// unhashed is unhashed-substitution: postBuild fills variables into a file, and
// what it fills in is not hashed. Each Kustomization that does so is told by its
// place: those of several clusters may share a name.
func (r *Rollout) unhashed(rule used) []fluxsum.Finding {
	var all []fluxsum.Finding
	for _, file := range rule.files {
		byPlace := map[string][]flux.Filled{}
		var order []string
		for _, v := range r.Graph.Filled(file) {
			if watchesValue(rule, v) {
				continue
			}
			at := v.Kustomization.ID() + " " + where(kustomize.Place{File: v.Kustomization.File, Line: v.Kustomization.Line})
			if byPlace[at] == nil {
				order = append(order, at)
			}
			byPlace[at] = append(byPlace[at], v)
		}
		for _, at := range order {
			all = append(all, r.unhashedFile(rule, file, byPlace[at]))
		}
	}
	return all
}

// watchesValue says whether all that may hold the value of a variable is among the files
// of a rule.
func watchesValue(rule used, v flux.Filled) bool {
	return len(v.From) > 0 && len(unwatched(rule, v)) == 0
}

// unwatched are the files that hold the value and are not among those of the rule.
func unwatched(rule used, v flux.Filled) []string {
	return slices.DeleteFunc(slices.Clone(v.From), func(from string) bool { return slices.Contains(rule.files, from) })
}

func (r *Rollout) unhashedFile(rule used, file string, filled []flux.Filled) fluxsum.Finding {
	var names, from []string
	for _, v := range filled {
		if name := "${" + v.Name + "}"; !slices.Contains(names, name) {
			names = append(names, name)
		}
		from = append(from, unwatched(rule, v)...)
	}
	slices.Sort(from)
	from = slices.Compact(from)
	k := filled[0].Kustomization
	cure := "no file here holds the value: when it changes in the cluster, run `flux reconcile` on what reads it"
	if len(from) > 0 {
		cure = "add " + strings.Join(from, ", ") + " to the files of the rule"
	}
	return fluxsum.Finding{Code: fluxsum.UnhashedSubstitution, Level: fluxsum.Warning, Rule: rule.Name, File: file, Line: filled[0].Line,
		Message: fmt.Sprintf("postBuild of Kustomization %s (%s:%d) fills in %s, which the checksum does not see: a new value changes what is applied and wakes nothing; %s",
			k.Name, k.File, k.Line, strings.Join(names, ", "), cure)}
}
