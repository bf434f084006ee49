package flux

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// SpecChange is what differs between a release and an earlier one, beside the
// values.
type SpecChange struct {
	// Key names what differs; "" when nothing does.
	Key string
	// Upgrade is what Helm does because of it: yes, no or unknown; Anew says that
	// it uninstalls the release and installs it anew.
	Upgrade string
	Anew    bool
	// How it differs, or why it cannot be told.
	How string
}

// digested are the parts of the spec whose digest helm-controller compares.
// Source: helm-controller v1.6 internal/reconcile DetermineReleaseState.
var digested = []string{"postRenderers", "commonMetadata"}

// ChangedSpec tells what differs in the spec of a release beside its values: of
// several changes the one that tells most. The force of a forceAt counts, too.
func ChangedSpec(r, old *Release) SpecChange {
	changes := []SpecChange{chartChange(r.Node(), old.Node()), moved(r, old), forced(r, old)}
	for _, k := range digested {
		if !sameNode(get(r.Node(), "spec", k), get(old.Node(), "spec", k)) {
			changes = append(changes, SpecChange{Key: "spec." + k, Upgrade: "yes"})
		}
	}
	if !sameNode(get(r.Node(), "spec", "kubeConfig"), get(old.Node(), "spec", "kubeConfig")) {
		changes = append(changes, SpecChange{Key: "spec.kubeConfig", Upgrade: "unknown", How: "what is installed in that cluster is not known"})
	}
	changes = append(changes, others(r.Node(), old.Node()))
	return slices.MaxFunc(changes, func(a, b SpecChange) int {
		return heft(a) - heft(b)
	})
}

// heft orders changes by how much they tell.
func heft(c SpecChange) int {
	switch {
	case c.Key == "":
		return 0
	case c.Upgrade == "no":
		return 1
	case c.Upgrade == "unknown":
		return 2
	case !c.Anew:
		return 3
	}
	return 4
}

// judged are the parts of the spec that others look at.
var judged = []string{"values", "valuesFrom", "chart", "chartRef", "postRenderers", "commonMetadata", "kubeConfig", "releaseName", "targetNamespace", "storageNamespace"}

// others names a part of the spec whose change alone is no upgrade.
func others(now, old *yaml.Node) SpecChange {
	a, b := get(now, "spec"), get(old, "spec")
	for _, key := range keysOf(some(a), some(b)) {
		if !slices.Contains(judged, key) && !sameNode(get(a, key), get(b, key)) {
			return SpecChange{Key: "spec." + key, Upgrade: "no"}
		}
	}
	return SpecChange{}
}

func some(n *yaml.Node) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return &yaml.Node{}
	}
	return n
}

// moved says whether Helm's release is another one: helm-controller then
// uninstalls the one that it knows.
// Source: helm-controller v1.6 internal/action ReleaseTargetChanged.
func moved(r, old *Release) SpecChange {
	for _, t := range []struct {
		key string
		of  func(*Release) string
	}{{"spec.storageNamespace", storageNamespace}, {"spec.targetNamespace", targetNamespace}, {"spec.releaseName", releaseName}} {
		if now, then := t.of(r), t.of(old); now != then {
			return SpecChange{Key: t.key, Upgrade: "yes", Anew: true, How: then + " -> " + now}
		}
	}
	return SpecChange{}
}

func storageNamespace(r *Release) string {
	return cmp.Or(str(r.Node(), "spec", "storageNamespace"), r.Namespace)
}

func targetNamespace(r *Release) string {
	return cmp.Or(str(r.Node(), "spec", "targetNamespace"), r.Namespace)
}

func releaseName(r *Release) string {
	name := r.Name
	if in := str(r.Node(), "spec", "targetNamespace"); in != "" {
		name = in + "-" + name
	}
	return cmp.Or(str(r.Node(), "spec", "releaseName"), name)
}

