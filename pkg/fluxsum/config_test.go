package fluxsum_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// The config as sigs.k8s.io/yaml decodes it: strictly, with one value in the
// place of a list where the format allows that.
type sigsConfig struct {
	Version   int                `json:"version"`
	Algorithm checksum.Algorithm `json:"algorithm"`
	Content   checksum.Content   `json:"content"`
	Rules     []sigsRule         `json:"rules"`
	Ignore    many[sigsIgnore]   `json:"ignore"`
}

type sigsRule struct {
	Name       string             `json:"name"`
	Files      many[string]       `json:"files"`
	Annotation string             `json:"annotation"`
	Targets    many[sigsTarget]   `json:"targets"`
	Algorithm  checksum.Algorithm `json:"algorithm"`
	Content    checksum.Content   `json:"content"`
	Secret     *bool              `json:"secret"`
}

type (
	sigsTarget fluxsum.Target
	sigsIgnore fluxsum.Ignore
)

// many is a list, or one entry without its list.
type many[T any] []T

func (m *many[T]) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return strictJSON(text, (*[]T)(m))
	}
	*m = make([]T, 1)
	return strictJSON(text, &(*m)[0])
}

// UnmarshalJSON takes a target that is a string for its file.
func (t *sigsTarget) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &t.File)
	}
	return strictJSON(text, (*fluxsum.Target)(t))
}

