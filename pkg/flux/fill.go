package flux

import (
	"bytes"
	"encoding/json"

	sigsyaml "sigs.k8s.io/yaml"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// fill puts in what postBuild has for the variables in a part of an object: a map that
// stands in the object as it does here. As kustomize-controller does, it goes over the
// YAML of that. what is what an error calls it.
// Source: github.com/fluxcd/pkg/kustomize SubstituteVariables.
func (g *Graph) fill(b *Build, o *kustomize.Object, part any, what string) (json.RawMessage, error) {
	plain, err := json.Marshal(part)
	if err != nil {
		return nil, untellable("%s cannot be written as JSON", what)
	}
	if !bytes.Contains(plain, []byte("$")) || !g.substitutes(b, o) {
		return plain, nil
	}
	text, err := sigsyaml.JSONToYAML(plain)
	if err != nil {
		return nil, untellable("%s cannot be written as YAML", what)
	}
	f := g.fillingOf(b.Kustomization)
	if f.idle() {
		return plain, nil
	}
	filled, why := f.eval(string(text))
	if why != "" {
		return nil, untellable("postBuild of Kustomization %s fills in %s%s", b.Kustomization.Name, what, why)
	}
	out, err := sigsyaml.YAMLToJSON([]byte(filled))
	if err != nil {
		return nil, untellable("what postBuild of Kustomization %s makes of %s is no YAML", b.Kustomization.Name, what)
	}
	return out, nil
}

// fillEntry fills in the value of a key of a ConfigMap or Secret.
func (g *Graph) fillEntry(ref *Reference, text []byte) ([]byte, error) {
	section, ok := filledSection(ref.Object, *ref.Entry)
	if !ok || !bytes.Contains(text, []byte("$")) {
		return text, nil
	}
	out, err := g.fill(ref.Build, ref.Object, map[string]any{section: map[string]string{ref.Entry.Key: string(text)}}, ref.Source())
	if err != nil {
		return nil, err
	}
	var filled map[string]map[string]string
	if err := json.Unmarshal(out, &filled); err != nil {
		return nil, untellable("what postBuild of Kustomization %s makes of %s is no text", ref.Build.Kustomization.Name, ref.Source())
	}
	return []byte(filled[section][ref.Entry.Key]), nil
}

// FilledSuspended says whether postBuild makes spec.suspend of an object true.
func (g *Graph) FilledSuspended(b *Build, o *kustomize.Object) bool {
	value := str(o.Node(), "spec", "suspend")
	if !hasVariable([]byte(value)) || b.Kustomization == nil {
		return false
	}
	out, err := g.fill(b, o, map[string]any{"suspend": value}, "its spec.suspend")
	var filled struct{ Suspend bool }
	return err == nil && json.Unmarshal(out, &filled) == nil && filled.Suspend
}

// filledSection is where the value of a key stands, when postBuild looks into it: not
// where it stands in base64.
func filledSection(o *kustomize.Object, e kustomize.Entry) (section string, ok bool) {
	if o.Kind == "Secret" {
		return "stringData", !e.Base64 && get(o.Node(), "stringData", e.Key) != nil
	}
	return "data", !e.Base64
}

// AppliedName is the name and the namespace with which an object is applied; ok is
// false where what postBuild fills in there is not known, or stands in a Secret.
func (g *Graph) AppliedName(b *Build, o *kustomize.Object) (name, namespace string, ok bool) {
	if !hasVariable([]byte(o.Name + o.Namespace)) {
		return o.Name, o.Namespace, true
	}
	if b.Kustomization == nil || !g.substitutes(b, o) || g.fillingOf(b.Kustomization).tells(o.Name+" "+o.Namespace) {
		return "", "", false
	}
	out, err := g.fill(b, o, map[string]any{"metadata": map[string]string{"name": o.Name, "namespace": o.Namespace}}, "its name")
	var filled struct {
		Metadata struct{ Name, Namespace string }
	}
	if err != nil || json.Unmarshal(out, &filled) != nil {
		return "", "", false
	}
	name, namespace = filled.Metadata.Name, filled.Metadata.Namespace
	return name, namespace, !hasVariable([]byte(name + namespace))
}
