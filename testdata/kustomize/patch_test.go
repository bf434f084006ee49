package kustomize

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

var update = flag.Bool("update", false, "write what kustomize makes of the patches anew")

// TestPatches holds the cases in patches, which pkg/kustomize reads too,
// against the real kustomize. A file holds object.yaml, patch.yaml, what is
// below "target" in the kustomization (or no target), maybe not-followed for
// fluxsum, and what kustomize makes of it: want.yaml, empty for an object that
// is deleted, or want-error.
func TestPatches(t *testing.T) {
	files, err := filepath.Glob("patches/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d cases, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { checkPatch(t, file) })
	}
}

func checkPatch(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sections := split(string(text))
	name, want := kustomized(sections)
	if *update {
		input := regexp.MustCompile(`(?ms)^-- want[a-z.-]* --\n.*`).ReplaceAllString(string(text), "")
		if err := os.WriteFile(file, []byte(input+"-- "+name+" --\n"+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, ok := sections[name]; !ok || got != want {
		t.Errorf("kustomize gives %s\n%s\nthe file has\n%s", name, want, got)
	}
}

// split returns the sections of a txtar text by their names.
func split(text string) map[string]string {
	sections, name := map[string]string{}, ""
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "-- ") && strings.HasSuffix(line, " --\n") {
			name = line[3 : len(line)-4]
			sections[name] = ""
			continue
		}
		sections[name] += line
	}
	return sections
}

// kustomized builds a case. Of an error it keeps the first line. A panic is an
// error too.
func kustomized(sections map[string]string) (name, want string) {
	defer func() {
		if r := recover(); r != nil {
			name, want = "want-error", "panic\n"
		}
	}()
	fs := filesys.MakeFsInMemory()
	for _, name := range []string{"object.yaml", "patch.yaml"} {
		if err := fs.WriteFile(name, []byte(sections[name])); err != nil {
			return "", err.Error()
		}
	}
	patches := "resources: [object.yaml]\npatches:\n- path: patch.yaml\n"
	if target, ok := sections["target"]; ok {
		patches += "  target: {" + strings.TrimSpace(target) + "}\n"
	}
	if err := fs.WriteFile("kustomization.yaml", []byte(patches)); err != nil {
		return "", err.Error()
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, ".")
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return "want-error", first + "\n"
	}
	out, err := built.AsYaml()
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return "want-error", first + "\n"
	}
	return "want.yaml", string(out)
}

// TestTables holds the tables of pkg/kustomize/merge_schema.go against the schema of
// kustomize: the same lists merge by the same keys.
func TestTables(t *testing.T) {
	want, got := schemaLists(), tableLists(t)
	for at, keys := range want {
		if k, ok := got[at]; !ok || k != keys {
			t.Errorf("%s: merges by %q, the table says %q (%v)", at, keys, k, ok)
		}
	}
	for at := range got {
		if _, ok := want[at]; !ok {
			t.Errorf("%s: does not merge", at)
		}
	}
}

// schemaLists returns the keys of the lists that merge, by kind and path.
func schemaLists() map[string]string {
	lists := map[string]string{}
	for _, d := range openapi.Schema().Definitions {
		kinds, _ := d.Extensions["x-kubernetes-group-version-kind"].([]any)
		for _, k := range kinds {
			k := k.(map[string]any)
			group, _ := k["group"].(string)
			version := strings.TrimPrefix(fmt.Sprintf("%s/%s", group, k["version"]), "/")
			schemaWalk(lists, version+" "+k["kind"].(string), &openapi.ResourceSchema{Schema: &d}, 0)
		}
	}
	return lists
}

func schemaWalk(lists map[string]string, at string, s *openapi.ResourceSchema, depth int) {
	if s == nil || depth > 12 {
		return
	}
	strategy, keys := s.PatchStrategyAndKeyList()
	if strings.Contains(","+strategy+",", ",merge,") && s.Schema.Type.Contains("array") {
		lists[at] = strings.Join(keys, ",")
		schemaWalk(lists, at, s.Elements(), depth+1)
		return
	}
	for name, property := range s.Schema.Properties {
		// This one holds itself, and no list that merges.
		if !strings.HasSuffix(property.Ref.String(), ".JSONSchemaProps") {
			schemaWalk(lists, at+"."+name, s.Field(name), depth+1)
		}
	}
}

// tableLists returns the same of the tables.
func tableLists(t *testing.T) map[string]string {
	tables := constants(t, "../../pkg/kustomize/merge_schema.go")
	shapes, lists := map[string][]string{}, map[string]string{}
	for line := range strings.Lines(tables["shapeTable"]) {
		words := strings.Fields(line)
		shapes[words[0]] = words[1:]
	}
	for line := range strings.Lines(tables["kindTable"]) {
		words := strings.Fields(line)
		for _, word := range words[1:] {
			kind, shape, ok := strings.Cut(word, "=")
			if !ok {
				shape = "Plain"
			}
			tableWalk(lists, words[0]+" "+kind, shapes, shape)
		}
	}
	return lists
}

func tableWalk(lists map[string]string, at string, shapes map[string][]string, shape string) {
	for _, word := range shapes[shape] {
		field, next, _ := strings.Cut(word, "=")
		field, keys, isList := strings.Cut(strings.TrimSuffix(field, "]"), "[")
		if isList {
			lists[at+"."+field] = keys
		}
		tableWalk(lists, at+"."+field, shapes, next)
	}
}

// constants returns the string constants of a Go file.
func constants(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if l, ok := v.Values[0].(*ast.BasicLit); ok && l.Kind == token.STRING {
				found[v.Names[0].Name], _ = strconv.Unquote(l.Value)
			}
		}
		return true
	})
	return found
}
