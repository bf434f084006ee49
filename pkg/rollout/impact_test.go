package rollout

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// edit is what a case does to the tree: it replaces text in a file, adds a text
// to its end, moves it, or removes it.
type edit struct{ file, old, new string }

const (
	clusters = "clusters/prod/apps.yaml"
	seen     = "apps/watch/release.yaml"
)

// TestImpacts: what comes of a change, by what Flux and kustomize would do.
func TestImpacts(t *testing.T) {
	for _, c := range []struct {
		name  string
		first []edit // in both trees
		edits []edit
		want  string
	}{
		{"a manifest that no longer parses", nil, []edit{{seen, "", "a: [\n"}}, `
own HelmRelease seen: nothing: the build fails: apps/watch/release.yaml:16 is not YAML: did not find expected node content: nothing of it is applied, and nothing deleted`},
		{"a document of another kind that does not parse", nil, []edit{{"apps/watch/more.yaml", "", "kind: Service\na: [\n"}}, `
own HelmRelease seen: nothing: the build fails: apps/watch/more.yaml:3 is not YAML: did not find expected node content: nothing of it is applied, and nothing deleted | no, Helm will not upgrade: the build fails`},
		{"a kustomization that no longer parses", nil, []edit{{"apps/hash/kustomization.yaml", "", "a: [\n"}}, `
own HelmRelease hashed: nothing: the build fails: apps/hash/kustomization.yaml:7 cannot be read: is not YAML: did not find expected node content: nothing of it is applied, and nothing deleted`},
		{"a resource that is missing", nil, []edit{{"apps/hash/kustomization.yaml", "[release.yaml]", "[release.yaml, nope.yaml]"}}, `
own HelmRelease hashed: nothing: the build fails: apps/hash/kustomization.yaml:1 nope.yaml does not exist: nothing of it is applied, and nothing deleted | no, Helm will not upgrade: the build fails`},
		{"a source of a generator that is missing", nil, []edit{{"apps/hash/values.yaml", "", ""}}, `
apps/hash/values.yaml HelmRelease hashed: nothing: the build fails: apps/hash/kustomization.yaml:4 names apps/hash/values.yaml, which does not exist: nothing of it is applied, and nothing deleted | no, Helm will not upgrade: the build fails`},
		{"a build that is mended", []edit{{"apps/hash/kustomization.yaml", "[release.yaml]", "[release.yaml, nope.yaml]"}}, []edit{{"apps/hash/kustomization.yaml", ", nope.yaml", ""}}, `
own HelmRelease hashed: cannot be told: the build failed before: apps/hash/kustomization.yaml:1 nope.yaml does not exist: what is in the cluster is not known | unknown, whether Helm will upgrade cannot be told: the build failed before`},

		{"another name of the file of Kustomizations", nil, []edit{{clusters, "", "-> clusters/prod/k.yaml"}}, ""},
		{"another folder of the file of Kustomizations", nil, []edit{{clusters, "", "-> clusters/live/k.yaml"}}, ""},
		{"another name of a folder without Kustomization", []edit{{clusters, "", ""}}, []edit{{"apps/hash/kustomization.yaml", "", "-> apps/other/kustomization.yaml"}, {"apps/hash/release.yaml", "", "-> apps/other/release.yaml"}, {"apps/hash/values.yaml", "", "-> apps/other/values.yaml"}, {"apps/hash/kc.yaml", "", "-> apps/other/kc.yaml"}}, `
apps/hash/values.yaml HelmRelease hashed: nothing: HelmRelease hashed stays as it is, and so does what it reads | no, the values are the same: Helm will not upgrade
apps/other/values.yaml HelmRelease hashed: nothing: HelmRelease hashed stays as it is, and so does what it reads | no, the values are the same: Helm will not upgrade`},
		{"a release that another Kustomization applies", nil, []edit{{seen, "", "-> infra/seen/release.yaml"}, {"apps/watch/cm.yaml", "", "-> infra/seen/cm.yaml"}}, `
apps/watch/cm.yaml HelmRelease seen: cannot be told: HelmRelease seen moves from Kustomization watch to infra: it is deleted and made anew where the first prunes before the second applies | unknown, whether Helm will upgrade cannot be told: it moves to another Kustomization
infra/seen/cm.yaml HelmRelease seen: cannot be told: HelmRelease seen moves from Kustomization watch to infra: it is deleted and made anew where the first prunes before the second applies | unknown, whether Helm will upgrade cannot be told: it moves to another Kustomization`},

		{"another folder of a Kustomization", nil, []edit{{clusters, "path: ./apps/watch", "path: ./apps/hash"}}, `
own HelmRelease hashed: cannot be told: Kustomization watch applies HelmRelease hashed from now on, which Kustomization hash applied before | unknown, whether Helm will upgrade cannot be told: another Kustomization applied it before
own HelmRelease seen: immediate: HelmRelease seen is gone: it is deleted where its Kustomization prunes`},
		{"another source of a Kustomization", nil, []edit{{clusters, "path: ./apps/watch\n  prune: true\n  sourceRef: {kind: GitRepository, name: flux-system}", "path: ./apps/watch\n  prune: true\n  sourceRef: {kind: GitRepository, name: other}"}}, `
own HelmRelease seen: cannot be told: Kustomization watch has another spec.sourceRef: what comes of what it applies is not known here | unknown, whether Helm will upgrade cannot be told: Kustomization watch has another spec.sourceRef`},
		{"other images of a Kustomization", nil, []edit{{clusters, "targetNamespace: prod", "targetNamespace: prod\n  images: [{name: nginx, newTag: \"2\"}]"}}, `
own Deployment prod/front: cannot be told: spec.images of Kustomization apps changes: the pods of Deployment front roll where one of its images does`},
		{"another namespace of a Kustomization", nil, []edit{{clusters, "targetNamespace: prod", "targetNamespace: live"}}, `
own HelmRelease live/web: immediate: HelmRelease web is new: it is there as soon as it is applied | yes, Helm will install it
own HelmRelease live/api: immediate: HelmRelease api is new: it is there as soon as it is applied | yes, Helm will install it
own Deployment live/front: immediate: Deployment front is new: it is there as soon as it is applied
own HelmRelease prod/web: immediate: HelmRelease web is gone: it is deleted where its Kustomization prunes
own HelmRelease prod/api: immediate: HelmRelease api is gone: it is deleted where its Kustomization prunes
own Deployment prod/front: immediate: Deployment front is gone: it is deleted where its Kustomization prunes`},

		{"values below a suspended Kustomization", nil, []edit{{"paused/cm.yaml", "disk: 1", "disk: 2"}}, `
paused/cm.yaml HelmRelease sleepy: nothing: Kustomization paused is suspended: its controller leaves it alone | no, Helm will not upgrade: Kustomization paused is suspended`},
		{"values that a suspended Kustomization applies for another one", []edit{{"infra/cache/cm.yaml", "", "-> paused/cache.yaml"}, {".fluxsum.yaml", "files: infra/cache/cm.yaml", "files: paused/cache.yaml"}}, []edit{{"paused/cache.yaml", "size: 1", "size: 2"}}, `
paused/cache.yaml HelmRelease cache: nothing: Kustomization paused is suspended: its controller leaves it alone | no, Helm will not upgrade: Kustomization paused is suspended`},
		{"a manifest below a suspended Kustomization", nil, []edit{{"paused/release.yaml", "1.0.0", "1.0.1"}}, `
own HelmRelease sleepy: nothing: Kustomization paused is suspended: its controller leaves it alone | no, Helm will not upgrade: Kustomization paused is suspended`},
		{"a release that a suspended Kustomization builds no more", nil, []edit{{"paused/release.yaml", "kind: HelmRelease", "kind: Other"}}, `
own HelmRelease sleepy: nothing: Kustomization paused is suspended: nothing is deleted`},
		{"a new release that is suspended", nil, []edit{{"infra/new.yaml", "", release("new", "  suspend: true\n")}}, `
own HelmRelease new: nothing: HelmRelease new is new and suspended: it is applied, and Helm does not install it | no, Helm will not upgrade: it is suspended`},
		{"a Kustomization that is suspended no more", nil, []edit{{clusters, "  suspend: true\n", ""}}, `
own HelmRelease sleepy: immediate: Kustomization paused is no longer suspended: it applies all that has changed meanwhile | unknown, whether Helm will upgrade cannot be told: what has changed while Kustomization paused was suspended is not known`},
		{"a release that is suspended no more", []edit{{seen, "interval: 1h", "suspend: true"}}, []edit{{seen, "suspend: true", "suspend: false"}}, `
own HelmRelease seen: immediate: HelmRelease seen is no longer suspended: helm-controller reconciles it at once | unknown, whether Helm will upgrade cannot be told: what has changed while HelmRelease seen was suspended is not known`},
		{"a Kustomization that is suspended with what it applies", nil, []edit{{clusters, "path: ./apps/watch", "path: ./apps/watch\n  suspend: true"}, {"apps/watch/cm.yaml", "disk: 1", "disk: 2"}}, `
apps/watch/cm.yaml HelmRelease seen: cannot be told: Kustomization watch is suspended from now on: whether it applies this change before is not known | unknown, whether Helm will upgrade cannot be told: Kustomization watch is suspended from now on`},

		{"the hash of a name", nil, []edit{{"apps/hash/values.yaml", "h: 1", "h: 2"}}, `
apps/hash/values.yaml HelmRelease hashed: immediate: the name of ConfigMap hashed-values ends in the hash of its content, and kustomize writes it into HelmRelease hashed: no checksum is needed | yes, Helm will upgrade`},
		{"a hash that stays the same", nil, []edit{{"apps/hash/values.yaml", "", "-> apps/hash/v.yaml"}, {"apps/hash/kustomization.yaml", "[values.yaml]", "[values.yaml=v.yaml]"}}, `
apps/hash/v.yaml HelmRelease hashed: nothing: HelmRelease hashed stays as it is, and so does what it reads | no, the values are the same: Helm will not upgrade
apps/hash/values.yaml HelmRelease hashed: nothing: HelmRelease hashed stays as it is, and so does what it reads | no, the values are the same: Helm will not upgrade`},
		{"something else of a release that reads by hash", nil, []edit{{"apps/hash/release.yaml", "owner: team", "owner: us"}}, `
own HelmRelease hashed: at the next interval: no controller acts on owner: helm-controller reads new values only at its next interval, within 1h | no, the values are the same: Helm will not upgrade`},
		{"the watch label", nil, []edit{{"apps/watch/cm.yaml", "disk: 1", "disk: 2"}}, `
apps/watch/cm.yaml HelmRelease seen: immediate: ConfigMap seen-values carries reconcile.fluxcd.io/watch: Enabled (apps/watch/cm.yaml:3): Flux 2.7 and later act on each change by themselves, older ones at the next interval | yes, Helm will upgrade`},
		{"the watch label, and data that stay the same", nil, []edit{{"apps/watch/cm.yaml", "", "# the same\n"}}, `
apps/watch/cm.yaml HelmRelease seen: nothing: HelmRelease seen stays as it is, and so does what it reads | no, the values are the same: Helm will not upgrade`},
		{"another name of a source", nil, []edit{{"apps/base/web/values.yaml", "", "-> apps/base/web/v.yaml"}, {"apps/base/web/kustomization.yaml", "[values.yaml]", "[values.yaml=v.yaml]"}, {".fluxsum.yaml", "web/values.yaml", "web/v.yaml"}}, `
apps/base/web/v.yaml HelmRelease prod/web: nothing: the checksum of rule web is true, and stays the same: nothing that it counts has changed | no, the values are the same: Helm will not upgrade
apps/base/web/values.yaml HelmRelease prod/web: nothing: HelmRelease web stays as it is, and so does what it reads | no, the values are the same: Helm will not upgrade`},
		{"a comment, with content: yaml", []edit{{".fluxsum.yaml", "files: apps/base/web/values.yaml", "files: apps/base/web/values.yaml\n    content: yaml"}}, []edit{{"apps/base/web/values.yaml", "# two", "# deux"}}, `
apps/base/web/values.yaml HelmRelease prod/web: nothing: the checksum of rule web is true, and stays the same: nothing that it counts has changed | no, comments only: Helm will not upgrade`},

		{"another version of the chart", nil, []edit{{seen, "1.0.0", "1.0.1"}}, reconciled("yes, Helm will upgrade: spec.chart changes, version 1.0.0 -> 1.0.1")},
		{"a range of versions", nil, []edit{{seen, "1.0.0", "1.x"}}, reconciled(`unknown, whether Helm will upgrade cannot be told: spec.chart changes, which versions "1.0.0" and "1.x" stand for is not known here`)},
		{"another source of the chart", nil, []edit{{seen, "name: charts", "name: others"}}, reconciled("unknown, whether Helm will upgrade cannot be told: spec.chart changes, which chart another source holds is not known here")},
		{"another chart", nil, []edit{{seen, "{chart: seen", "{chart: other"}}, reconciled("yes, Helm will uninstall it, and install it anew: spec.chart changes, seen -> other")},
		{"how a chart is looked for", nil, []edit{{seen, "version: 1.0.0", "version: 1.0.0, interval: 5m, reconcileStrategy: Revision, verify: {provider: cosign}"}}, reconciled("no, the values are the same: Helm will not upgrade for its values; spec.chart changes too")},
		{"the values files of a chart", nil, []edit{{seen, "version: 1.0.0", "version: 1.0.0, valuesFiles: [prod.yaml]"}}, reconciled("yes, Helm will upgrade: spec.chart changes, its valuesFiles make a new version of the chart")},
		{"the name of the release that is its name anyway", nil, []edit{{seen, "  interval: 1h", "  interval: 1h\n  releaseName: seen"}}, reconciled("no, the values are the same: Helm will not upgrade")},
		{"another name of the release", nil, []edit{{seen, "  interval: 1h", "  interval: 1h\n  releaseName: other"}}, reconciled("yes, Helm will uninstall it, and install it anew: spec.releaseName changes, seen -> other")},
		{"forceAt alone", nil, []edit{{seen, "owner: team", "owner: team\n    reconcile.fluxcd.io/forceAt: x"}}, `
own HelmRelease seen: at the next interval: helm-controller acts on reconcile.fluxcd.io/forceAt only together with a new reconcile.fluxcd.io/requestedAt of the same value | no, the values are the same: Helm will not upgrade for its values; reconcile.fluxcd.io/forceAt changes too`},
		{"forceAt with requestedAt", nil, []edit{{seen, "owner: team", "reconcile.fluxcd.io/forceAt: x\n    reconcile.fluxcd.io/requestedAt: x"}}, `
own HelmRelease seen: immediate: helm-controller reconciles HelmRelease seen at once, and upgrades if the merged values differ | yes, Helm will upgrade: reconcile.fluxcd.io/forceAt changes`},

		{"a Deployment taken out of resources", nil, []edit{{"apps/base/web/kustomization.yaml", ", deploy.yaml", ""}}, `
own Deployment prod/front: immediate: Deployment front is gone: it is deleted where its Kustomization prunes`},
		{"a Deployment taken out of resources, and not pruned", []edit{{clusters, "prune: true\n  targetNamespace", "prune: false\n  targetNamespace"}}, []edit{{"apps/base/web/kustomization.yaml", ", deploy.yaml", ""}}, `
own Deployment prod/front: nothing: Deployment front is gone from the tree, and stays in the cluster: it is not pruned by Kustomization apps`},
		{"a release that nothing applies", nil, []edit{{"misc/new.yaml", "", release("new", "")}}, `
own HelmRelease new: nothing: no Kustomization and no kustomization of this tree applies HelmRelease new | no, Helm will not upgrade: nothing of this tree applies it`},
		{"a pod template", nil, []edit{{"apps/base/web/deploy.yaml", "image: nginx", "image: caddy"}}, `
own Deployment prod/front: immediate, pods roll: the pod template changes: the pods of Deployment front roll as soon as kustomize-controller applies it`},
		{"another algorithm of a checksum in a pod template", nil, []edit{{".fluxsum.yaml", "annotation: checksum/env", "annotation: checksum/env\n    algorithm: sha256"}}, `
own Deployment prod/front: immediate, pods roll: the pod template changes: the pods of Deployment front roll as soon as kustomize-controller applies it`},
		{"the number of replicas", nil, []edit{{"apps/base/web/deploy.yaml", "spec:\n  template:", "spec:\n  replicas: 3\n  template:"}}, ""},

		{"what postBuild fills into values", []edit{{"apps/base/web/values.yaml", "", "zone: ${zone}\n"}, {clusters, "targetNamespace: prod", "targetNamespace: prod\n  postBuild: {substitute: {zone: a}}"}}, []edit{{clusters, "zone: a", "zone: b"}}, `
own HelmRelease prod/web: at the next interval: postBuild fills zone otherwise into ConfigMap web-values, which no checksum sees: helm-controller reads new values only at its next interval, within 1h | yes, Helm will upgrade`},
		{"what postBuild fills into a release", []edit{{"apps/base/web/release.yaml", "  values:\n", "  values:\n    zone: ${zone}\n"}, {clusters, "targetNamespace: prod", "targetNamespace: prod\n  postBuild: {substitute: {zone: a}}"}}, []edit{{clusters, "zone: a", "zone: b"}}, `
own HelmRelease prod/web: immediate: postBuild fills zone otherwise into HelmRelease web: its spec changes | yes, Helm will upgrade`},
		{"what postBuild takes from a ConfigMap", []edit{{"apps/base/web/values.yaml", "", "zone: ${zone}\n"}, {"clusters/prod/vars.yaml", "", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {zone: a}\n"}, {clusters, "targetNamespace: prod", "targetNamespace: prod\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}"}}, []edit{{"clusters/prod/vars.yaml", "zone: a", "zone: b"}}, `
clusters/prod/vars.yaml HelmRelease prod/web: at the next interval: postBuild fills zone otherwise into ConfigMap web-values, which no checksum sees: helm-controller reads new values only at its next interval, within 1h | yes, Helm will upgrade`},

		{"what postBuild takes from what is not here", []edit{{"apps/base/web/values.yaml", "", "zone: ${zone}\nname: ${name}\n"}, {clusters, "targetNamespace: prod", "targetNamespace: prod\n  postBuild: {substitute: {zone: a}, substituteFrom: [{kind: ConfigMap, name: vars}]}"}}, []edit{{clusters, "zone: a", "zone: b"}}, `
own HelmRelease prod/web: at the next interval: postBuild fills zone otherwise into ConfigMap web-values, which no checksum sees: helm-controller reads new values only at its next interval, within 1h | unknown, whether Helm will upgrade cannot be told: postBuild fills zone otherwise into ConfigMap web-values`},

		{"a source that is gone with its rule, and no more read", nil, []edit{{"infra/cache/cm.yaml", "", ""}, {"infra/cache/release.yaml", "  valuesFrom:\n    - kind: ConfigMap\n      name: cache-values\n", ""}, {".fluxsum.yaml", "  - name: cache\n    files: infra/cache/cm.yaml\n    annotation: cache-checksum\n    targets: infra/cache/release.yaml\n", ""}}, `
infra/cache/cm.yaml HelmRelease cache: immediate: the spec changes: helm-controller reconciles HelmRelease cache at once, and upgrades where its values, post-renderers or common metadata do | yes, Helm will upgrade`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := changedTree(t, clusterTree(t), c.first)
			now := changedTree(t, before, c.edits)
			if got, want := impactsOf(t, before, now), strings.TrimPrefix(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// release is the manifest of one.
func release(name, more string) string {
	return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: " + name + "}\nspec:\n  interval: 1h\n" + more
}

// reconciled is what comes of a change of the spec of seen.
func reconciled(upgrade string) string {
	return "own HelmRelease seen: immediate: the spec changes: helm-controller reconciles HelmRelease seen at once, and upgrades where its values, post-renderers or common metadata do | " + upgrade
}

func clusterTree(t *testing.T) fstest.MapFS {
	t.Helper()
	text, err := os.ReadFile("testdata/cluster.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{}
	for _, f := range txtar.Parse(text).Files {
		tree[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	return tree
}

// changedTree is a tree after some edits and an update.
func changedTree(t *testing.T, tree fstest.MapFS, edits []edit) fstest.MapFS {
	t.Helper()
	tree = maps.Clone(tree)
	for _, e := range edits {
		var text []byte
		if f := tree[e.file]; f != nil {
			text = f.Data
		}
		to, moves := strings.CutPrefix(e.new, "-> ")
		switch {
		case moves:
			delete(tree, e.file)
			tree[to] = &fstest.MapFile{Data: text, Mode: 0o644}
			continue
		case e.old == "" && e.new == "":
			delete(tree, e.file)
			continue
		case e.old == "":
			text = append(slices.Clip(text), e.new...)
		case !bytes.Contains(text, []byte(e.old)):
			t.Fatalf("%s has no %q", e.file, e.old)
		default:
			text = bytes.Replace(text, []byte(e.old), []byte(e.new), 1)
		}
		tree[e.file] = &fstest.MapFile{Data: text, Mode: 0o644}
	}
	for _, c := range rolloutOf(t, tree).Plan.Changes {
		tree[c.File] = &fstest.MapFile{Data: c.After, Mode: 0o644}
	}
	return tree
}

func rolloutOf(t *testing.T, tree fstest.MapFS) *Rollout {
	t.Helper()
	ctx := context.Background()
	config, err := fluxsum.ReadConfig(fluxsum.ConfigName, tree[fluxsum.ConfigName].Data)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := fluxsum.Build(ctx, config, tree)
	if err != nil {
		t.Fatal(err)
	}
	graph, err := flux.Read(ctx, tree, flux.Options{Quick: true})
	if err != nil {
		t.Fatal(err)
	}
	return New(plan, graph)
}

// impactsOf writes what comes of a change, a line for each object.
func impactsOf(t *testing.T, before, now fstest.MapFS) string {
	t.Helper()
	var changed, lines []string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if old := before[name]; old == nil || !bytes.Equal(old.Data, now[name].Data) {
			changed = append(changed, name)
		}
	}
	for name := range before {
		if now[name] == nil {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	for _, i := range rolloutOf(t, now).Impacts(rolloutOf(t, before), changed) {
		for _, o := range i.Rollouts {
			lines = append(lines, lineOf(i.File, &o))
		}
	}
	return strings.Join(lines, "\n")
}

func lineOf(file string, o *Outcome) string {
	if file == "" {
		file = "own"
	}
	name := o.Name
	if o.Namespace != "" {
		name = o.Namespace + "/" + name
	}
	line := fmt.Sprintf("%s %s %s: %s: %s", file, o.Kind, name, o.Verdict.When, o.Verdict.Why)
	if o.Upgrade != nil {
		line += fmt.Sprintf(" | %s, %s", o.Upgrade.Will, o.Upgrade.Why)
	}
	return line
}
