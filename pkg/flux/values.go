package flux

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/helmvalues"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Untellable is why the values of a release cannot be told from the
// repository.
type Untellable struct{ Reason string }

// Error says so.
func (u *Untellable) Error() string { return "cannot be told from the repository: " + u.Reason }

func untellable(format string, args ...any) error {
	return &Untellable{fmt.Sprintf(format, args...)}
}

// Values returns the values of a release as helm-controller merges them, and
// the digest that it shows for them as status.history[].configDigest. The error
// is an *Untellable where anything that goes into them is encrypted, filled in
// or not in the tree.
func (g *Graph) Values(r *Release) (values map[string]any, digest string, err error) {
	all, err := g.allParts(r)
	if err != nil {
		return nil, "", err
	}
	for _, p := range all.parts {
		if p.hidden != nil {
			return nil, "", p.hidden
		}
	}
	return all.merge()
}

// part is what an entry of valuesFrom gives; hidden says why that cannot be told.
type part struct {
	*helmvalues.Part
	hidden error
}

// parts are all that goes into the values of a release.
type parts struct {
	parts []part
	spec  []byte
}

// allParts are those of a release. The error is an *Untellable where the release
// itself cannot be told.
func (g *Graph) allParts(r *Release) (*parts, error) {
	if why := g.blind(r.Build, r.Object); why != "" {
		return nil, untellable("%s", why)
	}
	spec, err := g.SpecValues(r)
	if err != nil {
		return nil, err
	}
	all := &parts{spec: spec}
	for i := range r.Values {
		p, err := g.part(r, &r.Values[i])
		all.parts = append(all.parts, part{p, err})
	}
	return all, nil
}

// merge merges what can be told.
func (p *parts) merge() (values map[string]any, digest string, err error) {
	var told []helmvalues.Part
	for _, one := range p.parts {
		if one.Part != nil {
			told = append(told, *one.Part)
		}
	}
	if values, err = helmvalues.Merge(told, p.spec); err != nil {
		return nil, "", untellable("%s", err.Error())
	}
	digest, err = helmvalues.Digest(values)
	return values, digest, err
}

// SpecValues is spec.values of a release as JSON, as it is applied; empty when there is
// nothing. The error is an *Untellable.
func (g *Graph) SpecValues(r *Release) ([]byte, error) {
	n := get(r.Node(), "spec", "values")
	if n == nil || n.Tag == "!!null" {
		return nil, nil
	}
	var value any
	if err := n.Decode(&value); err != nil {
		return nil, untellable("spec.values of %s:%d cannot be read", r.File, n.Line)
	}
	if get(r.Node(), "sops") != nil && bytes.Contains(scalars(n), []byte("ENC[")) {
		return nil, untellable("%s is encrypted", r.File)
	}
	text, err := g.fill(r.Build, r.Object, map[string]any{"spec": map[string]any{"values": value}}, fmt.Sprintf("spec.values of %s:%d", r.File, n.Line))
	if err != nil {
		return nil, err
	}
	var filled struct {
		Spec struct{ Values json.RawMessage }
	}
	if err := json.Unmarshal(text, &filled); err != nil {
		return nil, untellable("spec.values of %s:%d cannot be read", r.File, n.Line)
	}
	return filled.Spec.Values, nil
}

// scalars are the texts below a node.
func scalars(n *yaml.Node) []byte {
	var b bytes.Buffer
	var add func(*yaml.Node)
	add = func(n *yaml.Node) {
		b.WriteString(n.Value)
		b.WriteByte('\n')
		for _, c := range n.Content {
			add(c)
		}
	}
	add(n)
	return b.Bytes()
}

// unknown says in a sentence why what a reference leads to is not known.
func (r *Reference) unknown() string {
	name := r.Kind + " " + r.Name
	if strings.HasPrefix(r.Unknown, "not in ") || strings.HasPrefix(r.Unknown, "made in ") {
		return name + " is " + r.Unknown
	}
	return name + ": " + r.Unknown
}

// part is what an entry of valuesFrom gives; nil when it is optional and its
// key is not there.
func (g *Graph) part(r *Release, ref *Reference) (*helmvalues.Part, error) {
	switch {
	case ref.Object == nil:
		return nil, untellable("%s", ref.unknown())
	case strings.Contains(ref.Name, "$") && ref.Build != r.Build:
		return nil, untellable("postBuild fills in the name of %s %s", ref.Kind, ref.Name)
	case g.blind(ref.Build, ref.Object) != "":
		return nil, untellable("%s", g.blind(ref.Build, ref.Object))
	case ref.Entry == nil && ref.Optional:
		return nil, nil
	case ref.Entry == nil:
		return nil, untellable("%s", ref.Unknown)
	case get(ref.Object.Node(), "sops") != nil:
		return nil, untellable("%s is encrypted", ref.Object.File)
	case ref.Entry.Env && g.EncryptedFile(ref.Entry.Source):
		return nil, untellable("%s is encrypted", ref.Entry.Source)
	}
	text, err := g.builder.Value(*ref.Entry)
	switch {
	case err != nil:
		return nil, untellable("%s %s", ref.Source(), err)
	case Encrypted(text):
		return nil, untellable("%s is encrypted", ref.Source())
	}
	if text, err = g.fillEntry(ref, text); err != nil {
		return nil, err
	}
	return &helmvalues.Part{Text: text, TargetPath: ref.TargetPath, Literal: ref.Literal}, nil
}

// hides says whether the value of a key is encrypted.
func (g *Graph) hides(o *kustomize.Object, e kustomize.Entry, value []byte) bool {
	return get(o.Node(), "sops") != nil || e.Env && g.EncryptedFile(e.Source) || Encrypted(value)
}

// Encrypted says whether a text is one that SOPS has encrypted.
// Source: github.com/getsops/sops stores: the metadata has a MAC, and stands
// under the key sops, or in variables that begin with sops_.
func Encrypted(text []byte) bool {
	return bytes.Contains(text, []byte("ENC[AES256_GCM,")) && bytes.Contains(text, []byte("mac")) && bytes.Contains(text, []byte("sops"))
}

// Text returns the bytes of a file as Git stores it.
func (g *Graph) Text(file string) ([]byte, error) { return g.builder.Text(file) }
