package fluxsum

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing/fstest"
)

// dice makes choices out of the bytes of a fuzzer; when they are used up, each is
// the first one.
type dice []byte

func (d *dice) roll(sides int) int {
	if len(*d) == 0 {
		return 0
	}
	n := int((*d)[0]) % sides
	*d = (*d)[1:]
	return n
}

func (d *dice) of(words ...string) string { return words[d.roll(len(words))] }

// maker makes a tree with a config, and knows what stands where.
type maker struct {
	dice
	tree    fstest.MapFS
	rules   []any
	places  []*madePlace
	targets []*madeFile
}

// madeFile is a target file whose text has a token in the place of each recorded
// checksum.
type madeFile struct {
	name   string
	text   string
	places []*madePlace
}

// madePlace is a place for a checksum.
type madePlace struct {
	rule     string // that writes it
	token    string
	recorded string
	absent   bool // to be inserted
	target   map[string]any
	key      string // the annotation, "" for a marker
}

// made is the tree that some bytes stand for. Nothing in it is out of the ordinary
// enough to be refused, unless spoilt has been at it.
func made(choices []byte) *maker {
	m := &maker{dice: choices, tree: fstest.MapFS{}}
	m.sources()
	for i := range 1 + m.roll(3) {
		m.target(i)
	}
	m.makeRules()
	m.write()
	return m
}

// sourceNames are those of the sources, some of which coreutils escape.
var sourceNames = []string{"s/a.yaml", "s/b.yaml", "s/deep/c.yaml", "s/it's d.yaml", "s/new\nline.yaml", "s/back\\slash.yaml"}

// sourceTexts are YAML, so that each can be read with any content.
var sourceTexts = []string{"a: 1\n", "a: 2 # ü\nb: [x, 'y']\n", "", "b: \"\\u00e9\"\r\na: |\r\n  x\r\n", "\ufeffa: b\n", "a: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n", "{\"a\": 1.50, \"b\": null}", "a: &x {b: c}\nd: *x\n"}

func (m *maker) sources() {
	for _, name := range sourceNames {
		m.tree[name] = &fstest.MapFile{Data: []byte(m.of(sourceTexts...)), Mode: 0o644}
	}
}

// targetStart begins the name of each target, and of no source.
const targetStart = "target"

// target makes a file with places for checksums, one for a rule.
func (m *maker) target(i int) {
	f := &madeFile{name: fmt.Sprintf(targetStart+"%d.yaml", i)}
	if m.roll(3) == 1 {
		f.name = fmt.Sprintf(targetStart+"%d/kustomization.yaml", i)
		m.kustomization(f)
	} else {
		m.documents(f)
	}
	switch m.roll(6) {
	case 1:
		f.text = strings.ReplaceAll(f.text, "\n", "\r\n")
	case 2:
		f.text = "\ufeff" + f.text
	case 3:
		f.text = "# ü\n\n" + f.text + "\n# end  \n\n"
	case 4:
		f.text = strings.TrimSuffix(f.text, "\n")
	}
	m.targets = append(m.targets, f)
}

// place is a new place; none without a key stands for an annotation.
func (m *maker) place(f *madeFile, absent bool) *madePlace {
	n := len(m.places)
	p := &madePlace{token: fmt.Sprintf("@%d@", n), absent: absent, target: map[string]any{"file": f.name}}
	p.key = m.of("sum", "checksum/config", "a.b-c/sum")
	p.recorded = m.of("d41d8cd98f00b204e9800998ecf8427e", "401b30e3b8b5d629635a5c613cdb7919", "12345678", "1e10", "abc", "0x1f", "true", "2001-01-01", "")
	m.places, f.places = append(m.places, p), append(f.places, p)
	return p
}

// name is one that no other object has.
func (m *maker) name() string { return fmt.Sprintf("n%d", len(m.places)) }

// documents are objects, patches and marked lines.
func (m *maker) documents(f *madeFile) {
	var all []string
	for range 1 + m.roll(3) {
		switch m.roll(8) {
		case 0, 1, 2:
			all = append(all, m.object(f))
		case 3:
			all = append(all, m.flow(f))
		case 4:
			all = append(all, m.pod(f))
		case 5:
			all = append(all, m.list(f))
		case 6:
			all = append(all, m.within(f))
		case 7:
			all = append(all, m.marked(f))
		}
	}
	f.text = strings.Join(all, m.of("---\n", "--- # next\n", "...\n---\n", "---\n\n"))
}

// value is the scalar of a place, as it may be written.
func (m *maker) value(p *madePlace) string {
	if p.recorded == "" {
		return m.of("'"+p.token+"'", `"`+p.token+`"`)
	}
	return m.of(p.token, `"`+p.token+`"`, "'"+p.token+"'", "!!str "+p.token, "&sum "+p.token, p.token+" # old")
}

