package kustomize

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// txtarFS is a tree in the form of txtar. (The package of that name panics on
// some texts.)
func txtarFS(text []byte) fstest.MapFS {
	fsys := fstest.MapFS{}
	name := ""
	for line := range strings.Lines(string(text)) {
		if inner, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "-- "); ok && strings.HasSuffix(inner, " --") {
			name = strings.TrimSuffix(inner, " --")
			continue
		}
		if !fs.ValidPath(name) || name == "." {
			continue
		}
		if fsys[name] == nil {
			fsys[name] = &fstest.MapFile{Mode: 0o644}
		}
		fsys[name].Data = append(fsys[name].Data, line...)
	}
	return fsys
}

// shownBuild is all that a build tells.
type shownBuild struct {
	Objects    []string
	Unknown    []Unknown
	References []NameReference
	Files      []string
}

func shown(b *Builder, dir string, s *Settings) shownBuild {
	built := b.Build(dir, s)
	out := shownBuild{Unknown: built.Unknown, References: built.References, Files: built.Files}
	for _, o := range built.Objects {
		name, err := b.BuiltName(o)
		text := fmt.Sprintln(name, err, o.Namespace, o.Kind, o.Labels(b), o.Annotations(b), o.Way, o.Not, built.Blind(o), o.OriginalName())
		for _, e := range o.Entries {
			value, err := b.Value(e)
			text += fmt.Sprintln(e.Key, string(value), err, e.File, e.Line)
		}
		if len(out.Objects) >= maxReferring {
			out.Objects = append(out.Objects, text)
			continue
		}
		for _, kind := range []string{"ConfigMap", "Secret"} {
			built.Renamed(o, kind, "app")
			built.Hashed(kind, "app")
		}
		if to, by, err := built.Rewritten(o, "app"); to != nil {
			text += fmt.Sprintln(to.Name, by.File, err)
		}
		out.Objects = append(out.Objects, text)
	}
	return out
}

// maxReferring is of how many objects references are followed: each looks at all
// objects, of which a tree that doubles has thousands.
const maxReferring = 100

