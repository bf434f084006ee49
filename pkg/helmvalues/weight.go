package helmvalues

import "strings"

const (
	// maxText is the longest text that is read, in bytes. A ConfigMap or a Secret holds no more than 1 MiB.
	maxText = 8 << 20
	// maxWeight bounds what a text may expand to by its aliases, or values by list indexes.
	maxWeight = 64 << 20
)

// checkWeight refuses values that would fill the memory or take minutes to write.
func checkWeight(value any) error {
	weight := 0
	walk(value, 1, func(value any, depth int) { weight += weigh(value, depth) })
	if weight > maxWeight {
		return errTooHeavy
	}
	return nil
}

// weigh guesses how many bytes of YAML one value takes: each of its lines is indented to its depth.
func weigh(value any, depth int) int {
	text, _ := value.(string)
	return len(text) + (1+strings.Count(text, "\n"))*depth
}

// count returns how many values and keys there are. Two keys that become one are seen by it, as nothing else makes
// the count of JSON differ from that of the YAML it was made of.
func count(value any) int {
	all := 0
	walk(value, 1, func(any, int) { all++ })
	return all
}

// walk visits a value and all values and keys in it, of YAML as go.yaml.in/yaml/v2 decodes it or of JSON.
func walk(value any, depth int, visit func(value any, depth int)) {
	visit(value, depth)
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			walk(item, depth+1, visit)
		}
	case map[any]any:
		for key, item := range value {
			visit(key, depth)
			walk(item, depth+1, visit)
		}
	case map[string]any:
		for key, item := range value {
			visit(key, depth)
			walk(item, depth+1, visit)
		}
	}
}
