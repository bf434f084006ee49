package flux

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

// digestOf is the values digest of the one release of a tree with a Kustomization apps,
// or why there is none.
func digestOf(t *testing.T, values, postBuild string, more map[string]string) string {
	t.Helper()
	tree := fstest.MapFS{
		"clusters/a/apps.yaml":    {Data: []byte("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n" + postBuild)},
		"apps/kustomization.yaml": {Data: []byte("resources: [release.yaml]\nconfigMapGenerator: [{name: values, files: [values.yaml], options: {disableNameSuffixHash: true}}]\n")},
		"apps/release.yaml":       {Data: []byte("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: app}\nspec:\n  valuesFrom: [{kind: ConfigMap, name: values}]\n")},
		"apps/values.yaml":        {Data: []byte(values)},
	}
	for name, text := range more {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	g, err := Read(context.Background(), tree, Options{})
	if err != nil || len(g.Releases) != 1 {
		t.Fatal(len(g.Releases), err)
	}
	_, digest, err := g.Values(g.Releases[0])
	if err != nil {
		return err.Error()
	}
	return digest
}

// TestFillingIs: what is filled in is what would be there without a variable.
func TestFillingIs(t *testing.T) {
	vars := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\n"
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {name: vars, namespace: flux-system}\n"
	for name, c := range map[string]struct {
		values, postBuild, want string
		more                    map[string]string
	}{
		"a value":                {"a: ${x}", "  postBuild: {substitute: {x: '1'}}\n", "a: 1", nil},
		"a value of two lines":   {"a: ${x}.y", "  postBuild:\n    substitute:\n      x: |\n        one\n        two\n", "a: onetwo.y", nil},
		"from a ConfigMap":       {"a: ${x}", "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n", "a: one", map[string]string{"clusters/a/vars.yaml": vars + "data: {x: one}\n"}},
		"from a Secret":          {"a: ${x}", "  postBuild: {substituteFrom: [{kind: Secret, name: vars}]}\n", "a: one", map[string]string{"clusters/a/vars.yaml": secret + "data: {x: b25lCg==}\n"}},
		"substitute goes before": {"a: ${x}", "  postBuild: {substitute: {x: two}, substituteFrom: [{kind: ConfigMap, name: vars}]}\n", "a: two", map[string]string{"clusters/a/vars.yaml": vars + "data: {x: one}\n"}},
		"nothing to fill in":     {"a: $${x} ${x:-y}", "  postBuild: {substitute: {}}\n", "a: $${x} ${x:-y}", nil},
		"Always":                 {"a: $${x} ${x:-y}", "  postBuild: {substituteStrategy: Always}\n", "a: ${x} y", nil},
	} {
		t.Run(name, func(t *testing.T) {
			want := digestOf(t, c.want, "", nil)
			if got := digestOf(t, c.values, c.postBuild, c.more); got != want || !strings.HasPrefix(want, "sha256:") {
				t.Errorf("%s, expected %s as of %q", got, want, c.want)
			}
		})
	}
}

// TestFillingIsNotKnown: where anything else may fill in, or nothing, nothing is told.
func TestFillingIsNotKnown(t *testing.T) {
	const unknown, unset = "with what is not known here", "and has no value for a variable of it"
	from := "  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n"
	vars := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\n"
	overlay := func(city string) string {
		return "resources: [../../base]\npatches:\n  - target: {kind: Kustomization}\n    patch: |\n      - {op: add, path: /spec/postBuild, value: {substitute: {x: " + city + "}}}\n"
	}
	for name, c := range map[string]struct {
		postBuild, want string
		more            map[string]string
	}{
		"not in the repository": {from, unknown, nil},
		"of another cluster":    {from, unknown, map[string]string{"clusters/b/vars.yaml": vars + "data: {x: one}\n"}},
		"of another namespace":  {from, unknown, map[string]string{"clusters/a/vars.yaml": strings.Replace(vars, "flux-system", "b", 1) + "data: {x: one}\n"}},
		"encrypted":             {from, unknown, map[string]string{"clusters/a/vars.yaml": vars + "data: {x: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: x}\n"}},
		"binaryData":            {from, unset, map[string]string{"clusters/a/vars.yaml": vars + "data: {y: one}\nbinaryData: {x: b25l}\n"}},
		"no name of a variable": {"  postBuild: {substitute: {x: one, a-b: two}}\n", unknown, nil},
		"filled in itself":      {"  postBuild: {substitute: {x: '${y}'}}\n", unknown, nil},
		"replacements": {"", unknown, map[string]string{
			"clusters/a/kustomization.yaml": "resources: [apps.yaml]\nreplacements: [{path: replacement.yaml}]\n",
		}},
		"two overlays": {"", unknown, map[string]string{
			"clusters/a/apps.yaml":      "",
			"base/apps.yaml":            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n",
			"base/kustomization.yaml":   "resources: [apps.yaml]\n",
			"over/a/kustomization.yaml": overlay("paris"),
			"over/b/kustomization.yaml": overlay("rome"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			want := "cannot be told from the repository: postBuild of Kustomization apps fills in apps/values.yaml, " + c.want
			if got := digestOf(t, "a: ${x}", c.postBuild, c.more); got != want {
				t.Errorf("%s, expected %s", got, want)
			}
		})
	}
}