// dirs are the folders of a tree, with its root.
func dirs(fsys fstest.MapFS) []string {
	all := map[string]bool{".": true}
	for name := range fsys {
		for dir := filepath.Dir(name); dir != "."; dir = filepath.Dir(dir) {
			all[dir] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func FuzzBuild(f *testing.F) {
	files, err := filepath.Glob("../../testdata/kustomize/trees/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, hostile := range hostileTrees() {
		f.Add([]byte(hostile))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 20_000 {
			return
		}
		fsys := txtarFS(text)
		if len(fsys) > 50 {
			return
		}
		all := dirs(fsys)
		all = all[:min(len(all), 10)]
		for _, dir := range all {
			for _, s := range []*Settings{nil, {Namespace: "n", NamePrefix: "p-", Components: []string{"c"}, File: "f"}} {
				one, two := small(fsys), small(fsys)
				if a, b := shown(one, dir, s), shown(two, dir, s); !reflect.DeepEqual(a, b) {
					t.Fatalf("%s: two builds differ:\n%v\n%v", dir, a, b)
				}
				if a, b := shown(one, dir, s), shown(two, dir, s); !reflect.DeepEqual(a, b) {
					t.Fatalf("%s: two later builds differ:\n%v\n%v", dir, a, b)
				}
				one.Includes(dir)
			}
		}
	})
}

// small is a builder that soon reaches its limits: a fuzzer gives up on what takes
// ten seconds.
func small(fsys fs.FS) *Builder {
	b := NewBuilder(NewLoader(fsys))
	b.limits = limits{objects: 500, taken: 5000, looks: 50_000, steps: 500}
	return b
}

const manifestText = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\ndata:\n  a: b\n"

// hostileTrees are trees that are meant to do harm.
func hostileTrees() map[string]string {
	bomb := "a0: &a0 {x: y, z: w}\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
	}
	doubling, components := "", ""
	for i := range 30 {
		for _, of := range "ab" {
			doubling += fmt.Sprintf("-- %c%d/kustomization.yaml --\nnamePrefix: %c\nresources: [../a%d, ../b%d]\n", of, i, of, i+1, i+1)
			components += fmt.Sprintf("-- %c%d/kustomization.yaml --\nkind: Component\ncomponents: [../a%d, ../b%d]\n", of, i, i+1, i+1)
		}
	}
	for _, of := range "ab" {
		doubling += fmt.Sprintf("-- %c30/kustomization.yaml --\nresources: [m.yaml]\n-- %c30/m.yaml --\n%s", of, of, manifestText)
		components += fmt.Sprintf("-- %c30/kustomization.yaml --\nkind: Component\nnamePrefix: x\n", of)
	}
	patches := strings.Repeat("- {path: bomb.yaml, target: {kind: ConfigMap}}\n", 50)
	all := map[string]string{
		"circle":         "-- a/kustomization.yaml --\nresources: [../b]\n-- b/kustomization.yaml --\nresources: [../a]\n",
		"self":           "-- kustomization.yaml --\nresources: [., ./, kustomization.yaml]\ncomponents: [.]\n",
		"outside":        "-- a/kustomization.yaml --\nresources: [../.., ../../x.yaml, /etc/passwd, https://x/y, '']\nconfigMapGenerator: [{name: a, files: [../../x, /etc/passwd, ''], envs: [../../..]}]\npatches: [{path: ../../x}]\nconfigurations: [../../x]\n",
		"doubling":       doubling,
		"doubling empty": strings.ReplaceAll(doubling, "resources: [m.yaml]", "resources: []"),
		"components":     components + "-- r/kustomization.yaml --\nresources: [m.yaml]\ncomponents: [../a0]\n-- r/m.yaml --\n" + manifestText,
		"bomb manifest":  "-- kustomization.yaml --\nresources: [m.yaml]\n-- m.yaml --\n" + manifestText + bomb,
		"bomb file":      "-- kustomization.yaml --\nresources: [m.yaml]\n" + bomb + "-- m.yaml --\n" + manifestText,
		"bomb patches":   "-- kustomization.yaml --\nresources: [m.yaml]\npatches:\n" + patches + "-- m.yaml --\n" + manifestText + "-- bomb.yaml --\n" + manifestText + bomb,
		"bomb config":    "-- kustomization.yaml --\nresources: [m.yaml]\nconfigurations: [bomb.yaml]\n-- m.yaml --\n" + manifestText + "-- bomb.yaml --\n" + bomb,
		"endless alias":  "-- kustomization.yaml --\nresources: [m.yaml]\nlabels: &a [*a]\n-- m.yaml --\n" + manifestText + "x: &a {b: *a}\n",
		"empty":          "-- kustomization.yaml --\n",
		"list":           "-- kustomization.yaml --\n- a\n- b\n",
		"scalar":         "-- kustomization.yaml --\na\n",
		"wrong types":    "-- kustomization.yaml --\nresources: {a: b}\ncomponents: x\nnamespace: [a]\nnamePrefix: {a: b}\nconfigMapGenerator: {a: b}\nsecretGenerator: [a, [b], null]\npatches: [a, null, {patch: [a], target: b}, {patch: 'x', target: [a]}]\nlabels: x\ncommonLabels: [a]\ncommonAnnotations: 5\nconfigurations: [m.yaml, null]\ngeneratorOptions: []\nimages: x\n-- m.yaml --\n" + manifestText,
		"wrong metadata": "-- kustomization.yaml --\nresources: [m.yaml]\nnamespace: n\nnamePrefix: p\ncommonLabels: {a: b}\nlabels: [{pairs: {c: d}, fields: [{path: ''}, {path: a//b, create: true}]}]\n-- m.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata: [a]\ndata: x\n---\nkind: List\nitems: {a: b}\n---\nkind: X\nmetadata: {name: [a], labels: x, annotations: [b]}\n",
	}
	return all
}

func TestHostileTreesEnd(t *testing.T) {
	for name, text := range hostileTrees() {
		t.Run(name, func(t *testing.T) {
			fsys := txtarFS([]byte(text))
			b := NewBuilder(NewLoader(fsys))
			for _, dir := range dirs(fsys) {
				if built := b.Build(dir, nil); built.File != "" && len(built.Objects) == 0 && len(built.Unknown) == 0 && !strings.Contains(name, "doubling empty") && name != "components" {
					t.Errorf("%s: builds nothing and says nothing", dir)
				}
			}
		})
	}
}

func TestLargeManifest(t *testing.T) {
	var text strings.Builder
	text.WriteString(manifestText)
	for i := range 200_000 {
		fmt.Fprintf(&text, "  key-%06d: some value that is not long at all\n", i)
	}
	fsys := txtarFS([]byte("-- kustomization.yaml --\nresources: [m.yaml]\nnamePrefix: p\n"))
	fsys["m.yaml"] = &fstest.MapFile{Data: []byte(text.String()), Mode: 0o644}
	built := NewBuilder(NewLoader(fsys)).Build(".", nil)
	if len(built.Objects) != 1 || len(built.Objects[0].Entries) != 200_001 {
		t.Errorf("%d objects", len(built.Objects))
	}
}

// appTree is a tree of app folders below one kustomization.
func appTree(apps int) fstest.MapFS {
	fsys := fstest.MapFS{}
	put := func(name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	top := "namespace: apps\ncommonLabels: {team: a}\nresources:\n"
	for i := range apps {
		dir := fmt.Sprintf("apps/app-%05d", i)
		top += "- " + dir + "\n"
		put(dir+"/kustomization.yaml", fmt.Sprintf("resources: [release.yaml]\nconfigurations: [../../refs.yaml]\nconfigMapGenerator:\n- name: values-%05d\n  files: [values.yaml]\n", i))
		put(dir+"/release.yaml", fmt.Sprintf("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app-%05d\nspec:\n  interval: 5m\n  chart:\n    spec:\n      chart: app\n      sourceRef: {kind: HelmRepository, name: apps}\n  valuesFrom:\n  - kind: ConfigMap\n    name: values-%05d\n", i, i))
		put(dir+"/values.yaml", fmt.Sprintf("replicas: %d\nimage: x\n", i))
	}
	put("refs.yaml", "nameReference:\n- kind: ConfigMap\n  fieldSpecs:\n  - {kind: HelmRelease, path: spec/valuesFrom/name}\n")
	put("kustomization.yaml", top)
	return fsys
}

// flatFS opens files without the search for folders of fstest.MapFS.
type flatFS struct {
	fstest.MapFS
	folders map[string][]fs.DirEntry
}

func newFlatFS(m fstest.MapFS) flatFS {
	f := flatFS{m, map[string][]fs.DirEntry{}}
	for _, dir := range dirs(m) {
		f.folders[dir] = nil
	}
	for name := range m {
		info, err := fs.Stat(fstest.MapFS{filepath.Base(name): m[name]}, filepath.Base(name))
		if err == nil {
			dir := filepath.Dir(name)
			f.folders[dir] = append(f.folders[dir], fs.FileInfoToDirEntry(info))
		}
	}
	return f
}

func (f flatFS) Open(name string) (fs.File, error) {
	if file := f.MapFS[name]; file != nil {
		return fstest.MapFS{"f": file}.Open("f")
	}
	return nil, fs.ErrNotExist
}

func (f flatFS) Stat(name string) (fs.FileInfo, error) {
	if _, ok := f.folders[name]; ok {
		return fs.Stat(fstest.MapFS{}, ".")
	}
	return nil, fs.ErrNotExist
}

func (f flatFS) ReadDir(name string) ([]fs.DirEntry, error) { return f.folders[name], nil }

func BenchmarkBuild(b *testing.B) {
	for _, apps := range []int{500, 5000} {
		fsys := newFlatFS(appTree(apps))
		b.Run(fmt.Sprintf("top/%d", apps), func(b *testing.B) {
			for b.Loop() {
				if built := NewBuilder(NewLoader(fsys)).Build(".", nil); len(built.Objects) != 2*apps || len(built.Unknown) > 0 {
					b.Fatal(len(built.Objects), built.Unknown)
				}
			}
		})
		b.Run(fmt.Sprintf("each/%d", apps), func(b *testing.B) {
			for b.Loop() {
				builder := NewBuilder(NewLoader(fsys))
				for i := range apps {
					if built := builder.Build(fmt.Sprintf("apps/app-%05d", i), nil); len(built.Objects) != 2 {
						b.Fatal(len(built.Objects))
					}
				}
			}
		})
	}
}
