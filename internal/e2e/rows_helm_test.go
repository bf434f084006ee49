package e2e_test

import "testing"

const requestedAt = "reconcile.fluxcd.io/requestedAt"

// The rules of most rows.
var (
	byRequest = []rule{{annotation: requestedAt}}
	byOther   = []rule{{annotation: "app-checksum"}}
	forced    = []rule{{annotation: requestedAt}, {annotation: "reconcile.fluxcd.io/forceAt"}}
	reset     = []rule{{annotation: requestedAt}, {annotation: "reconcile.fluxcd.io/resetAt"}}
	inValues  = []rule{{annotation: "checksum", path: "spec.values"}}
	inCommon  = []rule{{annotation: "checksum", path: "spec.commonMetadata.annotations"}}
	inPods    = []rule{{annotation: "checksum", path: "spec.values.podAnnotations"}}
	inLabels  = []rule{{annotation: "app-checksum", path: "metadata.labels"}}
	inPatch   = []rule{{annotation: requestedAt, file: "app/kustomization.yaml"}}
	inCommons = []rule{{annotation: "app-checksum", file: "app/kustomization.yaml", kind: anyKind}}
)

const (
	valuesChecksum = "  values:\n    checksum: none\n"
	commonChecksum = "  commonMetadata:\n    annotations:\n      checksum: none\n"
	podChecksum    = "  values:\n    podAnnotations:\n      checksum: none\n"
)

func app(chart, metadata, spec string) files {
	return files{"app/release.yaml": release(chart, metadata, spec)}
}

func appFolder(text string) files { return files{"app/kustomization.yaml": folder(text)} }

// The values are one ConfigMap that the release reads; each row is run on each
// helm-controller.
var helmRows = []row{
	{change: "ConfigMap alone", now: two},
	{change: "and any other annotation on the HelmRelease", rules: byOther, now: two},
	{change: "and any other label on the HelmRelease", rules: inLabels, files: app("plain", "  labels:\n    app-checksum: none\n", ""), now: two},
	{change: "and any other annotation, in `commonAnnotations`", rules: inCommons, files: appFolder("resources: [release.yaml]\ncommonAnnotations:\n  app-checksum: none\n" + fixedName), now: two},
	{change: "and a new `requestedAt`", rules: byRequest, now: two, want: seen{Woken: true, Upgraded: true}},
	{change: "and a new `requestedAt`, in a patch", rules: inPatch, files: appFolder("resources: [release.yaml]\n" + patch + fixedName), now: two, want: seen{Woken: true, Upgraded: true}},
	{change: "and a new `requestedAt`, comments alone", rules: byRequest, now: comments, same: true, want: seen{Woken: true}},
	{change: "and a new `forceAt` alone", rules: forced[1:], now: two},
	{change: "and a new `resetAt` alone", rules: reset[1:], now: two},
	{change: "and `requestedAt` with `forceAt`, comments alone", rules: forced, now: comments, want: seen{Woken: true, Upgraded: true}},
	{change: "and `requestedAt`, comments alone, retries used up", rules: byRequest, then: []files{broken}, now: brokenComments, want: seen{Woken: true, Fails: refused}},
	{change: "and `requestedAt` with `resetAt`, comments alone, retries used up", rules: reset, then: []files{broken}, now: brokenComments, want: seen{Woken: true, Upgraded: true, Fails: refused}},
	{change: "and `requestedAt` taken away", files: app("plain", "  annotations:\n    "+requestedAt+": before\n", ""), now: two.with(base.only("app/release.yaml"))},
	{change: "and a checksum in `spec.values`", rules: inValues, files: app("plain", "", valuesChecksum), now: two, want: seen{Woken: true, Upgraded: true}},
	{change: "and a checksum in `spec.values`, comments alone", rules: inValues, files: app("plain", "", valuesChecksum), now: comments, want: seen{Woken: true, Upgraded: true}},
	{change: "and a checksum of `content: yaml` in `spec.values`, comments alone", rules: asYAML, files: app("plain", "", valuesChecksum), now: comments, same: true, unasked: true},
	{change: "and a checksum in `spec.values` that a strict schema does not know", files: app("strict", "", ""), now: two.with(config(inValues)).with(app("strict", "", valuesChecksum)), want: seen{Woken: true, Fails: "additional properties"}},
	{change: "and a checksum in `podAnnotations` of `spec.values`", rules: inPods, files: app("pods", "", podChecksum), pods: true, now: two, want: seen{Woken: true, Upgraded: true, Rolled: true}},
	{change: "and a checksum in `spec.commonMetadata.annotations`", rules: inCommon, files: app("pods", "", commonChecksum), pods: true, now: two, want: seen{Woken: true, Upgraded: true}},
	{change: "and a checksum in `spec.commonMetadata.annotations`, comments alone", rules: inCommon, files: app("plain", "", commonChecksum), now: comments, want: seen{Woken: true, Upgraded: true}, old: &seen{Woken: true}},
	{change: "and a checksum in a pod template, in `spec.postRenderers`", rules: inRenderer, files: app("pods", "", renderer), pods: true, now: two, want: seen{Woken: true, Upgraded: true, Rolled: true}},
	{change: "and a checksum in a pod template, in `spec.postRenderers`, comments alone", rules: inRenderer, files: app("pods", "", renderer), pods: true, now: comments, want: seen{Woken: true, Upgraded: true, Rolled: true}, old: &seen{Woken: true}},
	{change: "ConfigMap with the watch label", files: watched, now: two, want: seen{Woken: true, Upgraded: true}},
	{change: "ConfigMap with the watch label, comments alone", files: watched, now: comments, same: true, want: seen{Woken: true}},
	{change: "name with hash, and a `nameReference`", files: hashed, now: two, want: seen{Woken: true, Upgraded: true}},
	{change: "name with hash, and a `nameReference`, comments alone", files: hashed, now: comments, same: true, want: seen{Woken: true}},
	{change: "a `nameReference`, but `disableNameSuffixHash`", files: dead, now: two},
	{change: "and an annotation on a ConfigMap", rules: onConfigMap, files: manifest, now: two, target: nothing},
	{change: "and a new `requestedAt`, the HelmRelease suspended", rules: byRequest, then: []files{app("plain", "", "  suspend: true\n")}, now: two, want: seen{Woken: true}},
	{change: "and a new `requestedAt`, its Kustomization suspended", rules: byRequest, then: []files{{"clusters/apps.yaml": kustomization("apps", "app", "  suspend: true\n")}}, now: two},
	{change: "and `requestedAt` as a number without quotes", now: two.with(app("plain", "  annotations:\n    "+requestedAt+": 123\n", "")), want: seen{Woken: true, Upgraded: true}, unasked: true},
}