// forced tells of a new request of an upgrade: helm-controller takes a forceAt
// only with a requestedAt of the same value.
// Source: github.com/fluxcd/pkg/apis/meta HandleAnnotationRequest.
func forced(r, old *Release) SpecChange {
	annotation := func(r *Release, key string) string { return str(r.Built(), "metadata", "annotations", key) }
	now, then := annotation(r, ForceAt), annotation(old, ForceAt)
	asked, before := annotation(r, RequestedAt), annotation(old, RequestedAt)
	switch {
	case now == then && (now == "" || asked == before):
		return SpecChange{}
	case now == "" || now != asked:
		return SpecChange{Key: ForceAt, Upgrade: "no"}
	case now == then:
		return SpecChange{Key: RequestedAt, Upgrade: "unknown", How: "it has now the value of " + ForceAt + ", which helm-controller may have taken before"}
	}
	return SpecChange{Key: ForceAt, Upgrade: "yes"}
}

// chartChange tells of another chart.
// Source: helm-controller v1.6 internal/reconcile buildHelmChartFromTemplate;
// source-controller v1.9 internal/controller HelmChartReconciler.
func chartChange(now, old *yaml.Node) SpecChange {
	if !sameNode(get(now, "spec", "chartRef"), get(old, "spec", "chartRef")) {
		return SpecChange{Key: "spec.chartRef", Upgrade: "unknown", How: "which chart that gives is not known here"}
	}
	a, b := get(now, "spec", "chart", "spec"), get(old, "spec", "chart", "spec")
	if sameNode(a, b) {
		return SpecChange{}
	}
	c := SpecChange{Key: "spec.chart", Upgrade: "unknown"}
	inGit := slices.Contains([]string{"GitRepository", "Bucket"}, str(a, "sourceRef", "kind"))
	switch name, then := str(a, "chart"), str(b, "chart"); {
	case a == nil || b == nil || !sameNode(get(a, "sourceRef"), get(b, "sourceRef")):
		c.How = "which chart another source holds is not known here"
	case name != then && inGit:
		c.How = "which chart stands at " + name + " in its source is not known here"
	case name != then:
		c.Upgrade, c.How = "yes", then+" -> "+name
		c.Anew = str(now, "spec", "upgrade", "chartNameChangeStrategy") != "InPlaceUpdate"
	default:
		return chartDetail(c, a, b, inGit)
	}
	return c
}

// chartDetail tells of another version of a chart, or of how it is read. A chart
// with valuesFiles has a new version whenever its HelmChart changes.
func chartDetail(c SpecChange, a, b *yaml.Node, inGit bool) SpecChange {
	now, then := str(a, "version"), str(b, "version")
	packed := get(a, "valuesFiles") != nil || get(b, "valuesFiles") != nil
	switch {
	case now != then && !inGit && exact(now) && exact(then) && plainVersion(now) != plainVersion(then):
		c.Upgrade, c.How = "yes", "version "+then+" -> "+now
	case !sameNode(get(a, "valuesFiles"), get(b, "valuesFiles")):
		c.Upgrade, c.How = "yes", "its valuesFiles make a new version of the chart"
	case now != then && !inGit:
		c.How = fmt.Sprintf("which versions %q and %q stand for is not known here", then, now)
	case packed:
		c.How = "with valuesFiles, source-controller may make a new version of the chart"
	case inGit && str(a, "reconcileStrategy") != str(b, "reconcileStrategy"):
		c.How = "another reconcileStrategy may give the chart another version"
	default:
		c.Upgrade = "no"
	}
	return c
}

var exactVersion = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
})

// exact says whether a version is one and no range.
func exact(version string) bool { return exactVersion().MatchString(version) }

// plainVersion is a version without what does not count where one is looked for.
func plainVersion(version string) string {
	version, _, _ = strings.Cut(version, "+")
	return strings.TrimPrefix(version, "v")
}

// ByRevision says whether each revision of its source gives a release a new
// version of its chart.
func ByRevision(r *Release) bool {
	return str(r.Node(), "spec", "chart", "spec", "reconcileStrategy") == "Revision" &&
		slices.Contains([]string{"GitRepository", "Bucket"}, str(r.Node(), "spec", "chart", "spec", "sourceRef", "kind"))
}
