package helmvalues

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

// Digest returns the digest of values that Merge returned, as status.history[].configDigest shows it: "sha256:" and
// 64 digits. Empty values have the digest of nothing.
// Source: DigestValues in chartutil's digest.go.
func Digest(values map[string]any) (string, error) {
	hash := sha256.New()
	if len(values) > 0 {
		if err := encode(hash, values); err != nil {
			return "", errors.New("the values cannot be written as YAML")
		}
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil)), nil
}

// encode writes values as YAML with sorted keys.
// Source: Encode in chartutil's encode.go.
func encode(w io.Writer, values map[string]any) error {
	entries := yaml.JSONObjectToYAMLObject(values)
	sortEntries(entries)
	return yamlv2.NewEncoder(w).Encode(entries)
}

// sortEntries sorts a map, and all maps in it, by key.
// Source: SortMapSlice in chartutil's sort.go.
func sortEntries(entries yamlv2.MapSlice) {
	slices.SortFunc(entries, func(a, b yamlv2.MapItem) int { return cmp.Compare(a.Key.(string), b.Key.(string)) })
	for _, entry := range entries {
		sortWithin(entry.Value)
	}
}

// sortWithin sorts the maps in a value.
func sortWithin(value any) {
	switch value := value.(type) {
	case yamlv2.MapSlice:
		sortEntries(value)
	case []any:
		for _, item := range value {
			sortWithin(item)
		}
	}
}