// only is one file of all.
func (f files) only(name string) files { return files{name: f[name]} }

const patch = `patches:
  - target: {kind: HelmRelease, name: app}
    patch: |
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata:
        name: app
        annotations:
          reconcile.fluxcd.io/requestedAt: none
`

// A release whose upgrade fails, and that is not tried again.
var (
	broken         = files{"app/values.yaml": "broken: true\n"}
	brokenComments = files{"app/values.yaml": "# a comment\nbroken: true\n"}
)

// refused is a word of what helm-controller says of that.
const refused = "upgrade"

var (
	asYAML     = []rule{{annotation: "checksum", path: "spec.values", content: "yaml"}}
	inRenderer = []rule{{annotation: "checksum", path: "spec.postRenderers.0.kustomize.patches.0.patch.spec.template.metadata.annotations"}}
)

const renderer = `  postRenderers:
    - kustomize:
        patches:
          - target: {kind: Deployment}
            patch: |
              apiVersion: apps/v1
              kind: Deployment
              metadata:
                name: any
              spec:
                template:
                  metadata:
                    annotations:
                      checksum: none
`

var (
	watched = appFolder("resources: [release.yaml]\n" + generated + "generatorOptions: {disableNameSuffixHash: true, labels: {reconcile.fluxcd.io/watch: Enabled}}\n")
	hashed  = appFolder("resources: [release.yaml]\nconfigurations: [names.yaml]\n" + generated).with(names)
	dead    = appFolder("resources: [release.yaml]\nconfigurations: [names.yaml]\n" + fixedName).with(names)
	names   = files{"app/names.yaml": "nameReference: [{kind: ConfigMap, version: v1, fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]}]\n"}
)

// A ConfigMap that is a manifest, and carries the checksum of another.
var (
	onConfigMap = []rule{{annotation: "app-checksum", file: "app/other.yaml", kind: "ConfigMap", name: "other"}}
	manifest    = appFolder("resources: [release.yaml, other.yaml]\n" + fixedName).with(files{"app/other.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n"})
)

func TestHelmReleases(t *testing.T) { runRows(t, helmRows, helms...) }