// annotations are those of an object, indented by a margin: with the key, without
// it, or none.
func (m *maker) annotations(p *madePlace, margin string) string {
	step := m.of("  ", "    ", " ")
	switch {
	case !p.absent:
		return margin + "annotations:\n" + margin + step + m.of("", "# why\n"+margin+step) + m.of(p.key, `"`+p.key+`"`) + ": " + m.value(p) + "\n" + m.of("", margin+step+"z: y\n")
	case m.roll(2) == 1:
		return margin + "annotations:\n" + margin + step + "z: y\n"
	}
	return m.of("", margin+"annotations: {}\n", margin+"annotations:\n", margin+"annotations: {z: y}\n", margin+"annotations: null\n")
}

func (m *maker) choose(p *madePlace, kind, name string) {
	p.target["kind"], p.target["name"] = kind, name
}

func (m *maker) object(f *madeFile) string {
	name, kind := m.name(), m.of("HelmRelease", "ConfigMap", "Deployment")
	p := m.place(f, m.roll(3) == 1)
	m.choose(p, kind, name)
	return "kind: " + kind + "\nmetadata:\n  name: " + name + "\n" + m.annotations(p, "  ") + m.of("", "spec:\n  x: |\n    sum: z\n", "data: {a: 'b\n\n    c'}\n")
}

// flow is an object in flow style or in JSON.
func (m *maker) flow(f *madeFile) string {
	name := m.name()
	p := m.place(f, m.roll(3) == 1)
	m.choose(p, "HelmRelease", name)
	if p.absent {
		return m.of(`{"kind": "HelmRelease", "metadata": {"name": "`+name+`"}}`, `{kind: HelmRelease, metadata: {name: `+name+`, annotations: {z: y}}}`, "{\n  \"kind\": \"HelmRelease\",\n  \"metadata\": {\n    \"name\": \""+name+"\",\n    \"annotations\": {}\n  }\n}") + "\n"
	}
	return m.of(`{"kind": "HelmRelease", "metadata": {"name": "`+name+`", "annotations": {"`+p.key+`": "`+p.token+`"}}}`, `{kind: HelmRelease, metadata: {name: `+name+`, annotations: { `+p.key+`: '`+p.token+`', z: y}}}`) + "\n"
}

// pod has the annotation in its template.
func (m *maker) pod(f *madeFile) string {
	name := m.name()
	p := m.place(f, m.roll(3) == 1)
	m.choose(p, "Deployment", name)
	p.target["path"] = m.of("spec.template.metadata.annotations", "spec.template.[metadata].annotations")
	return "kind: Deployment\nmetadata: {name: " + name + "}\nspec:\n  template:\n    metadata:\n      labels: {a: b}\n" + m.annotations(p, "      ") + "    spec: {}\n"
}

// list holds the object, and the annotation stands in an entry of a list of it.
func (m *maker) list(f *madeFile) string {
	name := m.name()
	p := m.place(f, false)
	m.choose(p, "Any", name)
	p.target["path"] = "spec.list.[name=x].notes"
	item := "kind: Any\nmetadata: {name: " + name + "}\nspec:\n  list:\n  - {name: w}\n  - name: x\n    notes:\n      " + p.key + ": " + m.value(p) + "\n"
	margin := m.of("", "  ")
	return "kind: List\nitems:\n" + margin + "- " + strings.TrimPrefix(indentedBy(margin+"  ", item), margin+"  ")
}

// within stands in a text that is the value of a ConfigMap.
func (m *maker) within(f *madeFile) string {
	name := m.name()
	p := m.place(f, m.roll(3) == 1)
	m.choose(p, "ConfigMap", name)
	p.target["path"] = `data.values\.yaml`
	inner := "a: b\n"
	if !p.absent {
		inner += p.key + ": " + m.value(p) + "\n"
	}
	return "kind: ConfigMap\nmetadata: {name: " + name + "}\ndata:\n  values.yaml: " + m.nested(inner, "    ") + m.of("", "  other: c\n")
}

// nested writes a text as a scalar: as a block, or in quotes.
func (m *maker) nested(text, margin string) string {
	switch m.roll(4) {
	case 1:
		return "|-\n" + indentedBy(margin, text)
	case 2:
		quoted, _ := json.Marshal(text)
		return string(quoted) + "\n"
	case 3:
		return "|" + m.of("+", "2-", " # text") + "\n" + indentedBy(margin, text)
	}
	return "|\n" + indentedBy(margin, text)
}

