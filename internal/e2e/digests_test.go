package e2e_test

import (
	"path"
	"strings"
	"testing"
)

// shape is a way to write the values of a release.
type shape struct {
	name  string
	files files  // of the folder app
	spec  string // of the release
}

// shapes are values of all kinds. They come from ConfigMap values with its key
// values.yaml, where the spec does not say otherwise.
var shapes = []shape{
	{"nested", files{"values.yaml": "a: {b: {c: [1, {d: e}, []], f: {}}}\n"}, ""},
	{"two files", files{"values.yaml": "a: {b: 1, c: [1, 2]}\n", "more.yaml": "a: {c: [3], d: 4}\n"}, twoFiles},
	{"spec over files", files{"values.yaml": "a: {b: 1, c: 2}\n", "more.yaml": "a: {c: 3}\n"}, twoFiles + "  values: {a: {c: 4, d: 5}}\n"},
	{"targetPath", files{"values.yaml": "a: {b: [{c: 1}]}\n", "one.txt": "x, y=z"}, targetPath("a.b[0].d")},
	{"targetPath that is read as a number", files{"values.yaml": "a: 1\n", "one.txt": "0123"}, targetPath("a")},
	{"targetPath, literal", files{"values.yaml": "a: {c: 1}\n", "one.txt": "{x, y}\n[0]"}, strings.Replace(targetPath("a.b"), "targetPath", "literal: true, targetPath", 1)},
	{"targetPath below spec", files{"values.yaml": "a: {b: 1}\n", "one.txt": "file"}, targetPath("a.b") + "  values: {a: {b: spec}}\n"},
	{"targetPath into a list of the spec", files{"values.yaml": "a: 1\n", "one.txt": "file"}, targetPath("l[0]") + "  values: {l: [spec, two]}\n"},
	{"null takes away", files{"values.yaml": "a: {b: 1, c: 2}\nd: 3\n", "more.yaml": "a: {b: null}\n"}, twoFiles + "  values: {d: null, e: null}\n"},
	{"numbers in a file", files{"values.yaml": numbers}, ""},
	{"numbers in the spec", files{"values.yaml": "{}\n"}, "  values:\n    a: 1.0\n    b: 1000000\n    c: 12345678901\n    d: 0.5\n    e: -1\n    f: 1e3\n"},
	{"words in a file", files{"values.yaml": words}, ""},
	{"words in the spec", files{"values.yaml": "a: yes\n"}, "  values:\n    b: yes\n    c: on\n    d: \"no\"\n    e: true\n    f: ~\n    y: 1\n"},
	{"anchors", files{"values.yaml": "a: &a {b: 1, c: 2}\nd: *a\ne:\n  <<: *a\n  c: 3\n"}, ""},
	{"empty", files{"values.yaml": "# nothing\n"}, ""},
	{"empty map", files{"values.yaml": "{}\n"}, "  values: {}\n"},
	{"texts", files{"values.yaml": texts}, ""},
	{"texts in the spec", files{"values.yaml": "{}\n"}, "  values:\n    a: |\n      ä\n      \n      ß 🙂\n    b: \"\\t\\u00e9\"\n    c: ' # '\n"},
	{"Secret", files{"values.yaml": "password: secret\n", "kustomization.yaml": folder("resources: [release.yaml]\nsecretGenerator: [{name: values, files: [values.yaml]}]\n" + plainNames)}, "  valuesFrom: [{kind: Secret, name: values}]\n"},
	{"envs", files{"values.yaml": "A=1\nB=two words\n", "kustomization.yaml": folder("resources: [release.yaml]\nconfigMapGenerator: [{name: values, envs: [values.yaml]}]\n" + plainNames)}, "  valuesFrom: [{kind: ConfigMap, name: values, valuesKey: A, targetPath: a}, {kind: ConfigMap, name: values, valuesKey: B, targetPath: b.c}]\n"},
	{"literals", files{"kustomization.yaml": folder("resources: [release.yaml]\nconfigMapGenerator: [{name: values, literals: ['values.yaml=a: 1']}]\n" + plainNames)}, ""},
	{"optional and not there", files{"values.yaml": "a: 1\n"}, "  valuesFrom: [{kind: ConfigMap, name: values}, {kind: ConfigMap, name: values, valuesKey: none, optional: true}]\n"},
	{"postBuild, a file", files{"values.yaml": dollars, "../clusters/apps.yaml": kustomization("apps", "app", substitute)}, ""},
	{"postBuild, the spec", files{"values.yaml": "a: 1\n", "../clusters/apps.yaml": kustomization("apps", "app", substitute)}, "  values:\n    zone: ${zone}\n    number: ${number}\n    text: \"${number}\"\n    both: \"${zone}-${number}\"\n    default: ${nothing:=1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28}\n    escaped: $${zone} $$$$ $zone\n"},
	{"postBuild, a Secret", files{"values.yaml": "zone: ${zone} $$\n", "../clusters/apps.yaml": kustomization("apps", "app", substitute), "kustomization.yaml": folder("resources: [release.yaml]\nsecretGenerator: [{name: values, files: [values.yaml]}]\n" + plainNames)}, "  valuesFrom: [{kind: Secret, name: values}]\n"},
	{"postBuild, from a ConfigMap", files{"values.yaml": dollars, "../clusters/apps.yaml": kustomization("apps", "app", "  postBuild: {substitute: {zone: west}, substituteFrom: [{kind: ConfigMap, name: vars}]}\n"), "../clusters/vars.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: $NS}\ndata: {zone: east, number: '7'}\n"}, ""},
	{"dollars without postBuild", files{"values.yaml": dollars}, ""},
	{"checksum in the spec", files{"values.yaml": "a: 1\n"}, "  values: {podAnnotations: {checksum: 5fb3054011c87736745295ecdcfb06c9}}\n"},
}

