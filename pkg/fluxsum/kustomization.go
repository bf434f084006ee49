package fluxsum

import (
	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// kustomization gathers what a Kustomization of kustomize holds inline.
func (c *collector) kustomization(f *yamledit.File, n *yaml.Node) {
	c.patches(f, child(n, "patches"))
	c.patches(f, child(n, "patchesJson6902"))
	if list := child(n, "patchesStrategicMerge"); list != nil {
		for _, item := range list.Content {
			c.strategicMerge(f, item)
		}
	}
	if m := child(n, "commonAnnotations"); m != nil {
		c.all = append(c.all, &candidate{form: common, file: f, node: n})
	}
}

// patches gathers the entries of patches and patchesJson6902 that carry their
// patch with them.
func (c *collector) patches(f *yamledit.File, list *yaml.Node) {
	if list == nil || list.Kind != yaml.SequenceNode {
		return
	}
	for _, entry := range list.Content {
		if patch := child(entry, "patch"); patch != nil && patch.Kind == yaml.ScalarNode {
			c.patch(f, patch, child(entry, "target"))
		}
	}
}

func (c *collector) patch(f *yamledit.File, patch, target *yaml.Node) {
	var like candidate
	if target != nil {
		like = candidate{kind: str(target, "kind"), name: str(target, "name"), namespace: str(target, "namespace")}
		a, err := newAim(like.kind, like.name, like.namespace)
		if err != nil {
			like.anyone = true
			c.broken(f, target, patch.Value, like, &yamledit.Error{Line: target.Line, Column: target.Column, Message: "the patch's target: " + err.Error()})
			return
		}
		like.aim = a
	}
	inner, err := f.Inner(patch)
	if err != nil {
		c.broken(f, patch, patch.Value, like, err)
		return
	}
	for _, doc := range inner.Docs() {
		c.patchDocument(inner, doc, like)
	}
}

func (c *collector) patchDocument(f *yamledit.File, doc *yaml.Node, like candidate) {
	switch {
	case doc.Kind == yaml.SequenceNode && isOperations(doc):
		like.form, like.file, like.node = operations, f, doc
		c.all = append(c.all, &like)
	case doc.Kind != yaml.MappingNode || str(doc, "$patch") == "delete":
	case like.aim != nil:
		like.form, like.file, like.node = object, f, doc
		c.all = append(c.all, &like)
	default:
		c.object(f, doc)
	}
}

// strategicMerge takes an entry of patchesStrategicMerge, unless it is the
// path of a file.
func (c *collector) strategicMerge(f *yamledit.File, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Style == 0 {
		return
	}
	inner, err := f.Inner(n)
	if err != nil {
		c.broken(f, n, n.Value, candidate{anyone: true}, err)
		return
	}
	for _, doc := range inner.Docs() {
		c.patchDocument(inner, doc, candidate{})
	}
}

// broken notes a patch that cannot be read: it counts for targets whose
// annotation its text mentions.
func (c *collector) broken(f *yamledit.File, n *yaml.Node, text string, like candidate, err error) {
	like.file, like.node, like.text = f, n, text
	like.broken = problemOf(c.name, err)
	c.all = append(c.all, &like)
}

// problemOf gives an error of yamledit its file.
func problemOf(name string, err error) *Problem {
	if e, ok := err.(*yamledit.Error); ok {
		return newProblem(name, e.Line, e.Column, e.Message, e.Hint)
	}
	return &Problem{File: name, Message: err.Error()}
}
