package fluxsum

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// checkStrict has sigs.k8s.io/yaml decode the text too, and refuses the first
// place that it reads otherwise (it knows YAML 1.1, the nodes come from 1.2).
// The simplest texts are spared that: they leave no room for it beyond plain
// scalars, which d.str has checked.
func (d *decoder) checkStrict(text []byte, root *yaml.Node) {
	if d.text.IsPlain() {
		return
	}
	var value any
	if err := sigs.UnmarshalStrict(text, &value); err != nil {
		line, message := sigsError(err)
		d.problems = append(d.problems, newProblem(d.file, line, 1, "is refused by sigs.k8s.io/yaml: "+message, "write it in plainer YAML"))
		return
	}
	if n := differing(root, value); n != nil {
		d.fail(n, fmt.Sprintf("%q reads otherwise in YAML 1.1", n.Value), "leave tags out and put strings in quotes")
	}
}

// sigsError tells the line, if any, and the bare reason.
func sigsError(err error) (line int, reason string) {
	for e := errors.Unwrap(err); e != nil; e = errors.Unwrap(e) {
		err = e
	}
	reason = strings.TrimPrefix(strings.TrimPrefix(err.Error(), "error converting YAML to JSON: "), "yaml: ")
	reason, _, _ = strings.Cut(strings.TrimPrefix(reason, "unmarshal errors:\n  "), "\n")
	if at := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(reason); at != nil {
		line, _ = strconv.Atoi(at[1])
		reason = reason[len(at[0]):]
	}
	return max(line, 1), reason
}

// differing returns the first node whose value is another one in value, which
// is JSON; nil when all are the same.
func differing(n *yaml.Node, value any) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch v := value.(type) {
	case map[string]any:
		return differingPairs(n, v)
	case []any:
		return differingItems(n, v)
	case string:
		return unless(n, yamledit.IsString(n) && n.Value == v)
	case nil:
		return unless(n, yamledit.IsNull(n))
	}
	return unless(n, n.Kind == yaml.ScalarNode && strings.EqualFold(n.Value, fmt.Sprint(value)))
}

func unless(n *yaml.Node, same bool) *yaml.Node {
	if same {
		return nil
	}
	return n
}

func differingPairs(n *yaml.Node, values map[string]any) *yaml.Node {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2*len(values) {
		return n
	}
	for i := 0; i < len(n.Content); i += 2 {
		value, ok := values[n.Content[i].Value]
		if !ok {
			return n.Content[i]
		}
		if d := differing(n.Content[i+1], value); d != nil {
			return d
		}
	}
	return nil
}

func differingItems(n *yaml.Node, values []any) *yaml.Node {
	if n.Kind != yaml.SequenceNode || len(n.Content) != len(values) {
		return n
	}
	for i, value := range values {
		if d := differing(n.Content[i], value); d != nil {
			return d
		}
	}
	return nil
}
