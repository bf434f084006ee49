package kustomize

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	ours "github.com/fluxsum/fluxsum/pkg/kustomize"
)

var trees = []string{"../matrix-gitops", "../layouts", "../overlays"}

// TestBuildsWhatKustomizeBuilds: the same objects, with the same names,
// namespaces, labels, annotations, contents and specs, for every kustomization
// of the example trees.
func TestBuildsWhatKustomizeBuilds(t *testing.T) {
	for _, tree := range trees {
		for _, dir := range kustomizations(t, tree) {
			if component(t, dir) {
				continue // it builds nothing by itself
			}
			rel, err := filepath.Rel(tree, dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(filepath.ToSlash(dir), func(t *testing.T) { compare(t, tree, filepath.ToSlash(rel)) })
		}
	}
}

func compare(t *testing.T, tree, dir string) {
	real := realBuild(t, filepath.Join(tree, dir))
	b := ours.NewBuilder(ours.NewLoader(os.DirFS(tree)))
	built := b.Build(dir, nil)
	want, got := map[string]string{}, map[string]string{}
	for _, r := range real.Resources() {
		m, err := r.Map()
		if err != nil {
			t.Fatal(err)
		}
		want[fmt.Sprintf("%s %s/%s", r.GetKind(), r.GetNamespace(), r.GetName())] = text(t, realContent(m))
	}
	for _, o := range built.Objects {
		name, err := b.BuiltName(o)
		if err != nil {
			t.Error(err)
		}
		got[fmt.Sprintf("%s %s/%s", o.Kind, o.Namespace, name)] = text(t, ourContent(t, b, built, o))
	}
	for key := range want {
		if got[key] != want[key] {
			t.Errorf("%s\nkustomize: %s\nours:      %s", key, want[key], got[key])
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: kustomize does not build it; it builds %s", key, keys(want))
		}
	}
	for _, u := range built.Unknown {
		t.Errorf("%s:%d: %s", u.File, u.Line, u.Message)
	}
}

func realBuild(t *testing.T, dir string) resmap.ResMap {
	t.Helper()
	o := krusty.MakeDefaultOptions()
	o.LoadRestrictions = types.LoadRestrictionsNone // as Flux
	built, err := krusty.MakeKustomizer(o).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func component(t *testing.T, dir string) bool {
	content, err := os.ReadFile(filepath.Join(dir, "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(content), "kind: Component")
}

// realContent is what matters of an object: ConfigMaps and Secrets by their
// decoded data.
func realContent(m map[string]any) map[string]any {
	meta, _ := m["metadata"].(map[string]any)
	out := map[string]any{"labels": noneIfEmpty(meta["labels"]), "annotations": noneIfEmpty(meta["annotations"])}
	switch m["kind"] {
	case "ConfigMap", "Secret":
		data := map[string]string{}
		for _, under := range []string{"binaryData", "data", "stringData"} {
			values, _ := m[under].(map[string]any)
			if m["kind"] == "ConfigMap" && under == "stringData" {
				continue
			}
			for k, v := range values {
				data[k] = fmt.Sprint(v)
				if under == "binaryData" || m["kind"] == "Secret" && under == "data" {
					raw, _ := base64.StdEncoding.DecodeString(strings.ReplaceAll(fmt.Sprint(v), "\n", ""))
					data[k] = string(raw)
				}
			}
		}
		out["data"] = data
	default:
		out["spec"] = m["spec"]
	}
	return out
}

func ourContent(t *testing.T, b *ours.Builder, built *ours.Build, o *ours.Object) map[string]any {
	t.Helper()
	out := map[string]any{"labels": nilIfNone(o.Labels(b)), "annotations": nilIfNone(o.Annotations(b))}
	switch o.Kind {
	case "ConfigMap", "Secret":
		data := map[string]string{}
		for _, e := range o.Entries {
			value, err := b.Value(e)
			if err != nil {
				t.Error(err)
			}
			data[e.Key] = string(value)
		}
		out["data"] = data
	default:
		var m map[string]any
		if err := o.Node().Decode(&m); err != nil {
			t.Fatal(err)
		}
		out["spec"] = m["spec"]
		follow(t, b, built, o, out["spec"])
		spec, _ := out["spec"].(map[string]any)
		if template, ok := spec["template"].(map[string]any); ok && spec["selector"] != nil {
			common(m, template, o.Annotations(b))
		}
	}
	return out
}

// common writes commonAnnotations into a pod template, where kustomize has them
// too.
func common(object, template map[string]any, annotations map[string]string) {
	own, _ := object["metadata"].(map[string]any)["annotations"].(map[string]any)
	meta := template["metadata"].(map[string]any)
	for key, value := range annotations {
		if own[key] != nil {
			continue
		}
		if meta["annotations"] == nil {
			meta["annotations"] = map[string]any{}
		}
		meta["annotations"].(map[string]any)[key] = value
	}
}

// follow writes the final names into the references of HelmReleases and pods.
func follow(t *testing.T, b *ours.Builder, built *ours.Build, o *ours.Object, value any) {
	t.Helper()
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			follow(t, b, built, o, v)
		}
	case map[string]any:
		for key, v := range value {
			for _, kind := range kindsOf(o, key) {
				if m, ok := v.(map[string]any); ok {
					rename(t, b, built, o, kind, m)
				}
			}
			if l, ok := v.([]any); ok && key == "valuesFrom" && o.Kind == "HelmRelease" {
				for _, item := range l {
					rewrite(t, b, built, o, item.(map[string]any))
				}
			}
			follow(t, b, built, o, v)
		}
	}
}

// rewrite writes the final name into an entry of valuesFrom.
func rewrite(t *testing.T, b *ours.Builder, built *ours.Build, o *ours.Object, entry map[string]any) {
	t.Helper()
	name, _ := entry["name"].(string)
	to, _, err := built.Rewritten(o, name)
	if err != nil {
		t.Error(err)
	}
	if to == nil {
		return
	}
	if entry["name"], err = b.BuiltName(to); err != nil {
		t.Error(err)
	}
}

func kindsOf(o *ours.Object, key string) []string {
	switch {
	case o.Kind == "HelmRelease":
		return nil
	case strings.HasPrefix(key, "configMap"):
		return []string{"ConfigMap"}
	case strings.HasPrefix(key, "secret"):
		return []string{"Secret"}
	}
	return nil
}

func rename(t *testing.T, b *ours.Builder, built *ours.Build, o *ours.Object, kind string, m map[string]any) {
	t.Helper()
	for _, key := range []string{"name", "secretName"} {
		name, _ := m[key].(string)
		if name == "" || m["kind"] != nil && m["kind"] != kind {
			continue
		}
		to := built.Renamed(o, kind, name)
		if to == nil {
			continue
		}
		final, err := b.BuiltName(to)
		if err != nil {
			t.Error(err)
		}
		m[key] = final
	}
}

func noneIfEmpty(v any) any {
	if m, ok := v.(map[string]any); ok && len(m) == 0 {
		return nil
	}
	return v
}

func nilIfNone(m map[string]string) any {
	if len(m) == 0 {
		return nil
	}
	return m
}

// text is JSON as the API server gets it from kustomize.
func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := yaml.Unmarshal(raw, &plain); err != nil {
		t.Fatal(err)
	}
	raw, err = json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func keys(m map[string]string) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	sort.Strings(all)
	return all
}
