package secret

import (
	"strconv"
	"strings"
	"testing"
)

func TestWhy(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"stringData":           {"apiVersion: v1\nkind: Secret\nstringData: {p: CANARY}\n", aSecret},
		"data":                 {"kind: Secret\ndata:\n  p: Q0FOQVJZ\n", aSecret},
		"kind at the end":      {"data:\n  p: Q0FOQVJZ\nkind: Secret\n", aSecret},
		"CRLF":                 {"kind: Secret\r\ndata:\r\n  p: Q0FOQVJZ\r\n", aSecret},
		"no kind":              {"metadata: {name: s}\nstringData: {p: CANARY}\n", aSecret},
		"List":                 {"kind: List\nitems:\n  - kind: ConfigMap\n    data: {a: b}\n  - kind: Secret\n    data: {p: Q0FOQVJZ}\n", aSecret},
		"SecretList":           {"kind: SecretList\nitems:\n  - data: {p: Q0FOQVJZ}\n", aSecret},
		"JSON":                 {`{"apiVersion": "v1", "kind": "Secret", "data": {"p": "Q0FOQVJZ"}}`, aSecret},
		"several JSON objects": {`{"a": 1}` + "\n" + `{"kind": "Secret", "data": {"p": "Q0FOQVJZ"}}`, aSecret},
		"second document":      {"kind: ConfigMap\ndata: {a: b}\n---\nkind: Secret\ndata: {p: Q0FOQVJZ}\n", aSecret},
		"behind a broken one":  {"a: [\n---\nkind: Secret\ndata: {p: Q0FOQVJZ}\n", aSecret},
		"flow style":           {"{kind: Secret, data: {p: Q0FOQVJZ}}", aSecret},
		"quoted kind":          {"'kind': \"Secret\"\n'data': {p: Q0FOQVJZ}\n", aSecret},
		"escaped kind":         {"\"\\u006bind\": \"\\x53ecret\"\ndata: {p: Q0FOQVJZ}\n", aSecret},
		"tagged kind":          {"kind: !!str Secret\ndata: {p: Q0FOQVJZ}\n", aSecret},
		"explicit key":         {"? kind\n: Secret\n? data\n: {p: Q0FOQVJZ}\n", aSecret},
		"block kind":           {"kind: >-\n  Secret\ndata: {p: Q0FOQVJZ}\n", aSecret},
		"escaped in no YAML":   {"a: [\nk: \"kind: Secret\\ndata:\\n  p: Q0FOQVJZ\"\n", aSecret},
		"kind twice":           {"kind: ConfigMap\nkind: Secret\ndata: {p: Q0FOQVJZ}\n", aSecret},
		"kind is an alias":     {"x: &k Secret\nlist:\n  - kind: *k\n    data: {p: Q0FOQVJZ}\n", aSecret},
		"key is an alias":      {"x: &k kind\nlist:\n  - *k : Secret\n    data: {p: Q0FOQVJZ}\n", aSecret},
		"merge key":            {"base: &base {kind: Secret}\none:\n  <<: *base\n  data: {p: Q0FOQVJZ}\n", aSecret},
		"data merged":          {"base: &base {data: {p: Q0FOQVJZ}}\none:\n  <<: *base\n  kind: Secret\n", aSecret},
		"merge list":           {"a: &a {apiVersion: v1}\nb: &b {kind: Secret}\none:\n  <<: [*a, *b]\n  data: {p: Q0FOQVJZ}\n", aSecret},
		"merge of a merge":     {"a: &a {kind: Secret}\nb: &b\n  <<: *a\none:\n  <<: *b\n  data: {p: Q0FOQVJZ}\n", aSecret},
		"in values":            {"kind: HelmRelease\nspec:\n  values:\n    extraObjects:\n      - kind: Secret\n        stringData: {p: CANARY}\n", aSecret},
		"in a block scalar":    {"kind: ConfigMap\ndata:\n  s.yaml: |\n    kind: Secret\n    data:\n      p: Q0FOQVJZ\n", aSecret},
		"escaped in a block":   {"kind: ConfigMap\ndata:\n  s.yaml: |\n    kind: \"\\x53ecret\"\n    data:\n      p: Q0FOQVJZ\n", aSecret},
		"JSON in a scalar":     {`x: '{"kind":"Secret","data":{"p":"Q0FOQVJZ"}}'`, aSecret},
		"two texts deep":       {"x: |\n  y: |\n    kind: Secret\n    data: {p: Q0FOQVJZ}\n", aSecret},
		"template":             {"{{- if .Values.on }}\nkind: Secret\ndata:\n  p: Q0FOQVJZ\n{{- end }}\n", aSecret},
		"template, quoted":     {"{{- if .Values.on }}\nkind: {{ \"Secret\" }}\ndata:\n  p: Q0FOQVJZ\n{{- end }}\n", aSecret},
		"template, kind":       {"{{- if .Values.on }}\nkind: {{ .Values.kind }}\ndata:\n  p: Q0FOQVJZ\n{{- end }}\n", aSecret},
		"template in YAML":     {"kind: {{ .Values.kind }}\ndata:\n  p: Q0FOQVJZ\n", aSecret},
		"substituted kind":     {"kind: ${KIND}\ndata:\n  p: Q0FOQVJZ\n", aSecret},
		"script":               {"run: |\n  kubectl apply -f - <<EOF\n  {\"kind\": \"Secret\", \"data\": {}}\n  EOF\n", aSecret},
		"merge conflict":       {"kind: Secret\nstringData:\n<<<<<<< HEAD\n  p: CANARY\n=======\n  p: b\n>>>>>>> x\n", aSecret},

		"patch of a Secret":        {"patches:\n  - target: {kind: Secret}\n    patch: |\n      - op: replace\n        path: /stringData/p\n        value: CANARY\n", aSecret},
		"patch of its data":        {"patches:\n  - target: {kind: Secret}\n    patch: |\n      - {op: add, path: /data, value: {p: Q0FOQVJZ}}\n", aSecret},
		"patch in one line":        {"patches: [{target: {kind: Secret}, patch: \"- op: replace\\n  path: /stringData/p\\n  value: CANARY\"}]", aSecret},
		"patch as JSON":            {`patches: [{target: {kind: Secret}, patch: '[{"op":"replace","path":"/data/p","value":"Q0FOQVJZ"}]'}]`, aSecret},
		"patchesJson6902":          {"patchesJson6902:\n  - target: {version: v1, kind: Secret, name: s}\n    patch: |-\n      - {op: replace, path: /data/p, value: Q0FOQVJZ}\n", aSecret},
		"patch of Flux":            {"spec:\n  postRenderers:\n    - kustomize:\n        patchesJson6902:\n          - target: {kind: Secret}\n            patch:\n              - {op: replace, path: /data/p, value: Q0FOQVJZ}\n", aSecret},
		"patch by expression":      {"patches:\n  - target: {kind: \"Sec.*|ConfigMap\"}\n    patch: |\n      - {op: add, path: /data/p, value: Q0FOQVJZ}\n", aSecret},
		"patch by bad expression":  {"patches:\n  - target: {kind: \"Sec(\"}\n    patch: |\n      - {op: add, path: /data/p, value: Q0FOQVJZ}\n", aSecret},
		"patch without kind":       {"patches:\n  - target: {name: s}\n    patch: |\n      - {op: add, path: /data/p, value: Q0FOQVJZ}\n", aSecret},
		"patch by an alias":        {"x: &t {kind: Secret}\npatches:\n  - target: *t\n    patch: |\n      metadata: {name: x}\n      data: {p: Q0FOQVJZ}\n", aSecret},
		"text is an alias":         {"patches:\n  - target: {kind: ConfigMap}\n    patch: &p |\n      - {op: add, path: /data/p, value: CANARY}\n  - target: {kind: Secret}\n    patch: *p\n", aSecret},
		"merge patch of another":   {"patches:\n  - target: {kind: Secret}\n    patch: |\n      kind: any\n      metadata: {name: x}\n      data: {p: Q0FOQVJZ}\n", aSecret},
		"stringData of anything":   {"patches:\n  - target: {kind: Other}\n    patch: |\n      - {op: add, path: /stringData/p, value: CANARY}\n", aSecret},
		"patchesStrategicMerge":    {"patchesStrategicMerge:\n  - |\n    kind: Secret\n    stringData: {p: CANARY}\n", aSecret},
		"operations alone":         {"- op: replace\n  path: /stringData/p\n  value: CANARY\n", aSecret},
		"operations on data":       {"- op: replace\n  path: /data/p\n  value: CANARY\n", aSecret},
		"operations as JSON":       {`[{"op": "add", "path": "\/data", "value": {"p": "CANARY"}}]`, aSecret},
		"operations as a template": {"{{ if .a }}\n- op: replace\n  path: /data/p\n  value: CANARY\n{{ end }}\n", aSecret},

		"secretGenerator":          {"secretGenerator:\n  - name: s\n    literals: [p=CANARY]\n", generated},
		"secretGenerator any case": {"SecretGenerator:\n  - name: s\n    literals: [p=CANARY]\n", generated},
		"SecretGenerator":          {"apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: s}\nliterals: [p=CANARY]\n", generated},
		"inline generator":         {"generators:\n  - |-\n    apiVersion: builtin\n    kind: SecretGenerator\n    literals: [p=CANARY]\n", generated},

		"SOPS YAML":        {"p: ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\nsops:\n  mac: x\n", "a SOPS file"},
		"SOPS JSON":        {`{"a": 1, "sops": {"mac": "ENC[AES256_GCM,data:a]"}}`, "a SOPS file"},
		"SOPS JSON, plain": {"{\n\t\"p\": 1,\n\t\"sops\": {\"mac\": \"x\"}\n}", "a SOPS file"},
		"SOPS dotenv":      {"P=CANARY\nsops_mac=x\n", "a SOPS file"},
		"SOPS ini":         {"[a]\np = CANARY\n[sops]\nmac = x\n", "a SOPS file"},
		"SOPS binary":      {`{"data": "ENC[AES256_GCM,data:a,iv:b]", "sops": {}}`, "a SOPS file"},

		"empty":            {"", ""},
		"HelmRelease":      {"kind: HelmRelease\nspec:\n  valuesFrom:\n    - kind: Secret\n      name: s\n  values: {data: {a: b}, secret: {name: s}}\n", ""},
		"secretKeyRef":     {"kind: Deployment\nspec:\n  env:\n    - valueFrom: {secretKeyRef: {name: s, key: data}}\n  volumes:\n    - secret: {secretName: s, items: [{key: a, path: data}]}\n    - hostPath: {path: /data}\n", ""},
		"key secret":       {"secret:\n  data: {a: b}\n  create: true\nkind: x\n", ""},
		"ExternalSecret":   {"kind: ExternalSecret\nspec:\n  secretStoreRef: {kind: SecretStore, name: s}\n  target: {template: {data: {a: b}}}\n  data: [{secretKey: a}]\n", ""},
		"SealedSecret":     {"kind: SealedSecret\nspec:\n  encryptedData: {p: AgB}\n  template: {type: Opaque, data: null}\n", ""},
		"ConfigMap":        {"kind: ConfigMap\ndata:\n  a.yaml: |\n    secret: b\n    kind: Secrets\n", ""},
		"mentioned":        {"kind: ConfigMap\ndata:\n  a: This is of kind Secret.\n", ""},
		"patch of another": {"patches:\n  - target: {kind: ConfigMap}\n    patch: |\n      - {op: add, path: /data/p, value: a}\n", ""},
		"its annotations":  {"patches:\n  - target: {kind: Secret}\n    patch: |\n      - {op: add, path: /metadata/annotations/a, value: b}\n", ""},
		"CRD":              {"kind: CustomResourceDefinition\nproperties:\n  kind: {type: string}\n  data: {type: object}\n", ""},
		"replacement":      {"replacements:\n  - targets:\n      - select: {kind: Secret}\n        fieldPaths: [stringData.p]\n", ""},
		"dotenv":           {"A=1\nKIND=Secret\n", ""},
		"no YAML":          {"{{ if }}\nkind: Deployment\ndata: x\n", ""},
		"merges itself":    {"a: &a\n  <<: *a\n  b: c\n", ""},
	} {
		if got := Why([]byte(c.text)); got != c.want {
			t.Errorf("%s: %q, expected %q in\n%s", name, got, c.want, c.text)
		}
	}
}