func indentedBy(margin, text string) string {
	return margin + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+margin) + "\n"
}

// marked is a line with a marker.
func (m *maker) marked(f *madeFile) string {
	p := m.place(f, false)
	p.key = ""
	mark := "mark-" + m.name()
	p.target["marker"] = mark
	comment := m.of("# "+mark, `# {"$fluxsum": "`+mark+`"}`)
	if p.recorded == "" {
		return `x: "` + p.token + `" ` + comment + "\n"
	}
	return m.of("x: ", "- ", "- x: ", "x: &a ") + m.of(p.token, `"`+p.token+`"`, "'"+p.token+"'") + m.of(" ", "\t", "   ") + comment + "\n"
}

// kustomization has patches, each for an object of its own.
func (m *maker) kustomization(f *madeFile) {
	margin := m.of("", "  ")
	f.text = m.of("", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n") + "resources: [r.yaml]\npatches:\n"
	for range 1 + m.roll(3) {
		name := m.name()
		p := m.place(f, m.roll(3) == 1)
		m.choose(p, "HelmRelease", name)
		f.text += margin + "- target: {kind: HelmRelease, name: " + name + "}\n" + margin + "  patch: " + m.nested(m.patch(p, name), margin+"    ")
	}
	f.text += m.of("", "namespace: x\n", "# end\n")
}

func (m *maker) patch(p *madePlace, name string) string {
	pointer := "/metadata/annotations/" + strings.ReplaceAll(p.key, "/", "~1")
	switch choice := m.roll(5); {
	case choice == 0 && p.absent:
		return "- op: add\n  path: /spec/x\n  value: y\n"
	case choice == 0:
		return "- op: " + m.of("add", "replace") + "\n  path: " + pointer + "\n  value: " + m.value(p) + "\n"
	case choice == 1 && p.absent:
		return m.of("[{\"op\": \"remove\", \"path\": \"/spec/x\"}]\n", "[\n  {\"op\": \"remove\", \"path\": \"/spec/x\"}\n]\n")
	case choice == 1:
		return `[{"op": "add", "path": "` + pointer + `", "value": "` + p.token + "\"}]\n"
	case choice == 2 && !p.absent:
		return "- op: test\n  path: /kind\n  value: HelmRelease\n- op: add\n  path: /metadata/annotations\n  value:\n    z: y\n    " + p.key + ": " + m.value(p) + "\n"
	}
	return "apiVersion: v2\nkind: HelmRelease\nmetadata:\n  name: " + name + "\n" + m.annotations(p, "  ")
}

// makeRules gives each place a rule, with sources among the files and the targets
// before its own: chains, and no circles.
func (m *maker) makeRules() {
	for i, f := range m.targets {
		for _, p := range f.places {
			p.rule = fmt.Sprintf("r%d", len(m.rules))
			rule := map[string]any{"name": p.rule, "files": m.files(i), "targets": m.shape(p.target)}
			if p.key != "" {
				rule["annotation"] = p.key
			}
			if a := m.of("", "md5", "sha1", "sha256", "sha512"); a != "" {
				rule["algorithm"] = a
			}
			if c := m.of("", "", "bytes", "yaml", "sops"); c != "" && !strings.Contains(fmt.Sprint(rule["files"]), targetStart) {
				rule["content"] = c
			}
			m.rules = append(m.rules, rule)
		}
	}
}

// files are the sources of a rule of target i.
func (m *maker) files(i int) any {
	globs := []string{"s/*", "s/**/*.yaml", "{s/a,s/b}.yaml", "s/[ab].yaml", "s/?.yaml", "**/c.yaml"}
	switch m.roll(5) {
	case 1:
		return []string{m.of(globs...)}
	case 2:
		return []string{m.of(sourceNames[:4]...), m.of(sourceNames[:4]...), m.of(globs...)}
	case 3:
		if i > 0 {
			return []string{m.targets[m.roll(i)].name, "s/a.yaml"}
		}
	case 4:
		if i > 0 {
			return m.targets[m.roll(i)].name
		}
	}
	return m.of(sourceNames[:4]...)
}

func (m *maker) shape(target map[string]any) any {
	return []any{target, []any{target}}[m.roll(2)]
}

// write writes the config and the targets, as they are before.
func (m *maker) write() {
	text, _ := json.Marshal(map[string]any{"version": 1, "rules": m.rules})
	m.tree[ConfigName] = &fstest.MapFile{Data: text, Mode: 0o644}
	for _, f := range m.targets {
		text := f.text
		for _, p := range f.places {
			text = strings.ReplaceAll(text, p.token, p.recorded)
		}
		m.tree[f.name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
}
