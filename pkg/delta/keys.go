package delta

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// changedKeys counts the values that differ between two texts: those at the ends
// of YAML and JSON documents, or those of KEY=VALUE lines. What SOPS notes about
// a file is none of its values.
func changedKeys(old, new []byte) int {
	a, b := values(old), values(new)
	n := 0
	for key, value := range a {
		if other, ok := b[key]; !ok || other != value {
			n++
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			n++
		}
	}
	return n
}

// values are those of a text by their paths.
func values(text []byte) map[string]string {
	all := map[string]string{}
	docs, err := yamledit.Nodes(text, nil)
	for i, doc := range docs {
		if doc.Kind != yaml.ScalarNode {
			flatten(doc, strings.Repeat("\x00", i), all)
		}
	}
	if len(all) == 0 || err != nil {
		addVariables(string(text), all)
	}
	return all
}

// flatten adds the values below a node. Aliases count as what they are: a name.
func flatten(n *yaml.Node, at string, all map[string]string) {
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i].Value; key != "sops" || strings.Trim(at, "\x00") != "" {
				flatten(n.Content[i+1], at+"\x01"+key, all)
			}
		}
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		for i, c := range n.Content {
			flatten(c, at+"\x02"+strconv.Itoa(i), all)
		}
	default:
		all[at] = n.Tag + "\x00" + n.Value
	}
}

// addVariables adds those of a dotenv file or of properties.
func addVariables(text string, all map[string]string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, "=")
		if ok && line[0] != '#' && !strings.HasPrefix(line, "sops_") {
			all["\x03"+key] = value
		}
	}
}
