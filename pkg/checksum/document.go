package checksum

import (
	"bytes"
	"io"
	"math"
	"strconv"

	yamlv2 "go.yaml.in/yaml/v2"
)

// maxDepth is how deep the maps and lists of a document may nest: the limit of encoding/json and of the YAML parser.
const maxDepth = 10_000

// skip takes in any YAML value without looking at it.
type skip struct{}

// UnmarshalYAML leaves the value alone.
func (skip) UnmarshalYAML(func(any) error) error { return nil }

// checkDocument refuses what sigs.k8s.io/yaml takes in silently or turns into something that depends on chance:
// second documents, aliases that explode, keys that are different in YAML and equal in JSON. It reads the document
// with the same parser, so that both see the same.
func checkDocument(data []byte) error {
	if len(data) > MaxCanonical {
		return tooLarge("holds")
	}
	if err := checkAliases(data); err != nil {
		return err
	}
	value, err := onlyDocument(data)
	if err != nil {
		return err
	}
	return faultsOf(value, 0).err()
}

// onlyDocument returns the value of the file's one document, nil when there is none.
func onlyDocument(data []byte) (any, error) {
	decoder := yamlv2.NewDecoder(bytes.NewReader(data))
	var value any
	if err := decoder.Decode(&value); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, syntaxError(err)
	}
	switch err := decoder.Decode(new(skip)); {
	case err == io.EOF:
		return value, nil
	case err != nil:
		return nil, syntaxError(err)
	}
	return nil, &ContentError{
		Msg:  "holds more than one YAML document, expected one: Helm would read the first alone",
		Hint: bytesHint,
	}
}

// fault is a set of reasons why JSON cannot hold a value. A set, because the first reason that a walk over Go maps
// meets differs from run to run, and the message must not.
type fault uint8

const (
	tooDeep fault = 1 << iota
	badKey
	equalKeys
	notFinite
)

// err names the first fault of the set.
func (f fault) err() error {
	switch {
	case f&tooDeep != 0:
		return &ContentError{Msg: "nests too deep, expected at most " + strconv.Itoa(maxDepth) + " levels"}
	case f&badKey != 0:
		return &ContentError{Msg: "a map key that is null or too large a number, expected text", Hint: "quote the key"}
	case f&equalKeys != 0:
		return &ContentError{Msg: `two keys of one map are the same key in JSON, such as 1 and "1"`, Hint: "keep one of them"}
	case f&notFinite != 0:
		return &ContentError{Msg: "a number that is .nan or .inf, which JSON cannot write", Hint: "quote the value"}
	}
	return nil
}

// faultsOf returns all faults of a value that stands depth levels deep.
func faultsOf(value any, depth int) fault {
	if depth > maxDepth {
		return tooDeep
	}
	switch value := value.(type) {
	case map[any]any:
		return mapFaults(value, depth)
	case []any:
		return listFaults(value, depth)
	case float64:
		return numberFaults(value)
	}
	return 0
}

func listFaults(list []any, depth int) (faults fault) {
	for _, value := range list {
		faults |= faultsOf(value, depth+1)
	}
	return faults
}

func mapFaults(m map[any]any, depth int) (faults fault) {
	seen := make(map[string]bool, len(m))
	for key, value := range m {
		text, ok := keyText(key)
		if !ok {
			faults |= badKey
		}
		if seen[text] {
			faults |= equalKeys
		}
		seen[text] = true
		faults |= faultsOf(value, depth+1)
	}
	return faults
}

func numberFaults(number float64) fault {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return notFinite
	}
	return 0
}

// keyText gives a key the text that sigs.k8s.io/yaml v1.6.0 gives it in JSON (convertToJSONableObject in its
// yaml.go), and tells whether it has one. Floats pass through 32 bits there, so that different keys may become one.
func keyText(key any) (text string, ok bool) {
	switch key := key.(type) {
	case string:
		return key, true
	case int:
		return strconv.Itoa(key), true
	case int64:
		return strconv.FormatInt(key, 10), true
	case bool:
		return strconv.FormatBool(key), true
	case float64:
		return floatKeyText(key), true
	}
	return "", false
}

func floatKeyText(key float64) string {
	switch text := strconv.FormatFloat(key, 'g', -1, 32); text {
	case "+Inf":
		return ".inf"
	case "-Inf":
		return "-.inf"
	case "NaN":
		return ".nan"
	default:
		return text
	}
}
