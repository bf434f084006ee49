package kustomize

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUpdateChangesChecksumsAlone: what kustomize builds of the example trees and of
// random ones before fluxsum update and after it differs in checksums, and in nothing
// else.
func TestUpdateChangesChecksumsAlone(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "fluxsum")
	build := exec.Command("go", "build", "-o", binary, "./cmd/fluxsum")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, tree := range trees {
		t.Run(filepath.Base(tree), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(tree)); err != nil {
				t.Fatal(err)
			}
			(&updated{t, binary, dir}).check(1)
		})
	}
	random := 25
	if os.Getenv("TORTURE") == "full" {
		random = 500
	}
	for seed := range random {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			dir := t.TempDir()
			r := &randomTree{rand: rand.New(rand.NewPCG(uint64(seed), 2))}
			write(t, dir, r.files())
			(&updated{t, binary, dir}).check(r.n)
		})
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// updated is a tree on which fluxsum update runs.
type updated struct {
	t      *testing.T
	binary string
	dir    string
}

// check makes all checksums stale, and builds before and after the update. At least so
// many checksums must show in a build.
func (u *updated) check(least int) {
	if _, err := os.Stat(filepath.Join(u.dir, ".fluxsum.yaml")); err != nil {
		u.fluxsum("init", "-q")
	}
	u.fluxsum("update", "-q") // what is missing is inserted
	stale := u.spoil()
	before := u.builds()
	u.fluxsum("update", "-q")
	after := u.builds()
	seen := map[string]bool{}
	for dir := range before {
		u.compare(dir, strings.Split(before[dir], "\n"), strings.Split(after[dir], "\n"), stale, seen)
	}
	if len(seen) < least {
		u.t.Errorf("%d of %d checksums show in a build", len(seen), least)
	}
}

// compare holds two builds of a folder against each other, line by line.
func (u *updated) compare(dir string, before, after []string, stale map[string]string, seen map[string]bool) {
	u.t.Helper()
	if len(before) != len(after) {
		u.t.Errorf("%s: %d lines, %d after the update", dir, len(before), len(after))
		return
	}
	for n, line := range before {
		for old, new := range stale {
			if strings.Contains(line, old) {
				line, seen[old] = strings.ReplaceAll(line, old, new), true
			}
		}
		if line != after[n] {
			u.t.Errorf("%s: line %d: %q, %q after the update", dir, n+1, before[n], after[n])
		}
	}
}

// result is one of verify -o json.
type result struct {
	Rule, State, Recorded, Computed string
	Files                           []string
	Target                          struct{ File string }
}

func (u *updated) verify() []result {
	u.t.Helper()
	cmd := exec.Command(u.binary, "verify", "-o", "json")
	cmd.Dir = u.dir
	out, _ := cmd.Output() // which fails when one is stale
	var v struct{ Results []result }
	if err := json.Unmarshal(out, &v); err != nil || len(v.Results) == 0 {
		u.t.Fatalf("verify: %v\n%s", err, out)
	}
	return v.Results
}

// spoil makes every checksum another one, and returns what each has to become.
func (u *updated) spoil() map[string]string {
	stale := map[string]string{}
	for n, r := range u.verify() {
		if r.State != "ok" {
			u.t.Fatalf("%s is %s after an update", r.Rule, r.State)
		}
		path := filepath.Join(u.dir, r.Target.File)
		text, err := os.ReadFile(path)
		if err != nil {
			u.t.Fatal(err)
		}
		old := fmt.Sprintf("stale%d", n) + r.Recorded[len(fmt.Sprint("stale", n)):]
		write(u.t, u.dir, map[string]string{r.Target.File: strings.Replace(string(text), r.Recorded, old, 1)})
	}
	for _, r := range u.verify() {
		if r.State != "stale" {
			u.t.Fatalf("%s is %s", r.Rule, r.State)
		}
		stale[r.Recorded] = r.Computed
	}
	return stale
}

// builds builds every kustomization.
func (u *updated) builds() map[string]string {
	all := map[string]string{}
	for _, dir := range kustomizations(u.t, u.dir) {
		if component(u.t, dir) {
			continue
		}
		text, err := realBuild(u.t, dir).AsYaml()
		if err != nil {
			u.t.Fatal(err)
		}
		all[dir] = string(text)
	}
	return all
}

func (u *updated) fluxsum(args ...string) {
	u.t.Helper()
	cmd := exec.Command(u.binary, args...)
	cmd.Dir = u.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		u.t.Fatalf("fluxsum %q: %v\n%s", args, err, out)
	}
}

// randomTree is a base and an overlay, with checksums in all kinds of places.
type randomTree struct {
	rand  *rand.Rand
	rules string
	n     int
}

