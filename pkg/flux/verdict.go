package flux

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// When says what Flux does about a checksum that changes in some place.
type When string

// The verdicts.
const (
	Immediate    When = "immediate"
	PodsRoll     When = "immediate, pods roll"
	NextInterval When = "at the next interval"
	Nothing      When = "nothing"
	Untold       When = "cannot be told"
)

// Verdict is what Flux does, why, and what to write instead where that is
// little.
type Verdict struct {
	When    When   `json:"when"`
	Why     string `json:"why"`
	Instead string `json:"instead,omitempty"`
}

// The annotations that the controllers of Flux act on.
const (
	RequestedAt = "reconcile.fluxcd.io/requestedAt"
	ForceAt     = "reconcile.fluxcd.io/forceAt"
	resetAt     = "reconcile.fluxcd.io/resetAt"
)

// row of the table: in objects of some kinds, a map at a path, and some keys of
// it; none: any. In a path ** stands for any steps.
type row struct {
	kinds []string
	path  string
	keys  []string
	Verdict
}

var (
	rolling = []string{"Deployment", "StatefulSet", "DaemonSet"}
	// requested are the kinds of Flux beside HelmRelease, whose controllers all
	// have the same filter of events.
	requested = []string{"Kustomization", "GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket",
		"ImageRepository", "ImagePolicy", "ImageUpdateAutomation", "Receiver"}
)

const useRequestedAt = "annotation: " + RequestedAt

// table is what was found in the sources of Flux 2.9 and seen on its
// controllers (docs/flux.md). The first row that fits counts.
var table = []row{
	{[]string{"HelmRelease"}, "metadata.annotations", []string{RequestedAt}, Verdict{Immediate,
		"helm-controller reconciles {object} at once, and upgrades if the merged values differ", ""}},
	{[]string{"HelmRelease"}, "metadata.annotations", []string{ForceAt, resetAt}, Verdict{NextInterval,
		"helm-controller acts on {key} only together with a new {requestedAt} of the same value", useRequestedAt}},
	{[]string{"HelmRelease"}, "metadata.**", nil, Verdict{NextInterval,
		"no controller acts on {key}: helm-controller reads new values only at its next interval, within {interval}", useRequestedAt}},
	{[]string{"HelmRelease"}, "spec.values.**.podAnnotations", nil, Verdict{PodsRoll,
		"the spec changes: helm-controller upgrades {object} at once, and the pods roll where the chart takes these annotations", ""}},
	{[]string{"HelmRelease"}, "spec.postRenderers.**", nil, Verdict{PodsRoll,
		"the spec changes: helm-controller upgrades {object} at once, and the pods roll whose template is patched", ""}},
	{[]string{"HelmRelease"}, "spec.**", nil, Verdict{Immediate,
		"the spec changes: helm-controller reconciles {object} at once, and upgrades where its values, post-renderers or common metadata do", ""}},
	{rolling, "spec.template.metadata.annotations", nil, Verdict{PodsRoll,
		"the pod template changes: the pods of {object} roll as soon as kustomize-controller applies it", ""}},
	{rolling, "spec.template.**", nil, Verdict{PodsRoll,
		"the pod template changes: the pods of {object} roll as soon as kustomize-controller applies it", ""}},
	{rolling, "**", nil, Verdict{Nothing,
		"nothing rolls when an annotation of {object} itself changes: only its pod template counts", "path: spec.template.metadata.annotations"}},
	{[]string{"CronJob"}, "**", nil, Verdict{Nothing,
		"no checksum is needed: the pods of the next run read the new content anyway", ""}},
	{[]string{"Job"}, "**", nil, Verdict{Nothing,
		"a Job that is there keeps its pod template: it has to be made anew", "a new name for the Job, or `force: true` in its Kustomization"}},
	{requested, "metadata.annotations", []string{RequestedAt}, Verdict{Immediate,
		"the controller of {object} reconciles it at once", ""}},
	{requested, "metadata.**", nil, Verdict{NextInterval,
		"no controller acts on {key}: {object} is reconciled only at its next interval, within {interval}", useRequestedAt}},
	{requested, "spec.**", nil, Verdict{Immediate,
		"the spec changes: {object} is reconciled at once", ""}},
	{[]string{"ConfigMap", "Secret"}, "metadata.**", nil, Verdict{Nothing,
		"no controller acts on an annotation of a {kind}: the checksum belongs on the HelmRelease, or into the pod template, that reads it", ""}},
}

// Subject is the object that carries a checksum.
type Subject struct {
	Kind, Name string
	Interval   string // of a kind that has one
}

// VerdictOf says what Flux does when the value under key changes, in the map at
// path in an object.
func VerdictOf(s Subject, path []string, key string) Verdict {
	i := slices.IndexFunc(table, func(r row) bool {
		return slices.Contains(r.kinds, s.Kind) && fits(strings.Split(r.path, "."), path) && (r.keys == nil || slices.Contains(r.keys, key))
	})
	if i < 0 {
		return Verdict{Untold, "what acts on a " + cmp.Or(s.Kind, "marked line") + " is not known here", ""}
	}
	v := table[i].Verdict
	v.Why = strings.NewReplacer("{object}", strings.TrimSpace(s.Kind+" "+s.Name), "{kind}", s.Kind, "{key}", key,
		"{requestedAt}", RequestedAt, "{interval}", cmp.Or(s.Interval, "its interval")).Replace(v.Why)
	return v
}

// Paused is the verdict on what an object of Flux does while it is suspended.
func Paused(o *kustomize.Object) Verdict {
	return Verdict{Nothing, o.Kind + " " + o.Name + " is suspended: its controller leaves it alone", ""}
}

// fits says whether a path is as a row has it.
func fits(pattern, path []string) bool {
	switch {
	case len(pattern) == 0:
		return len(path) == 0
	case pattern[0] == "**":
		return fits(pattern[1:], path) || len(path) > 0 && fits(pattern, path[1:])
	case len(path) == 0:
		return false
	}
	return strings.EqualFold(pattern[0], path[0]) && fits(pattern[1:], path[1:])
}

// Resource is what the flux command calls a kind; "" when it does not reconcile it.
func Resource(kind string) string {
	switch kind {
	case "HelmRelease", "Kustomization", "Receiver":
		return strings.ToLower(kind)
	case "GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket":
		return "source " + sourceNames[kind]
	case "ImageRepository", "ImagePolicy", "ImageUpdateAutomation":
		return "image " + sourceNames[kind]
	}
	return ""
}

var sourceNames = map[string]string{"GitRepository": "git", "OCIRepository": "oci", "HelmRepository": "helm", "HelmChart": "chart", "Bucket": "bucket",
	"ImageRepository": "repository", "ImagePolicy": "policy", "ImageUpdateAutomation": "update"}
