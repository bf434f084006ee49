package e2e_test

import "testing"

// A Kustomization of Flux, in the repository, that applies another repository: that one
// does not change. The values go into what it fills in.
var kustomizationRows = []row{
	filler(row{change: "Kustomization, a new `requestedAt`", rules: onFiller(requestedAt, "metadata.annotations"), want: wakes}),
	filler(row{change: "Kustomization, any other annotation", rules: onFiller("app-checksum", "metadata.annotations")}),
	filler(row{change: "Kustomization, a checksum in `spec.postBuild.substitute`", rules: onFiller("checksum", "spec.postBuild.substitute"), want: wakes}),
	filler(row{change: "Kustomization, a ConfigMap of `substituteFrom` alone"}),
	filler(row{change: "Kustomization, a ConfigMap of `substituteFrom` with the watch label", files: appFolder("resources: [filler.yaml]\n" + variables + "generatorOptions: {disableNameSuffixHash: true, labels: {reconcile.fluxcd.io/watch: Enabled}}\n"), want: wakes}),
	filler(row{change: "Kustomization, a new `requestedAt`, suspended", rules: onFiller(requestedAt, "metadata.annotations"), then: []files{{"app/filler.yaml": fillerText + "  suspend: true\n"}}, want: wakes}),
}

var wakes = seen{Woken: true}

const (
	variables  = "configMapGenerator: [{name: values, envs: [vars.env]}]\n"
	fillerText = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: filler
spec:
  interval: 1h
  path: ./
  prune: true
  targetNamespace: $NS
  sourceRef: {kind: GitRepository, name: static}
  postBuild:
    substitute: {checksum: none}
    substituteFrom: [{kind: ConfigMap, name: values}]
`
)

// filler is a row about that Kustomization.
func filler(r row) row {
	r.subject, r.now = subject{"Kustomization", "filler"}, files{"app/vars.env": "greeting=two\n"}
	r.files = appFolder("resources: [filler.yaml]\n" + variables + "generatorOptions: {disableNameSuffixHash: true}\n").
		with(files{"app/release.yaml": "", "app/values.yaml": "", "app/vars.env": "greeting=one\n", "app/filler.yaml": fillerText}).with(r.files)
	return r
}

func onFiller(annotation, path string) []rule {
	return []rule{{annotation: annotation, path: path, file: "app/filler.yaml", kind: "Kustomization", name: "filler", sources: "app/vars.env"}}
}

func TestKustomizations(t *testing.T) { runRows(t, kustomizationRows, kustomizeController) }