const (
	plainNames = "generatorOptions: {disableNameSuffixHash: true}\n"
	twoFiles   = "  valuesFrom: [{kind: ConfigMap, name: values}, {kind: ConfigMap, name: values, valuesKey: more.yaml}]\n"
	substitute = "  postBuild: {substitute: {zone: eu west, number: '3'}}\n"
	dollars    = "zone: \"${zone}\"\nnumber: ${number}\ndefault: ${nothing:-none} ${zone/west/east} ${#zone} ${zone^^}\nescaped: $${zone} $$$$ $zone\n# ${zone}\n"
	numbers    = "a: 1.0\nb: 1e3\nc: 12345678901234567890\nd: 0x1F\ne: 010\nf: 1_000\ng: .5\nh: -0.0\ni: 1e21\nj: 123456789.123\nk: 0o17\nl: 9007199254740993\n"
	words      = "a: yes\nb: no\nc: on\nd: ~\ne: null\nf: True\ng: y\ny: 1\n1: one\ntrue: two\nh: 2001-01-01\ni: 12:30:45\nj: '1e3'\n"
	texts      = "a: |\n  one\n\n  two\nb: >-\n  folded\n  text\nc: \"\\u00e9 \\t \\\"q\\\"\"\nd: ä ß 🙂\ne: ''\nf: ' lead'\ng: \"# no comment\"\nh: 'a: b'\n"
)

func targetPath(path string) string {
	return "  valuesFrom: [{kind: ConfigMap, name: values}, {kind: ConfigMap, name: values, valuesKey: one.txt, targetPath: '" + path + "'}]\n"
}

// TestDigests: the digest of the values that explain tells is that of the cluster.
func TestDigests(t *testing.T) {
	needsStack(t)
	for _, s := range shapes {
		for _, helm := range helms {
			if helm == oldHelm && strings.Contains(s.spec, "literal:") {
				continue // it does not know that
			}
			t.Run(s.name+"/"+helm, func(t *testing.T) {
				t.Parallel()
				s.run(newSite(t, helm))
			})
		}
	}
}

func (sh shape) run(s *site) {
	s.t.Helper()
	s.write(base.with(sh.repository()))
	s.commit()
	told := s.explain("app").of(theApp)
	s.deploy()
	s.ready("HelmRelease", "app")
	if got := s.get("HelmRelease", "app").text("status.history.0.configDigest"); got != told.Upgrade.Digest {
		s.t.Fatalf("status.history[0].configDigest is %s, foretold %q (%s)", got, told.Upgrade.Digest, told.Upgrade.Why)
	}
	results.foretold()
}

// repository is what holds a shape.
func (sh shape) repository() files {
	all := files{"app/release.yaml": release("plain", "", sh.spec)}
	keys := "values.yaml"
	for name, text := range sh.files {
		all[path.Join("app", name)] = text
		if name == "more.yaml" || name == "one.txt" {
			keys += ", " + name
		}
	}
	if sh.files["kustomization.yaml"] == "" {
		all["app/kustomization.yaml"] = folder("resources: [release.yaml]\nconfigMapGenerator: [{name: values, files: [" + keys + "]}]\n" + plainNames)
	}
	return all
}
