package flux

import (
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// TestVerdicts holds the table of docs/flux.md: what was found in the sources of
// Flux and seen on its controllers.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		kind, path, key string
		want            When
	}{
		{"HelmRelease", "metadata.annotations", RequestedAt, Immediate},
		{"HelmRelease", "metadata.annotations", "reconcile.fluxcd.io/forceAt", NextInterval},
		{"HelmRelease", "metadata.annotations", "reconcile.fluxcd.io/resetAt", NextInterval},
		{"HelmRelease", "metadata.annotations", "checksum/config", NextInterval},
		{"HelmRelease", "metadata.labels", "checksum", NextInterval},
		{"HelmRelease", "spec.values.podAnnotations", "checksum/config", PodsRoll},
		{"HelmRelease", "spec.values.server.podAnnotations", "checksum/config", PodsRoll},
		{"HelmRelease", "spec.values", "checksum", Immediate},
		{"HelmRelease", "spec.commonMetadata.annotations", "checksum/config", Immediate},
		{"HelmRelease", "spec.postRenderers.0.kustomize.patches.0", "patch", PodsRoll},
		{"HelmRelease", "spec", "timeout", Immediate},
		{"Deployment", "spec.template.metadata.annotations", "checksum/config", PodsRoll},
		{"StatefulSet", "spec.template.metadata.annotations", "checksum/config", PodsRoll},
		{"DaemonSet", "spec.template.metadata.labels", "checksum", PodsRoll},
		{"Deployment", "metadata.annotations", "checksum/config", Nothing},
		{"Deployment", "metadata.annotations", RequestedAt, Nothing},
		{"CronJob", "spec.jobTemplate.spec.template.metadata.annotations", "checksum/config", Nothing},
		{"Job", "spec.template.metadata.annotations", "checksum/config", Nothing},
		{"Kustomization", "metadata.annotations", RequestedAt, Immediate},
		{"Kustomization", "metadata.annotations", "checksum", NextInterval},
		{"Kustomization", "spec.postBuild.substitute", "checksum", Immediate},
		{"GitRepository", "metadata.annotations", RequestedAt, Immediate},
		{"OCIRepository", "metadata.annotations", "checksum", NextInterval},
		{"HelmRepository", "spec", "url", Immediate},
		{"ImageUpdateAutomation", "metadata.annotations", RequestedAt, Immediate},
		{"Receiver", "metadata.annotations", "checksum", NextInterval},
		{"ConfigMap", "metadata.annotations", "checksum", Nothing},
		{"Certificate", "metadata.annotations", "checksum", Untold},
		{"", "metadata.annotations", "checksum", Untold},
	} {
		got := VerdictOf(Subject{Kind: c.kind, Name: "app", Interval: "7m"}, strings.Split(c.path, "."), c.key)
		if got.When != c.want {
			t.Errorf("%s %s %s: %q, expected %q", c.kind, c.path, c.key, got.When, c.want)
		}
		if got.When == NextInterval && c.key != "reconcile.fluxcd.io/forceAt" && c.key != "reconcile.fluxcd.io/resetAt" && !strings.Contains(got.Why, "7m") {
			t.Errorf("%s %s %s: %q does not name the interval", c.kind, c.path, c.key, got.Why)
		}
		if strings.Contains(got.Why, "{") {
			t.Errorf("%s %s %s: %q", c.kind, c.path, c.key, got.Why)
		}
	}
}

func TestSuspendedIsLeftAlone(t *testing.T) {
	o := &kustomize.Object{Kind: "HelmRelease", Name: "app", Namespace: "web"}
	if got := Paused(o); got.When != Nothing {
		t.Errorf("%q", got)
	}
}

func TestVariables(t *testing.T) {
	text := "a: ${one}\nb: $${escaped} ${two:=x}\nc: ${one} $three ${4}\nd: ${_five^^}\n"
	var got []string
	for _, v := range variables([]byte(text)) {
		got = append(got, v.Name)
	}
	if strings.Join(got, " ") != "one two _five" {
		t.Errorf("%q", got)
	}
}