// files makes the tree.
func (r *randomTree) files() map[string]string {
	base := map[string]string{
		"release.yaml":    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\n  annotations:\n    team: platform\n@spec:\n  interval: 5m\n",
		"deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata:\n      labels: {app: web}\n      annotations:\n        team: platform\n@    spec:\n      containers: [{name: web, image: web}]\n",
	}
	for name, shape := range map[string]string{"release.yaml": "    %s: %s\n", "deployment.yaml": "        %s: %s # why\n"} {
		extra := ""
		for range 1 + r.rand.IntN(2) {
			kind, path := "HelmRelease, name: app", ""
			if name == "deployment.yaml" {
				kind, path = "Deployment, name: web", ", path: spec.template.metadata.annotations"
			}
			extra += fmt.Sprintf(shape, r.rule("base/"+name, ", kind: "+kind+path), r.value())
		}
		base[name] = strings.Replace(base[name], "@", extra, 1)
	}
	files := map[string]string{"values.yaml": "a: 1\n", "conf/a": "1\n", "conf/b": "2\n"}
	for name, text := range base {
		files["base/"+name] = text
	}
	files["base/kustomization.yaml"] = "resources: [release.yaml, deployment.yaml]\n" + r.kustomization("base", files)
	files["overlay/kustomization.yaml"] = "resources: [../base]\nnamespace: one\nnamePrefix: a-\n" + r.kustomization("overlay", files)
	files[".fluxsum.yaml"] = "version: 1\nrules:\n" + r.rules
	return files
}

// rule enters a rule, and returns its annotation as a key.
func (r *randomTree) rule(file, more string) string {
	r.n++
	key := fmt.Sprintf("sum/k%d", r.n)
	sources := []string{"values.yaml", "conf/*", "[conf/b, values.yaml]", "conf/a"}
	algorithms := []string{"md5", "sha1", "sha256", "sha512"}
	r.rules += fmt.Sprintf("  - {name: k%d, algorithm: %s, files: %s, annotation: %s, targets: {file: %s%s}}\n",
		r.n, algorithms[r.rand.IntN(4)], yamlOf(sources[r.rand.IntN(4)]), key, file, more)
	return key
}

// yamlOf quotes a path, and leaves a list as it is.
func yamlOf(files string) string {
	if strings.HasPrefix(files, "[") {
		return files
	}
	return `"` + files + `"`
}

func (r *randomTree) value() string {
	return []string{"none", `"none"`, `'none'`, `"0123"`}[r.rand.IntN(4)]
}

// places are those that a kustomization may have.
var places = map[string][]string{
	"patches": {
		"  - target: {kind: HelmRelease, name: app}\n    patch: |-\n      - op: add\n        path: /metadata/annotations/POINTER\n        value: VALUE\n",
		"  - target: {kind: HelmRelease}\n    patch: '[{\"op\": \"add\", \"path\": \"/metadata/annotations/POINTER\", \"value\": \"none\"}]'\n",
		"  - patch: |\n      apiVersion: helm.toolkit.fluxcd.io/v2\n      kind: HelmRelease\n      metadata:\n        name: app\n        annotations: {KEY: VALUE}\n",
		"  - patch: >-\n      {\"apiVersion\": \"helm.toolkit.fluxcd.io/v2\", \"kind\": \"HelmRelease\", \"metadata\": {\"name\": \"app\", \"annotations\": {\"KEY\": \"none\"}}}\n",
	},
	"patchesJson6902":       {"  - target: {group: helm.toolkit.fluxcd.io, version: v2, kind: HelmRelease, name: app}\n    patch: |-\n      - op: add\n        path: /metadata/annotations/POINTER\n        value: VALUE\n"},
	"patchesStrategicMerge": {"  - |-\n    apiVersion: helm.toolkit.fluxcd.io/v2\n    kind: HelmRelease\n    metadata:\n      name: app\n      annotations:\n        KEY: VALUE\n"},
	"commonAnnotations":     {"  KEY: VALUE\n"},
}

// patchFiles are those that stand beside a kustomization.
var patchFiles = []string{
	"- op: add\n  path: /metadata/annotations/POINTER\n  value: VALUE\n",
	"[{\"op\": \"add\", \"path\": \"/metadata/annotations/POINTER\", \"value\": \"none\"}]\n",
	"# a patch\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: app\n  annotations:\n    KEY: VALUE # why\n",
}

// kustomization makes what of a kustomization holds checksums.
func (r *randomTree) kustomization(dir string, files map[string]string) string {
	var text string
	for _, field := range []string{"patches", "patchesJson6902", "patchesStrategicMerge", "commonAnnotations"} {
		entries := ""
		for range r.rand.IntN(3) {
			target := ", kind: HelmRelease, name: app"
			if field == "commonAnnotations" {
				target = ""
			}
			shapes := places[field]
			entries += r.place(shapes[r.rand.IntN(len(shapes))], dir+"/kustomization.yaml", target)
		}
		if field == "patches" && r.rand.IntN(2) == 0 {
			name := fmt.Sprintf("patch%d.yaml", r.n)
			files[dir+"/"+name] = r.place(patchFiles[r.rand.IntN(len(patchFiles))], dir+"/"+name, "")
			entries += "  - {path: " + name + ", target: {kind: HelmRelease}}\n"
		}
		if entries != "" {
			text += field + ":\n" + entries
		}
	}
	return text + "configMapGenerator:\n  - {name: values-" + dir + ", files: [../values.yaml]}\n"
}

// place fills a place for a new rule.
func (r *randomTree) place(shape, file, target string) string {
	key := r.rule(file, target)
	return strings.NewReplacer("KEY", key, "POINTER", strings.ReplaceAll(key, "/", "~1"), "VALUE", r.value()).Replace(shape)
}
