package helmvalues

import (
	"encoding/json"
	"errors"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

// readSpec reads spec.values as helm-controller gets them: through JSON, which the API server hands out.
// Source: HelmRelease.GetValues in github.com/fluxcd/helm-controller/api v1.6.2. It ignores values that it cannot
// read, all of them; here they are an error.
func readSpec(spec []byte) (map[string]any, error) {
	values, err := readValues(spec)
	if err != nil {
		return nil, err
	}
	object, err := json.Marshal(values)
	if err != nil {
		return nil, errNotJSON
	}
	return readValues(object)
}

// readValues reads a YAML map as Helm does: its first document, in YAML 1.1. An empty text gives an empty map.
// Source: ReadValues in helm.sh/helm/v4 v4.2.2, pkg/chart/common/values.go.
func readValues(text []byte) (map[string]any, error) {
	tree, err := parse(text)
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := yaml.Unmarshal(text, &values); err != nil {
		return nil, notValues(tree)
	}
	if count(tree) != count(values) {
		return nil, errEqualKeys
	}
	return values, nil
}

// parse reads the text with the parser below sigs.k8s.io/yaml, which shares the texts that aliases repeat; the JSON
// that sigs.k8s.io/yaml makes of them next would not, so that a small file could fill the memory.
func parse(text []byte) (tree any, err error) {
	if len(text) > maxText {
		return nil, errTooLong
	}
	if err := yamlv2.Unmarshal(text, &tree); err != nil {
		return nil, notYAML(err)
	}
	return tree, checkWeight(tree)
}

// notValues says why a document that is YAML holds no values; the library's own words quote it.
func notValues(tree any) error {
	if _, isMap := tree.(map[any]any); !isMap {
		return errors.New("holds no YAML map, expected names and values")
	}
	return errNotJSON
}
