package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// TestSchema holds the schema against the reader of configs: testdata/schema has
// configs that both take, that both refuse (at the place that the first line
// names), and that the reader alone can refuse.
func TestSchema(t *testing.T) {
	schema := compiledSchema(t)
	for kind, tell := range map[string]func(text []byte, read, schema error) bool{
		"good":            func(_ []byte, read, schema error) bool { return read == nil && schema == nil },
		"bad":             func(text []byte, read, schema error) bool { return read != nil && refusedAt(text, schema) },
		"only-the-reader": func(_ []byte, read, schema error) bool { return read != nil && schema == nil },
	} {
		for _, f := range archiveFiles(t, "../../testdata/schema/"+kind+".txtar") {
			_, read := fluxsum.ReadConfig(f.Name, f.Data)
			if got := validateConfig(schema, f.Data); !tell(f.Data, read, got) {
				t.Errorf("%s: %s:\n%s\nthe reader says: %v\nthe schema says: %v", kind, f.Name, f.Data, read, got)
			}
		}
	}
}

// TestSchemaRefusesNoConfig: what the reader takes the schema takes, in all files of
// all tests, and with every odd word in the place of each value.
func TestSchemaRefusesNoConfig(t *testing.T) {
	onlyOnce(t)
	schema := compiledSchema(t)
	taken := 0
	hold := func(name string, text []byte) {
		if _, err := fluxsum.ReadConfig(name, text); err != nil {
			return
		}
		taken++
		if err := validateConfig(schema, text); err != nil {
			t.Errorf("the schema refuses what the reader takes: %s\n%s\n%v", name, text, err)
		}
	}
	for _, f := range allConfigs(t) {
		hold(f.Name, f.Data)
	}
	if taken < 200 {
		t.Errorf("%d configs were found, expected more", taken)
	}
	for _, text := range oddConfigs() {
		hold("odd", []byte(text))
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../" + schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(fluxsum.SchemaURL, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(fluxsum.SchemaURL)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validateConfig reads a config as the program does first, and holds it against the
// schema.
func validateConfig(schema *jsonschema.Schema, text []byte) error {
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// refusedAt says whether the schema refuses a config at the place that its first
// line names: # /rules/0/files.
func refusedAt(text []byte, err error) bool {
	line, _, _ := strings.Cut(string(text), "\n")
	var refused *jsonschema.ValidationError
	return errors.As(err, &refused) && slices.Contains(refusedPlaces(refused), strings.TrimPrefix(line, "# "))
}

// refusedPlaces are those of an error, and of all that are its reason, as JSON pointers.
func refusedPlaces(e *jsonschema.ValidationError) []string {
	all := []string{"/" + strings.Join(e.InstanceLocation, "/")}
	if len(e.Causes) == 0 {
		return all
	}
	all = nil
	for _, cause := range e.Causes {
		all = append(all, refusedPlaces(cause)...)
	}
	return all
}

func archiveFiles(t *testing.T, name string) []txtar.File {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return a.Files
}

// allConfigs are the files that may be configs: of the example trees, inside of
// archives, and in the documentation.
func allConfigs(t *testing.T) []txtar.File {
	t.Helper()
	var all []txtar.File
	for _, dir := range []string{"../../testdata", "../../docs"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			all = append(all, configsIn(path, text)...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// configsIn are the files in a file, if it holds some, or that one.
func configsIn(path string, text []byte) []txtar.File {
	switch filepath.Ext(path) {
	case ".txtar":
		return txtar.Parse(text).Files
	case ".md":
		var all []txtar.File
		for _, m := range fence.FindAllSubmatch(text, -1) {
			all = append(all, txtar.File{Name: path, Data: m[2]})
		}
		return all
	}
	return []txtar.File{{Name: path, Data: text}}
}

// oddConfigs have an odd word in the place of each value of a config.
func oddConfigs() []string {
	words := []string{"", "~", "true", "yes", "1", "0x1", "1.0", "1e3", "12:30", "[]", "[a]", "[[a]]", "{}", "{a: b}", "[{file: a}]", "[{}]", "''", "' a '", "'a#b'", "MD5", "sha1", "Yaml", "a", "A.b/C_d-e", "a/b/c", "'-a'", "a_b/c", "a..b", "'.a'", "'a.'", "/a", "./a", ".//a", "./../a", "..", "../a", "...", "..a", "a/../b", "a/../../b", ".", "'./'", "'*'", "'{a,../b}'", "'[a'", "'a\\b'", "'C:/a'", `"\u00a0a"`, `"\ufeffa"`, `"é:/a"`, "!!str 1", "weak-trigger", "metadata.annotations", "'a\\.metadata.annotations'", "spec.metadata.annotations", "'[a=b.c].d'", strings.Repeat("a", 64), strings.Repeat("a.", 130) + "b/c"}
	keys := []string{"version: %s\nrules: []", "version: 1\nalgorithm: %s\nrules: []", "version: 1\ncontent: %s\nrules: []", "version: 1\nrules: %s", "version: 1\nrules: [%s]"}
	for _, entry := range []string{"finding: %s, file: a, reason: r", "finding: weak-trigger, file: %s, reason: r", "finding: weak-trigger, file: a, reason: %s"} {
		keys = append(keys, "version: 1\nrules: []\nignore: {"+entry+"}", "version: 1\nrules: []\nignore: [{"+entry+"}]")
	}
	for _, rule := range []string{"name: %s, annotation: a", "annotation: %s", "name: x, annotation: %s", "annotation: a, algorithm: %s", "annotation: a, content: %s", "annotation: a, secret: %s"} {
		keys = append(keys, "version: 1\nrules: [{files: f, targets: t, "+rule+"}]", "version: 1\nrules: [{files: f, targets: [{file: t, path: spec.a}], "+rule+"}]")
	}
	for _, rule := range []string{"files: %s, targets: t", "files: [f, %s], targets: t", "files: f, targets: %s", "files: f, targets: [t, %s]", "files: f, targets: {file: %s}", "files: f, targets: {file: t, kind: %s}", "files: f, targets: {file: t, name: %s}", "files: f, targets: {file: t, namespace: %s}", "files: f, targets: {file: t, path: %s}", "files: f, targets: [{file: t, path: %s}, {file: t, marker: m}]", "files: f, targets: {file: t, marker: %s}"} {
		keys = append(keys, "version: 1\nrules: [{annotation: a, "+rule+"}]", "version: 1\nrules: [{"+rule+"}]", "version: 1\nrules: [{name: x, annotation: a+b c, "+rule+"}]")
	}
	var all []string
	for _, key := range keys {
		for _, word := range words {
			all = append(all, fmt.Sprintf(key, word)+"\n")
		}
	}
	return all
}
