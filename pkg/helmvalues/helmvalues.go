// Package helmvalues computes what Flux's helm-controller makes of the values of a HelmRelease, and the digest that it
// shows for them as status.history[].configDigest. A release is upgraded when that digest changes.
//
// It does what helm-controller v1.6.2 does in github.com/fluxcd/pkg/chartutil v1.27.1. testdata/helmvalues holds
// digests that chartutil computed, and the tests here hold this package to them.
package helmvalues

// Part is one entry of spec.valuesFrom whose text is known.
type Part struct {
	// Text is the value under valuesKey, decoded.
	Text []byte
	// TargetPath is the field that Text is set at, in Helm's --set syntax; empty when Text is a YAML map of values.
	TargetPath string
	// Literal says that Text has no --set syntax in it. It has no effect without a TargetPath.
	Literal bool
}

// Merge returns the values that Helm gets: those of the parts in order, and spec.values last. spec is the JSON or YAML
// of spec.values, nil when there are none. The error is a *PartError.
//
// A text that helm-controller would read by chance, or ignore without a word, is an error.
// Source: ChartValuesFromReferences in chartutil's values.go.
func Merge(parts []Part, spec []byte) (map[string]any, error) {
	own, err := readSpec(spec)
	if err != nil {
		return nil, inSpec(err)
	}
	result := map[string]any{}
	for i, part := range parts {
		if result, err = add(result, own, part); err != nil {
			return nil, inPart(i, err)
		}
	}
	return mergeMaps(result, own), nil
}

// add merges a part into the values so far.
//
// Before a targetPath is set, spec.values are merged, so that it can reach into their lists. The maps and lists that
// result then has from own are own's, not copies, and what the targetPath changes in them it changes in own as well:
// the last merge of Merge brings that back. So a targetPath wins over spec.values here and loses there, depending on
// what the parts before it held. Copies would be saner, and give other digests than helm-controller.
func add(result, own map[string]any, part Part) (map[string]any, error) {
	if part.TargetPath != "" {
		result = mergeMaps(result, own)
		return result, setPath(result, part)
	}
	values, err := readValues(part.Text)
	if err != nil {
		return nil, err
	}
	return mergeMaps(result, values), nil
}

// mergeMaps returns a with the entries of b over it. Maps in both are merged, anything else is replaced, null too.
// Neither a nor b is changed, but the result shares their lists, and maps that only one of them has.
// Source: MergeMaps in chartutil's merge.go.
func mergeMaps(a, b map[string]any) map[string]any {
	merged := make(map[string]any, len(a))
	for key, value := range a {
		merged[key] = value
	}
	for key, value := range b {
		below, isMap := merged[key].(map[string]any)
		above, bothMaps := value.(map[string]any)
		if isMap && bothMaps {
			value = mergeMaps(below, above)
		}
		merged[key] = value
	}
	return merged
}
