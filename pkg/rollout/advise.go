package rollout

import (
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// proposes is the rule that is missing, and the command that shows it.
const proposes = "one rule for all files of the release, with annotation: " + flux.RequestedAt + " (fluxsum init --dry-run)"

// advise sees to it that what is to be done instead can be done: two rules cannot
// write one annotation, and where another rule wakes the release nothing need be done.
func (r *Rollout) advise() {
	reads := map[*kustomize.Object][]string{}
	for _, o := range r.objects() {
		reads[o.object] = r.filesOf(o)
	}
	for _, m := range r.marks {
		for i := range m.objects {
			c := &m.objects[i]
			switch {
			case c.verdict.Instead != "annotation: "+flux.RequestedAt:
			case r.moved(m, c.Object):
				c.verdict.Instead = ""
				if rule := r.waker(c.Object); rule != "" {
					c.verdict.Why += "; rule " + rule + " wakes it"
				}
			case !subset(without(reads[c.Object], m.Target.File), m.Files):
				c.verdict.Instead = proposes
			}
		}
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
