package kustomize

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	kyaml "sigs.k8s.io/kustomize/kyaml/yaml"
	"sigs.k8s.io/yaml"

	ours "github.com/fluxsum/fluxsum/pkg/kustomize"
)

// TestTrees builds the trees in trees with both. The file root of a tree names
// the folder to build. What is in the file not-followed, a line for each, we must
// say in the words that stand there; a tree without it must be the same, unless
// kustomize fails on it and the file fails says so.
func TestTrees(t *testing.T) {
	files, err := filepath.Glob("trees/*.txtar")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d trees, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkTree(t, treeOf(split(string(text))))
		})
	}
}

// treeOf are the files of an archive. In those named *.raw escapes of Go stand
// for bytes that a text file cannot have.
func treeOf(sections map[string]string) map[string]string {
	tree := map[string]string{}
	for name, text := range sections {
		name, raw := strings.CutSuffix(name, ".raw")
		if raw {
			text = unescaped.Replace(strings.TrimSuffix(text, "\n"))
		}
		if name != "" {
			tree[name] = text
		}
	}
	return tree
}

var unescaped = strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\xff`, "\xff", `\x00`, "\x00", `\ufeff`, "\ufeff", `\t`, "\t", `\s`, " ")

func checkTree(t *testing.T, tree map[string]string) {
	root := strings.TrimSpace(tree["root"])
	said, differs, failure := compareTree(tree, root)
	wantsFailure := tree["fails"] != ""
	switch {
	case (failure != nil) != wantsFailure:
		t.Errorf("kustomize: error %v", failure)
	case failure == nil && tree["not-followed"] == "" && len(said) > 0:
		t.Errorf("says %q", said)
	case failure == nil && tree["not-followed"] == "" && differs != "":
		t.Error(differs)
	}
	for line := range strings.Lines(tree["not-followed"]) {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, strings.TrimSpace(line)) }) {
			t.Errorf("does not say %s but %q", strings.TrimSpace(line), said)
		}
	}
}

// compareTree builds a folder of a tree with both: what we say that we do not
// follow, how the two differ, and why kustomize fails.
func compareTree(tree map[string]string, root string) (said []string, differs string, failure error) {
	b := ours.NewBuilder(ours.NewLoader(mapFS(tree)))
	built := b.Build(root, nil)
	for _, u := range built.Unknown {
		said = append(said, fmt.Sprintf("%s:%d: %s", u.File, u.Line, u.Message))
	}
	want, failure := realTree(tree, root)
	if failure != nil {
		return said, "", failure
	}
	got := map[string]string{}
	for _, o := range built.Objects {
		key, content, err := ourObject(b, built, o)
		if err != nil {
			said = append(said, err.Error())
		}
		got[key] = content
	}
	return said, difference(want, got), nil
}

func mapFS(tree map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range tree {
		fsys[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return fsys
}

func difference(want, got map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] != want[key] {
			all = append(all, fmt.Sprintf("%s\nkustomize: %s\nours:      %s", key, want[key], got[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			all = append(all, key+": kustomize does not build it")
		}
	}
	return strings.Join(all, "\n")
}

// realTree is what kustomize builds, as Flux gets it: as YAML.
func realTree(tree map[string]string, root string) (built map[string]string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	fsys := filesys.MakeFsInMemory()
	for name, content := range tree {
		if err := fsys.WriteFile("/t/"+name, []byte(content)); err != nil {
			return nil, err
		}
	}
	o := krusty.MakeDefaultOptions()
	o.LoadRestrictions = types.LoadRestrictionsNone
	m, err := krusty.MakeKustomizer(o).Run(fsys, "/t/"+root)
	if err != nil {
		return nil, err
	}
	return realObjects(m)
}

func realObjects(m resmap.ResMap) (map[string]string, error) {
	built := map[string]string{}
	for _, r := range m.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			return nil, err
		}
		object, err := decodeYAML(text)
		if err != nil {
			return nil, err
		}
		built[r.GetKind()+" "+r.GetNamespace()+"/"+r.GetName()] = asJSON(realContent(object))
	}
	return built, nil
}

// ourObject is an object with the references in it followed as pkg/flux does.
func ourObject(b *ours.Builder, built *ours.Build, o *ours.Object) (key, content string, err error) {
	name, err := b.BuiltName(o)
	key = o.Kind + " " + o.Namespace + "/" + name
	out := map[string]any{"labels": nilIfNone(o.Labels(b)), "annotations": nilIfNone(o.Annotations(b))}
	switch o.Kind {
	case "ConfigMap", "Secret":
		data := map[string]string{}
		for _, e := range o.Entries {
			value, failed := b.Value(e)
			if failed != nil {
				err = failed
			}
			data[e.Key] = string(value)
		}
		out["data"] = data
	default:
		var m map[string]any
		if failed := o.Built().Decode(&m); failed != nil {
			err = failed
		}
		out["spec"] = m["spec"]
		f := follower{b, built, o}
		f.follow(out["spec"])
	}
	return key, asJSON(out), err
}

// follower writes the final names into references.
type follower struct {
	b     *ours.Builder
	built *ours.Build
	o     *ours.Object
}

func (f follower) follow(value any) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			f.follow(v)
		}
	case map[string]any:
		for _, p := range podReferences {
			if m, ok := value[p.field].(map[string]any); ok && f.o.Kind != "HelmRelease" {
				if name, ok := m[p.name].(string); ok {
					m[p.name] = f.final(f.built.Renamed(f.o, p.kind, name), name)
				}
			}
		}
		if all, ok := value["valuesFrom"].([]any); ok && f.o.Kind == "HelmRelease" {
			f.valuesFrom(all)
		}
		for _, v := range value {
			f.follow(v)
		}
	}
}

var podReferences = []struct{ field, kind, name string }{
	{"configMap", "ConfigMap", "name"}, {"secret", "Secret", "secretName"}, {"secret", "Secret", "name"}, {"configMapRef", "ConfigMap", "name"},
	{"secretRef", "Secret", "name"}, {"configMapKeyRef", "ConfigMap", "name"}, {"secretKeyRef", "Secret", "name"},
}

func (f follower) valuesFrom(all []any) {
	for _, item := range all {
		m, ok := item.(map[string]any)
		if !ok {
			continue
		}
		if name, ok := m["name"].(string); ok {
			to, _, err := f.built.Rewritten(f.o, name)
			if err != nil {
				m["name"] = err.Error()
			} else {
				m["name"] = f.final(to, name)
			}
		}
	}
}

func (f follower) final(to *ours.Object, name string) string {
	if to == nil {
		return name
	}
	final, err := f.b.BuiltName(to)
	if err != nil {
		return err.Error()
	}
	return final
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return err.Error()
	}
	raw, _ = json.Marshal(plain)
	return string(raw)
}

func decodeYAML(text []byte) (map[string]any, error) {
	var m map[string]any
	err := yaml.Unmarshal(text, &m)
	return m, err
}

// TestClusterTable holds the table of pkg/kustomize/tables.go against the schema
// of kustomize.
func TestClusterTable(t *testing.T) {
	table := map[string]bool{}
	for line := range strings.Lines(constants(t, "../../pkg/kustomize/tables.go")["clusterTable"]) {
		words := strings.Fields(line)
		for _, kind := range words[min(1, len(words)):] {
			table[words[0]+" "+kind] = true
			if !openapi.IsCertainlyClusterScoped(kyaml.TypeMeta{APIVersion: words[0], Kind: kind}) {
				t.Errorf("%s %s: kustomize gives it a namespace", words[0], kind)
			}
		}
	}
	for _, d := range openapi.Schema().Definitions {
		kinds, _ := d.Extensions["x-kubernetes-group-version-kind"].([]any)
		for _, k := range kinds {
			k := k.(map[string]any)
			group, _ := k["group"].(string)
			version, kind := strings.TrimPrefix(fmt.Sprintf("%s/%s", group, k["version"]), "/"), k["kind"].(string)
			if openapi.IsCertainlyClusterScoped(kyaml.TypeMeta{APIVersion: version, Kind: kind}) && !table[version+" "+kind] {
				t.Errorf("%s %s: has no namespace, but the table does not say so", version, kind)
			}
		}
	}
}
