package e2e_test

import (
	"cmp"
	"fmt"
	"strings"
)

// rule is one of .fluxsum.yaml. Empty fields are those of most rows.
type rule struct{ annotation, path, file, kind, name, sources, content string }

func (r rule) text(i int) string {
	kind := ", kind: " + cmp.Or(r.kind, "HelmRelease") + ", name: " + cmp.Or(r.name, "app")
	if r.kind == anyKind {
		kind = ""
	}
	return fmt.Sprintf("  - name: r%d\n    files: %s\n    annotation: %s\n    content: %s\n    targets:\n      - {file: %s, path: %s%s}\n",
		i, cmp.Or(r.sources, "app/values.yaml"), r.annotation, cmp.Or(r.content, "bytes"), cmp.Or(r.file, "app/release.yaml"), cmp.Or(r.path, "metadata.annotations"), kind)
}

// anyKind is for a target that names no object.
const anyKind = "any"

// config is .fluxsum.yaml with some rules.
func config(rules []rule) files {
	if len(rules) == 0 {
		return nil
	}
	text := "version: 1\nrules:\n"
	for i, r := range rules {
		text += r.text(i)
	}
	return files{".fluxsum.yaml": text}
}

// base is in every repository: a Kustomization that applies a folder, in that a release
// with values from a ConfigMap with a fixed name.
var base = files{
	"clusters/apps.yaml":     kustomization("apps", "app", ""),
	"app/kustomization.yaml": folder("resources: [release.yaml]\n" + fixedName),
	"app/release.yaml":       release("plain", "", ""),
	"app/values.yaml":        "greeting: one\n",
}

// The changes of most rows.
var (
	two      = files{"app/values.yaml": "greeting: two\n"}
	comments = files{"app/values.yaml": "# a comment\ngreeting: \"one\"\n"}
)

// folder is a kustomization.yaml.
func folder(text string) string { return "namespace: $NS\n" + text }

const (
	generated = "configMapGenerator: [{name: values, files: [values.yaml]}]\n"
	fixedName = generated + "generatorOptions: {disableNameSuffixHash: true}\n"
)

// kustomization is one of Flux that applies a folder.
func kustomization(name, path, spec string) string {
	return "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: " + name + "\n  namespace: $NS\nspec:\n" +
		"  interval: 1h\n  path: ./" + path + "\n  prune: true\n  sourceRef: {kind: GitRepository, name: repository}\n" +
		"  commonMetadata: {labels: {" + shard + ": $HELM}}\n" + spec
}

// valuesFrom is where most releases have their values from.
func valuesFrom(spec string) string {
	if strings.Contains(spec, "valuesFrom:") {
		return ""
	}
	return "  valuesFrom: [{kind: ConfigMap, name: values}]\n"
}

// release is a HelmRelease of a chart, with more lines in its metadata and spec.
func release(chart, metadata, spec string) string {
	return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\n" + metadata + "spec:\n  interval: 1h\n" +
		"  chartRef: {kind: HelmChart, name: " + chart + "}\n  install: {disableWait: true}\n  upgrade: {disableWait: true}\n" +
		valuesFrom(spec) + spec
}
