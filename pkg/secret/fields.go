package secret

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// fields are those of a map that tell whether it is a Secret, or holds what
// becomes one.
type fields struct {
	secret     bool // of a kind that is, or may be, Secret
	plugin     bool // the config of kustomize's SecretGenerator
	data       bool
	stringData bool // which no other kind has
	literals   bool
	generator  bool // secretGenerator
	operation  bool // of a JSON 6902 patch
	pointers   []string
	target     *yaml.Node // what a patch is aimed at
}

func fieldsOf(n *yaml.Node) fields {
	var f fields
	content := merged(n)
	for i := 0; i+1 < len(content); i += 2 {
		f.add(resolve(content[i]).Value, resolve(content[i+1]))
	}
	return f
}

// add notes a field. Of a key that stands twice either value may be the one that
// counts.
func (f *fields) add(key string, value *yaml.Node) {
	switch key {
	case "kind":
		f.secret = f.secret || mayBeSecret(value)
		f.plugin = f.plugin || value.Value == "SecretGenerator"
	case "data", "items":
		f.data = true
	case "stringData":
		f.stringData = true
	case "literals":
		f.literals = true
	case "op":
		f.operation = true
	case "path":
		f.pointers = append(f.pointers, value.Value)
	case "target":
		f.target = value
	default:
		f.generator = f.generator || strings.EqualFold(key, "secretGenerator") // kustomize takes any case
	}
}

// mayBeSecret says whether objects of a kind hold what is secret, and not only
// its name. What a template or a substitution puts there cannot be known.
func mayBeSecret(kind *yaml.Node) bool {
	if kind.Kind == yaml.MappingNode { // {{ .kind }} reads as a map whose key is a map
		return len(kind.Content) > 0 && kind.Content[0].Kind == yaml.MappingNode
	}
	v := kind.Value
	return v == "Secret" || v == "SecretList" || strings.Contains(v, "{{") || strings.Contains(v, "${")
}

// why says what is secret about a map, in a patch that is aimed at something.
func (f *fields) why(aim aim) string {
	switch {
	case f.generator || f.plugin && f.literals:
		return generated
	case f.stringData || f.data && (f.secret || aim == atSecret) || f.operation && f.points(aim):
		return aSecret
	}
	return ""
}

// points says whether an operation writes what is secret. A ConfigMap has data,
// too, but what is aimed at nothing that is known may be aimed at a Secret.
func (f *fields) points(aim aim) bool {
	for _, p := range f.pointers {
		if below(p, "/stringData") || below(p, "/data") && aim != atOther {
			return true
		}
	}
	return false
}

func below(pointer, field string) bool {
	return pointer == field || strings.HasPrefix(pointer, field+"/")
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// maxMerged bounds how many keys and values of other maps count as those of one:
// maps that merge each other in a row would take forever.
const maxMerged = 10_000

// merged are the keys and values of a map, with those of the maps that it merges
// (<<: *base).
func merged(n *yaml.Node) []*yaml.Node {
	if !merges(n) {
		return n.Content
	}
	var all []*yaml.Node
	seen := map[*yaml.Node]bool{}
	for queue := []*yaml.Node{n}; len(queue) > 0 && len(all) < maxMerged; queue = queue[1:] {
		m := resolve(queue[0])
		if seen[m] {
			continue
		}
		seen[m] = true
		switch m.Kind {
		case yaml.SequenceNode:
			queue = append(queue, m.Content...)
		case yaml.MappingNode:
			all = append(all, m.Content...)
			queue = append(queue, bases(m)...)
		}
	}
	return all
}

func merges(n *yaml.Node) bool { return len(bases(n)) > 0 }

// bases are what a map merges.
func bases(n *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "<<" {
			all = append(all, n.Content[i+1])
		}
	}
	return all
}
