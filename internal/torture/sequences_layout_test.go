package torture_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// layout makes the files of a random repository.
type layout struct {
	rand  *rand.Rand
	rules []rule
	keys  int // given so far: no two rules of a sequence have the same
}

var (
	folders    = []string{"apps/one", "apps/two words", "apps/drei-ü"}
	algorithms = []string{"md5", "md5", "sha1", "sha256", "sha512"}
	targetsOf  = []string{"release.yaml", "kustomization.yaml", "patch.yaml", "deploy.env"}
)

// sourcesOf are the files that a folder has.
func sourcesOf(folder string) []string {
	return []string{folder + "/values.yaml", folder + "/app.properties", folder + "/conf/a.yaml", folder + "/conf/b.yaml"}
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// plan chooses the rules of a repository.
func (l *layout) plan() {
	for range 2 + l.rand.IntN(4) {
		l.rules = append(l.rules, l.rule())
	}
	if l.rand.IntN(2) == 0 {
		l.rules = append(l.rules, l.second())
	}
}

// key is a name that no rule has had.
func (l *layout) key() string { l.keys++; return fmt.Sprintf("k%d", l.keys) }

// rule is about the sources of a folder.
func (l *layout) rule() rule {
	folder, key := pick(l.rand, folders), l.key()
	r := rule{Name: key, Annotation: "sum/" + key, Algorithm: pick(l.rand, algorithms)}
	sources := sourcesOf(folder)
	r.Files = pick(l.rand, []any{sources[0], sources[0], sources[1], sources[2], []any{sources[1], sources[0]},
		folder + "/conf/*.yaml", []any{folder + "/conf/*", sources[1]}, folder + "/**/*.yaml", "apps/**/conf/a.yaml", []any{sources[3]}})
	if files, ok := r.Files.(string); ok && strings.Contains(files, "/**/*") {
		r.Files = "apps/*/conf/b.yaml" // a rule must not read the targets beside it
	}
	if patterns, _ := r.patterns(); l.rand.IntN(4) == 0 && !slices.ContainsFunc(patterns, func(p string) bool { return path.Ext(p) != ".yaml" }) {
		r.Content = "yaml"
	}
	for _, n := range l.rand.Perm(len(targetsOf))[:1+l.rand.IntN(2)] {
		r.Targets = append(r.Targets, l.target(pick(l.rand, folders), targetsOf[n], r))
	}
	return r
}

// second is a rule that reads the targets of others.
func (l *layout) second() rule {
	key := l.key()
	r := rule{Name: key, Annotation: "sum/" + key, Algorithm: pick(l.rand, algorithms)}
	folder := pick(l.rand, folders)
	r.Files = pick(l.rand, []any{folder + "/release.yaml", "apps/*/release.yaml", []any{folder + "/kustomization.yaml", folder + "/deploy.env"}, folder + "/*.yaml"})
	r.Targets = []target{l.target("top", pick(l.rand, targetsOf), r)}
	return r
}

// target is a place for the checksum of a rule.
func (l *layout) target(folder, base string, r rule) target {
	t := target{File: folder + "/" + base}
	switch {
	case base == "deploy.env":
		t.Marker = "marker-" + r.Name
	case base != "patch.yaml" && l.rand.IntN(3) > 0:
		t.Kind, t.Name = "HelmRelease", "release"
	}
	return t
}

// files renders all files.
func (l *layout) files() map[string]string {
	files := map[string]string{configName: render(l.rules), "other.txt": "other\n"}
	for _, folder := range append(slices.Clone(folders), "top") {
		for n, name := range sourcesOf(folder) {
			files[name] = l.source(name, n)
		}
		for _, base := range targetsOf {
			files[folder+"/"+base] = l.targetFile(folder + "/" + base)
		}
	}
	return files
}

// source is a file with values.
func (l *layout) source(name string, n int) string {
	if path.Ext(name) == ".yaml" {
		return fmt.Sprintf("# values %d\nfirst: %d\nlist:\n  - a\n  - b\nmiddle: text\nmore: true\nlast: 1\n", n, l.rand.IntN(5))
	}
	return fmt.Sprintf("first=%d\nsecond=2\nthird=3\nfourth=4\nlast=1\n", l.rand.IntN(5))
}

// targetFile is one with the places of all rules in it.
func (l *layout) targetFile(name string) string {
	text := heads[path.Base(name)]
	for _, r := range l.rules {
		for _, t := range r.Targets {
			if t.File == name {
				text += l.spot(r, t)
			}
		}
	}
	return text + tails[path.Base(name)]
}

// heads and tails are what stands around the places.
var (
	heads = map[string]string{
		"release.yaml":       "# top\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: release\n  annotations:\n    team: platform\n",
		"kustomization.yaml": "# top\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - release.yaml\npatches:\n  - target:\n      kind: HelmRelease\n    patch: |\n      - op: add\n        path: /metadata/annotations/other\n        value: text\n",
		"patch.yaml":         "# top\n- op: add\n  path: /metadata/annotations/other\n  value: text\n",
		"deploy.env":         "# top\nOTHER=text\n",
	}
	tails = map[string]string{
		"release.yaml":       "spec:\n  interval: 5m\n  chart: {}\n# bottom\n",
		"kustomization.yaml": "namePrefix: a-\n# bottom\n",
		"patch.yaml":         "# bottom\n",
		"deploy.env":         "LAST=text\n# bottom\n",
	}
)

// spot is the place of a rule in a new file.
func (l *layout) spot(r rule, t target) string {
	value := pick(l.rand, []string{`"0000"`, `"00ab"`, `'f00d'`, `abcd`})
	key, pointer := r.Annotation, strings.ReplaceAll(r.Annotation, "/", "~1")
	switch path.Base(t.File) {
	case "release.yaml":
		return fmt.Sprintf("    # of %s\n    %s: %s\n", r.Name, key, value)
	case "patch.yaml":
		return fmt.Sprintf("- op: replace\n  path: /metadata/annotations/%s\n  value: %s # why\n", pointer, value)
	case "deploy.env":
		return fmt.Sprintf("# of %s\nSUM_%s=%s # %s\n", r.Name, strings.ToUpper(r.Name), value, t.Marker)
	}
	if l.rand.IntN(2) == 0 {
		return fmt.Sprintf("  - target:\n      kind: HelmRelease\n      name: release\n    patch: |-\n      - op: add\n        path: /metadata/annotations/%s\n        value: %s\n", pointer, value)
	}
	return fmt.Sprintf("  # of %s\n  - patch: |\n      apiVersion: helm.toolkit.fluxcd.io/v2\n      kind: HelmRelease\n      metadata:\n        name: release\n        annotations:\n          %s: %s\n", r.Name, key, value)
}

// render writes the config.
func render(rules []rule) string {
	text := "# The rules.\nversion: 1\nrules:\n"
	if len(rules) == 0 {
		text = "version: 1\nrules: []\n"
	}
	for _, r := range rules {
		one, err := yaml.Marshal(r)
		if err != nil {
			panic(err)
		}
		text += "  - " + strings.ReplaceAll(strings.TrimSuffix(string(one), "\n"), "\n", "\n    ") + "\n"
	}
	return text
}
