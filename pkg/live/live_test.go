package live_test

import (
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/live"
)

func read(t *testing.T, text string) *live.Cluster {
	t.Helper()
	c, err := live.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestHelmControllerIsNoWorkload: its Deployment is printed for the version alone, but
// a release may be called so, too.
func TestHelmControllerIsNoWorkload(t *testing.T) {
	c := read(t, `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "helm-controller"}}`)
	if c.Has("apps", "Deployment") {
		t.Error("Deployments are taken to have been printed")
	}
	c = read(t, `{"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "helm-controller"}}`)
	if !c.Has("helm.toolkit.fluxcd.io", "HelmRelease") {
		t.Error("the HelmRelease is not taken to have been printed")
	}
}

// TestMergeTakesTheLater: of an object that was printed twice the later one counts, and
// what was asked for then was asked for.
func TestMergeTakesTheLater(t *testing.T) {
	const release = `{"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "a", "namespace": "n", "generation": 1}}`
	c := read(t, release)
	later := read(t, strings.Replace(release, `"generation": 1`, `"generation": 2`, 1))
	later.Asked("Kustomization.kustomize.toolkit.fluxcd.io")
	c.Merge(later)
	found := c.Find("helm.toolkit.fluxcd.io", "HelmRelease", "n", "a")
	if len(found) != 1 || found[0].Metadata.Generation != 2 {
		t.Errorf("found %v, expected the later one alone", found)
	}
	if !c.Has("kustomize.toolkit.fluxcd.io", "Kustomization") {
		t.Error("Kustomizations were asked for")
	}
}