func strictJSON(text []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

// config fills in the defaults and cleans the paths.
func (c *sigsConfig) config() *fluxsum.Config {
	out := &fluxsum.Config{Version: c.Version, Algorithm: or(c.Algorithm, checksum.MD5), Content: or(c.Content, checksum.Bytes)}
	for i := range c.Rules {
		r := &c.Rules[i]
		rule := fluxsum.Rule{Annotation: r.Annotation, Algorithm: or(r.Algorithm, out.Algorithm), Content: or(r.Content, out.Content), Secret: r.Secret}
		for _, f := range r.Files {
			rule.Files = append(rule.Files, path.Clean(f))
		}
		for _, t := range r.Targets {
			t.File = path.Clean(t.File)
			rule.Targets = append(rule.Targets, fluxsum.Target(t))
		}
		rule.Name = or(r.Name, r.Annotation)
		if rule.Name == "" && len(r.Targets) > 0 {
			rule.Name = r.Targets[0].Marker
		}
		out.Rules = append(out.Rules, rule)
	}
	for _, ignore := range c.Ignore {
		ignore.File = path.Clean(ignore.File)
		out.Ignore = append(out.Ignore, fluxsum.Ignore(ignore))
	}
	return out
}

func or[T ~string](value, fallback T) T {
	if value == "" {
		return fallback
	}
	return value
}

// sameAsSigs checks a text that ReadConfig accepts: sigs.k8s.io/yaml accepts
// it too, and reads the same.
func sameAsSigs(t *testing.T, text []byte) {
	t.Helper()
	got, err := fluxsum.ReadConfig(fluxsum.ConfigName, text)
	if err != nil {
		return
	}
	var sigs sigsConfig
	if err := yaml.UnmarshalStrict(text, &sigs); err != nil {
		t.Fatalf("sigs.k8s.io/yaml refuses what ReadConfig accepts: %v\n%.500q", err, text)
	}
	if got, want := asJSON(t, got), asJSON(t, sigs.config()); got != want {
		t.Fatalf("%q\nReadConfig:       %s\nsigs.k8s.io/yaml: %s", text, got, want)
	}
}

func asJSON(t *testing.T, c *fluxsum.Config) string {
	t.Helper()
	if len(c.Rules) == 0 {
		c.Rules = nil
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// configSeeds are texts that come near to what YAML 1.1 and 1.2 read
// differently.
var configSeeds = []string{
	"version: 1\nrules: []\n",
	"{\"version\": 1, \"rules\": [{\"annotation\": \"sum\", \"files\": \"a\", \"targets\": \"b\"}]}",
	"version: 1\nalgorithm: sha256\ncontent: sops\nrules:\n- {annotation: a/b, files: [./x, y/../z], targets: [t, {file: u, kind: K, name: n, namespace: ns, path: 'a.[b=c].d\\.e'}]}\n",
	"version: 1\nrules:\n- {files: a, targets: {file: b, marker: m}, secret: true, algorithm: sha1, content: yaml}\n",
	"version: 1\nrules: []\nignore: {finding: weak-trigger, file: ./a, reason: r}\n",
	"version: 1\nrules: []\nignore: [{finding: weak-trigger, file: 'a/**', reason: 'on'}]\n",
	"version: 1\nrules:\n- &r {annotation: a, files: &f [x, y], targets: t}\n- {annotation: b, files: *f, targets: t}\n",
	"version: 1\nrules:\n- annotation: >-\n    folded\n    text\n  name: n\n  files: |-\n    a\n  targets: \"\\u0062\\\n    c\"\n",
	"version: 1\nrules: [{annotation: yes, files: 12:30, targets: 0o7}]\n",
	"version: 1\nrules: [{annotation: a1, files: 1_000, targets: 2001-01-01}]\n",
	"version: 1\nrules: [{annotation: a1, files: .5, targets: 0b1}, {annotation: b1, files: 1e3, targets: =}]\n",
	"version: 1\nrules: [{annotation: a1, files: <<, targets: ~x}]\n",
	"version: !!int 1\nrules: [{annotation: !!str 1, files: !!str x, targets: ! y}]\n",
	"version: 0x1\nrules: [{annotation: a, files: x, targets: t, secret: TRUE}]\n",
	"\ufeffversion: 1\r\nrules: []\r\n...\r\n",
	"version: ! 1\nrules: [{annotation: !!str 1, files: !!str x, targets: iles! y}]\n",
	"version: 1\nrules: [{annotation: ! 1, files: ! x, targets: !x y}]\n",
	"%YAML 1.1\n---\nversion: 1\nrules: []\n",
	"version: 1\rrules: []\u0085# x\n",
	"? version\n: 1\n? rules\n: []\n",
	"\"version\": 1\n'rules': []\n",
	"version: 1\nrules: [{annotation: a, files: \"x\\ty\", targets: 't''u'}]\n",
	"version: 1\nrules: [{annotation: a, files: x #y\n, targets: t}]\n",
	"version: +1\nrules: []\n",
	"version: 1\nrules: [{annotation: a, files: x, targets: t, secret: on}]\n",
}

func TestConfigReadsAsSigsYAML(t *testing.T) {
	for _, text := range configSeeds {
		sameAsSigs(t, []byte(text))
	}
	trees, err := filepath.Glob("../../testdata/*/" + fluxsum.ConfigName)
	if err != nil || len(trees) == 0 {
		t.Fatal("no example trees", err)
	}
	for _, name := range trees {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fluxsum.ReadConfig(fluxsum.ConfigName, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sameAsSigs(t, text)
	}
}

// TestConfigReadsWords checks each spelling in the place of each key: one that
// YAML 1.1 takes for something else than a string must not pass as one.
func TestConfigReadsWords(t *testing.T) {
	words := strings.Fields("y Y yes Yes YES no NO n N on ON off true True TRUE false null Null ~ 1 01 0o1 0x1 0b1 1_0 1. .1 1e1 1E+1 " +
		"12:30 1:2:3 -1:30 +.inf .inf -.Inf .nan .NaN <<x = - -- . .. 2001-01-01 2001-01-01T01:01:01Z a:b x#y !x !!str &x @x `x %x 0. 0_ _0 0x_ 1__0 -0 +0 +1 1e 0o8 08 09 0b2 190:20:30")
	for _, word := range words {
		for _, line := range []string{"annotation: x, files: %, targets: t", "annotation: x, files: [%], targets: t", "annotation: x, files: f, targets: %", "annotation: x, files: f, targets: {file: %}", "annotation: %, files: f, targets: t", "name: %, annotation: x, files: f, targets: t", "annotation: x, files: f, targets: {file: t, name: %}", "annotation: x, files: f, targets: t, secret: %", "annotation: x, files: f, targets: t, algorithm: %"} {
			sameAsSigs(t, []byte("version: 1\nrules:\n  - {"+strings.ReplaceAll(line, "%", word)+"}\n"))
		}
		sameAsSigs(t, []byte("version: "+word+"\nrules: []\n"))
	}
}

// TestConfigAliasesAsSigsYAML: what is too much aliasing for sigs.k8s.io/yaml
// is too much.
func TestConfigAliasesAsSigsYAML(t *testing.T) {
	text := "version: 1\nrules:\n- {annotation: a, files: &f [" + strings.Repeat("f,", 1500) + "], targets: t}\n"
	for i := range 259 {
		text += fmt.Sprintf("- {annotation: a%d, files: *f, targets: t%d}\n", i, i)
	}
	sameAsSigs(t, []byte(text))
}

func FuzzConfig(f *testing.F) {
	for _, text := range configSeeds {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sameAsSigs(t, text)
		_, err := fluxsum.ReadConfig(fluxsum.ConfigName, text)
		var broken *fluxsum.ConfigError
		if errors.As(err, &broken) && broken.InTree(t.Context(), fstest.MapFS{}, nil) == nil {
			t.Error("what is wrong with the text is not told")
		}
	})
}
