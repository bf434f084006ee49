package kustomize

import (
	"path"
	"slices"
	"testing"
	"testing/fstest"
)

// secretInputTrees are trees of which the files named secret* are inputs of
// Secrets, and no others.
var secretInputTrees = map[string]string{
	"secretGenerator": `
-- kustomization.yaml --
secretGenerator:
  - {name: s, files: [secret.a, key=secret.b], envs: [secret.c]}
  - {name: t, env: secret.d}
configMapGenerator:
  - {name: s, files: [plain.a]}
-- secret.a --
x
-- secret.b --
x
-- secret.c --
x
-- secret.d --
x
-- plain.a --
x
`,
	"any case": `
-- kustomization.yaml --
SecretGenerator:
  - {name: s, files: [secret.a]}
-- secret.a --
x
-- plain.a --
x
`,
	"from above": `
-- a/b/kustomization.yaml --
secretGenerator:
  - {name: s, files: [../secret.a]}
-- a/secret.a --
x
-- a/b/plain.a --
x
`,
	"broken": `
-- kustomization.yaml --
secretGenerator:
  - {name: s, files: [secret.a]}
bad: [
-- secret.a --
x
-- plain.a --
x
`,
	"generators, a file": `
-- kustomization.yaml --
generators: [g.yaml]
-- g.yaml --
kind: ConfigMapGenerator
metadata: {name: c}
files: [plain.a]
---
kind: SecretGenerator
metadata: {name: s}
files: [secret.a, key=secret.b]
envs: [secret.c]
env: secret.d
-- secret.a --
x
-- secret.b --
x
-- secret.c --
x
-- secret.d --
x
-- plain.a --
x
`,
	"generators, a folder": `
-- app/kustomization.yaml --
generators: [../g]
-- g/kustomization.yaml --
resources: [one.yaml, deep]
-- g/one.yaml --
kind: SecretGenerator
metadata: {name: s}
files: [secret.a]
-- g/deep/kustomization.yaml --
resources: [two.yaml]
patches:
  - {target: {kind: SecretGenerator}, patch: '[{"op": "add", "path": "/files/-", "value": "secret.c"}]'}
-- g/deep/two.yaml --
kind: SecretGenerator
metadata: {name: t}
files: [secret.b]
-- app/secret.a --
x
-- app/secret.b --
x
-- app/secret.c --
x
-- g/plain.a --
x
`,
	"generators, inline": `
-- kustomization.yaml --
generators:
  - |-
    apiVersion: builtin
    kind: SecretGenerator
    metadata: {name: s}
    files: [secret.a]
  - "{kind: ksops, files: [secret.b]}"
-- secret.a --
x
-- secret.b --
x
-- plain.a --
x
`,
	"ksops": `
-- kustomization.yaml --
generators: [g.yaml]
-- g.yaml --
apiVersion: viaduct.ai/v1
kind: ksops
metadata: {name: s}
files: [./secret.a]
secretFrom:
  - metadata: {name: t}
    files: [secret.b]
    binaryFiles: [key=secret.c]
    envs: [secret.d]
-- secret.a --
x
-- secret.b --
x
-- secret.c --
x
-- secret.d --
x
-- plain.a --
x
`,
	"generators, broken": `
-- kustomization.yaml --
generators: [g]
-- g/kustomization.yaml --
resources: [one.yaml]
-- g/one.yaml --
kind: SecretGenerator
files: [secret.a]
bad: [
-- secret.a --
x
-- plain.a --
x
`,
	"generators in a circle": `
-- kustomization.yaml --
generators: [g]
-- g/kustomization.yaml --
resources: [../g, one.yaml]
-- g/one.yaml --
kind: SecretGenerator
metadata: {name: s}
files: [secret.a]
-- secret.a --
x
-- plain.a --
x
`,
}

func TestSecretInputs(t *testing.T) {
	for name, tree := range secretInputTrees {
		fsys := txtarFS([]byte(tree))
		isInput := NewLoader(fsys).SecretInputs(kustomizationsOf(fsys))
		for file := range fsys {
			base := path.Base(file)
			if want := base[:len(base)-1] == "secret."; path.Ext(base) != ".yaml" && isInput(file) != want {
				t.Errorf("%s: %s: %v, expected %v", name, file, !want, want)
			}
		}
	}
}

func kustomizationsOf(fsys fstest.MapFS) []string {
	var all []string
	for name := range fsys {
		if IsKustomizationName(path.Base(name)) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}