// A scalar document that is a text of its own is read no deeper than maxDepth.
func TestWhyOfDeepTexts(t *testing.T) {
	text := "kind: Secret\ndata: {p: Q0FOQVJZ}\n"
	for range 2 * maxDepth {
		text = "a: |\n" + indented(text)
	}
	if Why([]byte(text)) == "" {
		t.Error("a Secret is not found below", 2*maxDepth, "texts")
	}
}

// FuzzWhy: whatever stands before, behind, around and beside a Secret, it is found.
func FuzzWhy(f *testing.F) {
	for i, text := range []string{"", "a: |\n", "%YAML 1.2\n", "a: \"", "- op: add\n  path: /data\n", "x: &a {<<: *a}", "--- |\n x", "{{ a }}", "\xff\xfe", "a: 'b\n", "...\n%"} {
		for way := range byte(6) {
			f.Add(text, []byte{way, byte(i), way + 1})
		}
	}
	const manifest = "kind: Secret\nmetadata: {name: s}\ndata:\n  p: Q0FOQVJZ\n"
	f.Fuzz(func(t *testing.T, text string, ways []byte) {
		if a, b := Why([]byte(text)), Why([]byte(text)); a != b {
			t.Errorf("first %q, then %q", a, b)
		}
		if Why([]byte(text+"\n---\n"+manifest)) == "" {
			t.Error("a Secret behind it is not found")
		}
		if Why([]byte(manifest+"\n---\n"+text)) == "" {
			t.Error("a Secret before it is not found")
		}
		if planted := within(manifest, text, ways[:min(len(ways), 3)]); Why([]byte(planted)) == "" {
			t.Errorf("a Secret is not found within\n%s", planted)
		}
	})
}

// within puts a document into others, each with a text as a value beside it.
func within(document, text string, ways []byte) string {
	beside := strconv.QuoteToASCII(text) + "\n"
	for _, way := range ways {
		switch way % 6 {
		case 0:
			document = "k: |\n" + indented(document) + "z: " + beside
		case 1:
			document = "z: " + beside + "k: " + strconv.QuoteToASCII(document) + "\n"
		case 2:
			document = "- " + beside + "-\n" + indented(document)
		case 3:
			document = "k:\n" + indented(document) + "z: [" + strings.TrimSuffix(beside, "\n") + "]\n"
		case 4:
			document = "patches:\n- patch: |-\n" + indented(indented(document)) + "  target: {name: " + strings.TrimSuffix(beside, "\n") + "}\n"
		case 5:
			document = "z: " + beside + "---\n" + "k: >-\n" + indented(strings.ReplaceAll(document, "\n", "\n\n")) // folded, each line stays one
		}
	}
	return document
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}
