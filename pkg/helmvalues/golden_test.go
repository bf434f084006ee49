package helmvalues

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"
)

// release is what of a HelmRelease says where its values are.
type release struct {
	Spec struct {
		ValuesFrom []struct {
			Kind, Name, ValuesKey, TargetPath string
			Literal                           bool
		}
		Values json.RawMessage // as sigs.k8s.io/yaml converts it
	}
}

// manifest is a ConfigMap, or a Secret, whose data is in base64.
type manifest struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]string
}

// TestGoldens: the digests are those of chartutil, as the test in testdata/helmvalues makes sure.
func TestGoldens(t *testing.T) {
	for _, path := range goldenPaths(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			parts, spec, want := golden(t, path)
			if got := digestOf(t, parts, spec); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func goldenPaths(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/helmvalues/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d goldens, error %v", len(paths), err)
	}
	return paths
}

// digestOf gives "refused" for what cannot be merged.
func digestOf(t *testing.T, parts []Part, spec []byte) string {
	t.Helper()
	values, err := Merge(parts, spec)
	if err != nil {
		t.Log(err)
		return "refused"
	}
	digest, err := Digest(values)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// golden reads one golden: its valuesFrom with their texts, its spec.values as JSON, its digest.
func golden(t testing.TB, path string) (parts []Part, spec []byte, want string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r release
	known := map[string]string{}
	for _, file := range archive.Files {
		switch file.Name {
		case "release.yaml":
			decode(t, file, &r)
		case "digest":
			want = strings.TrimSpace(string(file.Data))
		default:
			addTexts(t, known, file)
		}
	}
	return partsOf(r, known), r.Spec.Values, want
}

// addTexts enters the texts of a manifest as "Kind/name/key".
func addTexts(t testing.TB, known map[string]string, file txtar.File) {
	t.Helper()
	var m manifest
	decode(t, file, &m)
	for key, text := range m.Data {
		if m.Kind == "Secret" {
			text = decodeBase64(t, text)
		}
		known[m.Kind+"/"+m.Metadata.Name+"/"+key] = text
	}
}

// partsOf leaves out the references that lead nowhere; in the goldens all these are optional.
func partsOf(r release, known map[string]string) (parts []Part) {
	for _, from := range r.Spec.ValuesFrom {
		key := from.ValuesKey
		if key == "" {
			key = "values.yaml"
		}
		if text, found := known[from.Kind+"/"+from.Name+"/"+key]; found {
			parts = append(parts, Part{Text: []byte(text), TargetPath: from.TargetPath, Literal: from.Literal})
		}
	}
	return parts
}

func decode(t testing.TB, file txtar.File, into any) {
	t.Helper()
	if err := yaml.Unmarshal(file.Data, into); err != nil {
		t.Fatalf("%s: %v", file.Name, err)
	}
}

func decodeBase64(t testing.TB, text string) string {
	t.Helper()
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(decoded)
}
