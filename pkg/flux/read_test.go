package flux

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestOverlays: the graph of the example with all that kustomize and Flux can do
// between a file and a release.
func TestOverlays(t *testing.T) {
	want := strings.TrimSpace(`
shop/staging-shop-v2 apps/base/shop/release.yaml:1 by flux-system/apps every 5m
  ConfigMap values values.yaml -> apps/base/shop/values.yaml, by hash
  ConfigMap values extra.yaml -> apps/staging/extra.yaml, by hash
  Secret login password -> apps/base/shop/kustomization.yaml, by hash
shop/staging-billing-v2 apps/billing/release.yaml:1 by flux-system/apps every 20m
  ConfigMap staging-billing-values-v2 values.yaml -> apps/billing/config/billing.yaml
infra/cache infrastructure/cache/release.yaml:1 by flux-system/infrastructure every 1h
  ConfigMap values values.yaml -> infrastructure/cache/values.yaml, watched
infra/ingress infrastructure/ingress.yaml:1 by flux-system/infrastructure every 30m
  ConfigMap ingress-values values.yaml -> infrastructure/ingress.yaml
  Secret ingress-token token -> made in the cluster, from the ExternalSecret of infrastructure/secrets/external.yaml:1`)
	for _, quick := range []bool{false, true} {
		if got := releases(read(t, "overlays", Options{Quick: quick})); got != want {
			t.Errorf("quick %v: got\n%s\nwant\n%s", quick, got, want)
		}
	}
}

func read(t *testing.T, tree string, o Options) *Graph {
	t.Helper()
	g, err := Read(context.Background(), os.DirFS("../../testdata/"+tree), o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func releases(g *Graph) string {
	var b strings.Builder
	for _, r := range g.Releases {
		fmt.Fprintf(&b, "%s/%s %s:%d by %s every %s\n", r.Namespace, r.Name, r.File, r.Line, r.Build.Kustomization.ID(), r.Interval)
		for i := range r.Values {
			v := &r.Values[i]
			fmt.Fprintf(&b, "  %s %s %s -> %s%s", v.Kind, v.Name, v.Key, v.Source(), v.Unknown)
			if v.ByHash() {
				b.WriteString(", by hash")
			}
			if v.Object != nil {
				if _, ok := g.Watched(v.Object); ok {
					b.WriteString(", watched")
				}
			}
			b.WriteString("\n")
		}
	}
	return strings.TrimSpace(b.String())
}

// TestPathsBeginAtTheTopOfTheRepository: where the tree is a folder of it, the
// paths of Kustomizations have its name before them.
func TestPathsBeginAtTheTopOfTheRepository(t *testing.T) {
	g := read(t, "overlays", Options{Prefix: "gitops"})
	for _, k := range g.Kustomizations {
		if k.Build != nil {
			t.Errorf("%s applies %s", k.ID(), k.Path)
		}
	}
	tree := fstest.MapFS{
		"clusters/apps.yaml": {Data: []byte("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {path: ./gitops/apps, targetNamespace: shop}\n")},
		"apps/release.yaml":  {Data: []byte("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app}\n")},
	}
	g, err := Read(context.Background(), tree, Options{Prefix: "gitops"})
	if err != nil || len(g.Releases) != 1 || g.Releases[0].Namespace != "shop" {
		t.Errorf("%v, %v", g.Releases, err)
	}
}

// TestValuesDigest: what is encrypted, filled in or not here cannot be told, and
// why is said.
func TestValuesDigest(t *testing.T) {
	want := map[string]string{
		"staging-shop-v2":    "sha256:cbb5cdb07b508dc99086618e3cf7433b9069f1e60fc117324a202920f0f28819",
		"staging-billing-v2": "sha256:eb9387a014564c16716284652b39563f6dc16b5135d09412291a82bbeea5907a",
		"cache":              "sha256:27f32c21b6aaecd664ac4d59bd8e7e5899433b4f1dd55fef67ab1ff092d1bb44",
		"ingress":            "cannot be told from the repository: Secret ingress-token is made in the cluster, from the ExternalSecret of infrastructure/secrets/external.yaml:1",
	}
	g := read(t, "overlays", Options{})
	for _, r := range g.Releases {
		_, got, err := g.Values(r)
		if err != nil {
			got = err.Error()
		}
		if got != want[r.Name] {
			t.Errorf("%s: %s, expected %s", r.Name, got, want[r.Name])
		}
	}
}
