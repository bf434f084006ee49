package delta

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// changedKeys counts the values that differ between two texts: those at the ends
// of YAML and JSON documents, or those of KEY=VALUE lines. What SOPS notes about
// a file is none of its values. Of a text that is neither nothing is known, and
// 0 is returned.
func changedKeys(old, new []byte) int {
	a, ok := documentsOf(old)
	b, also := documentsOf(new)
	if !ok || !also {
		return 0
	}
	return differing(a, b)
}

// document is one of a text.
type document struct {
	id     string            // kind, namespace and name, where it has them
	values map[string]string // by their paths
}

// documentsOf are those of a text, of KEY=VALUE lines a single one; ok is false
// when it is neither. YAML may read KEY=VALUE lines as something, so these are
// tried first.
func documentsOf(text []byte) (all []document, ok bool) {
	if values, ok := variables(string(text)); ok {
		return []document{{values: values}}, true
	}
	docs, err := yamledit.Nodes(text, nil)
	if err != nil {
		return nil, false
	}
	left := maxPaths
	for _, doc := range docs {
		switch {
		case doc.Kind != yaml.ScalarNode:
			d := document{id(doc), map[string]string{}}
			if left -= flatten(doc, "", d.values, left); left < 0 {
				return nil, false
			}
			all = append(all, d)
		case doc.Tag != "!!null":
			return nil, false
		}
	}
	return all, true
}

// id is what an object goes by; "" when a document is none.
func id(doc *yaml.Node) string {
	kind, meta := value(doc, "kind"), value(doc, "metadata")
	name, space := value(meta, "name"), value(meta, "namespace")
	if kind == nil || name == nil || kind.Kind != yaml.ScalarNode || name.Kind != yaml.ScalarNode {
		return ""
	}
	all := kind.Value + "\x00" + name.Value
	if space != nil {
		all += "\x00" + space.Value
	}
	return all
}

func value(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// maxPaths bounds the bytes of the paths of all values: in what somebody has nested
// to do harm they are far more than the text.
const maxPaths = 64 << 20

// flatten adds the values below a node, and returns how many bytes their paths are;
// it stops when these are more than most. Aliases count as what they are: a name.
func flatten(n *yaml.Node, at string, all map[string]string, most int) (size int) {
	below := func(c *yaml.Node, step string) {
		if size <= most {
			size += len(at) + len(step) + flatten(c, at+step, all, most-size)
		}
	}
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i].Value; key != "sops" || at != "" {
				below(n.Content[i+1], "\x01"+key)
			}
		}
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		for i, c := range n.Content {
			below(c, "\x02"+strconv.Itoa(i))
		}
	default:
		all[at] = n.Tag + "\x00" + n.Value
	}
	return size
}

// variables are those of a dotenv file, of properties or of an ini file, where
// the section is a part of the path; ok is false when a text does not begin as
// one of these does. A line that sets nothing belongs to the value before it.
func variables(text string) (all map[string]string, ok bool) {
	values := map[string]*strings.Builder{}
	section, last := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		key, value, sets := strings.Cut(line, "=")
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case isSection().MatchString(line):
			section, last = line, ""
		case !ok && section == "" && !isVariable().MatchString(line):
			return nil, false
		case sets && !ofSOPS(section, key):
			last, ok = section+"\x03"+strings.TrimSpace(key), true
			values[last] = &strings.Builder{}
			values[last].WriteString(strings.TrimSpace(value))
		case sets:
			last, ok = "", true
		case last != "":
			values[last].WriteString("\n" + line)
		}
	}
	all = map[string]string{}
	for key, value := range values {
		all[key] = value.String()
	}
	return all, ok
}

// ofSOPS says whether a variable is a note of SOPS.
func ofSOPS(section, key string) bool {
	return section == "[sops]" || section == "" && strings.HasPrefix(key, "sops_")
}

var (
	isSection  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\[[^\[\]{}"',:]+\]$`) })
	isVariable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:export\s+)?[\w.-]+\s*=`) })
)
