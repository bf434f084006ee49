package helmvalues

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
)

// PartError says why values cannot be merged. It never quotes them, as they may be secret.
type PartError struct {
	// Index is that of the part, or -1 for spec.values.
	Index int
	// Message is what was found, in lower case and without a full stop.
	Message string
}

// Error gives "valuesFrom[N]: Message" or "spec.values: Message".
func (e *PartError) Error() string {
	if e.Index < 0 {
		return "spec.values: " + e.Message
	}
	return fmt.Sprintf("valuesFrom[%d]: %s", e.Index, e.Message)
}

func inPart(index int, err error) error { return &PartError{Index: index, Message: err.Error()} }

func inSpec(err error) error { return inPart(-1, err) }

var (
	errTooLong   = fmt.Errorf("holds more than %d MiB, expected no more", maxText>>20)
	errTooHeavy  = fmt.Errorf("grows beyond %d MiB by its aliases, its depth or its list indexes", maxWeight>>20)
	errNotJSON   = errors.New("holds what JSON cannot write, such as a null key or .nan, or nests too deep")
	errEqualKeys = errors.New("two keys of one map are the same text, such as 1 and \"1\": " +
		"helm-controller would keep one by chance")
)

// yamlLine finds the line in an error of go.yaml.in/yaml/v2.
var yamlLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^yaml: (line \d+): `)
})

// notYAML says that a text is no YAML, and where, when the parser knows. The parser's own words quote the text: an
// unquoted password that begins with * is an alias to it.
func notYAML(err error) error {
	if found := yamlLine().FindStringSubmatch(err.Error()); found != nil {
		return errors.New(found[1] + ": cannot be parsed as YAML")
	}
	return errors.New("cannot be parsed as YAML")
}
