package fluxsum

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// candidate is something in a target file that can hold an annotation: a
// Kubernetes object, a patch, a list of JSON 6902 operations or the
// commonAnnotations of a Kustomization.
type candidate struct {
	form
	file *yamledit.File
	node *yaml.Node
	// The object's own names, or those of the patch's target, as they are
	// written.
	kind, name, namespace string
	aim                   *aim // of a patch in a Kustomization
	anyone                bool // a patch file, which does not say what it is aimed at
	broken                *Problem
	text                  string // of a broken patch
	byPointer             map[string][]*yaml.Node
}

type form int

const (
	object form = iota
	operations
	common
	anonymous // a map without kind: only for targets with a path of their own
)

// plainName says whether the candidate is chosen by one name alone.
func (c *candidate) plainName() bool {
	switch {
	case c.anyone, c.form == common, c.form == anonymous, c.broken != nil && c.aim == nil:
		return false
	case c.aim == nil:
		return true
	}
	return c.name != "" && regexp.QuoteMeta(c.name) == c.name
}

// aim is the target of a patch in a Kustomization: anchored regular
// expressions, where empty means any.
// Source: sigs.k8s.io/kustomize/api/types SelectorRegex.
type aim struct{ kind, name, namespace *regexp.Regexp }

func newAim(kind, name, namespace string) (*aim, error) {
	var a aim
	for _, p := range []struct {
		to      **regexp.Regexp
		pattern string
	}{{&a.kind, kind}, {&a.name, name}, {&a.namespace, namespace}} {
		re, err := regexp.Compile("^(?:" + p.pattern + ")$")
		if err != nil {
			return nil, fmt.Errorf("%q is no regular expression", p.pattern)
		}
		if p.pattern != "" {
			*p.to = re
		}
	}
	return &a, nil
}

// hits says whether a patch may be aimed at the resource of a target.
func (a *aim) hits(t *Target) bool {
	ok := func(re *regexp.Regexp, s string) bool { return re == nil || s == "" || re.MatchString(s) }
	return ok(a.kind, t.Kind) && ok(a.name, t.Name) && ok(a.namespace, t.Namespace)
}

// matches says whether the target chooses this candidate.
func (c *candidate) matches(t *Target) bool {
	same := func(want, have string) bool { return want == "" || want == have }
	switch {
	case c.form == common:
		return !t.named() && or(t.Path, DefaultPath) == DefaultPath
	case c.form == anonymous:
		return !t.named() && t.Path != ""
	case c.anyone:
		return true
	case c.aim != nil:
		return c.aim.hits(t)
	}
	return same(t.Kind, c.kind) && same(t.Name, c.name) && same(t.Namespace, c.namespace)
}

// String names the candidate in a message.
func (c *candidate) String() string {
	what := strings.TrimSpace(c.kind + " " + c.name)
	if c.namespace != "" {
		what += " in " + c.namespace
	}
	switch {
	case c.form == common:
		return "commonAnnotations"
	case c.aim != nil:
		return strings.TrimSpace("patch of " + what)
	case c.form == operations:
		return "JSON 6902 operations"
	}
	return what
}

// collector gathers the candidates of one target file.
type collector struct {
	name string // of the file
	all  []*candidate
}

func collect(name string, file *yamledit.File) []*candidate {
	c := collector{name: name}
	for _, doc := range file.Docs() {
		c.document(file, doc)
	}
	return c.all
}

func (c *collector) document(f *yamledit.File, n *yaml.Node) {
	switch {
	case n.Kind == yaml.SequenceNode && isOperations(n):
		c.all = append(c.all, &candidate{form: operations, file: f, node: n, anyone: true})
	case n.Kind != yaml.MappingNode:
	case isKustomization(c.name, n):
		c.kustomization(f, n)
	case strings.HasSuffix(str(n, "kind"), "List") && child(n, "items") != nil:
		for _, item := range child(n, "items").Content {
			c.document(f, item)
		}
	default:
		c.object(f, n)
	}
}

func (c *collector) object(f *yamledit.File, n *yaml.Node) {
	k := &candidate{form: object, file: f, node: n, kind: str(n, "kind")}
	if k.kind == "" {
		k.form = anonymous
	}
	if m := child(n, "metadata"); m != nil {
		k.name, k.namespace = str(m, "name"), str(m, "namespace")
	}
	c.all = append(c.all, k)
	if k.kind == "Kustomization" { // of Flux: its patches have the same shape
		if spec := child(n, "spec"); spec != nil {
			c.patches(f, child(spec, "patches"))
		}
	}
}

// isKustomization tells a Kustomization or Component of kustomize, which may
// lack its kind when the file has the right name.
func isKustomization(file string, n *yaml.Node) bool {
	switch kind := str(n, "kind"); kind {
	case "Kustomization", "Component":
		group, _, _ := strings.Cut(str(n, "apiVersion"), "/")
		return group == "kustomize.config.k8s.io" || str(n, "apiVersion") == ""
	case "":
		base := path.Base(file)
		return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
	}
	return false
}

// isOperations tells a list of JSON 6902 operations.
func isOperations(n *yaml.Node) bool {
	for _, item := range n.Content {
		if item.Kind != yaml.MappingNode || child(item, "op") == nil || child(item, "path") == nil {
			return false
		}
	}
	return len(n.Content) > 0
}

// child returns the value of a key of a map, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i].Kind == yaml.ScalarNode {
			if v := n.Content[i+1]; v.Kind != yaml.AliasNode {
				return v
			}
			return n.Content[i+1].Alias
		}
	}
	return nil
}

// str returns the text of a scalar under a key, or "".
func str(n *yaml.Node, key string) string {
	if v := child(n, key); v != nil && v.Kind == yaml.ScalarNode && !yamledit.IsNull(v) {
		return v.Value
	}
	return ""
}
