package flux

import (
	"fmt"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// alone are the labels and annotations by which kustomize-controller leaves an object as
// it is in the cluster. With the last one it makes those that are not there.
// Source: kustomize-controller v1.9 internal/controller apply; github.com/fluxcd/pkg/ssa
// shouldSkipApply, AnyInMetadata.
var alone = []struct{ key, value string }{
	{kustomizeGroup + "/reconcile", "disabled"},
	{kustomizeGroup + "/ssa", "Ignore"},
	{kustomizeGroup + "/ssa", ifNotPresent},
}

const ifNotPresent = "IfNotPresent"

// LeftAlone says that kustomize-controller leaves the changes of an object alone, and by
// which label or annotation; "" when it does not.
func (g *Graph) LeftAlone(o *kustomize.Object) string {
	p, key, ok := g.aloneBy(o)
	if !ok {
		return ""
	}
	return fmt.Sprintf("kustomize-controller leaves changes of %s %s alone: %s: %s (%s:%d)", o.Kind, o.Name, key, p.Value, p.File, p.Line)
}

// MadeOnce says whether it makes the object all the same where it is not there.
func (g *Graph) MadeOnce(o *kustomize.Object) bool {
	p, _, ok := g.aloneBy(o)
	return ok && strings.EqualFold(p.Value, ifNotPresent)
}

// aloneBy finds the first of these that counts.
func (g *Graph) aloneBy(o *kustomize.Object) (p kustomize.Place, key string, ok bool) {
	for _, a := range alone {
		for _, look := range []func(*kustomize.Builder, string) (kustomize.Place, bool){o.Label, o.Annotation} {
			if p, ok = look(g.builder, a.key); ok && strings.EqualFold(p.Value, a.value) {
				return p, a.key, true
			}
		}
	}
	return kustomize.Place{}, "", false
}

// blind says why an object may be another one in the cluster than in the tree; "" when
// nothing is known to make it so.
func (g *Graph) blind(b *Build, o *kustomize.Object) string {
	if why := b.Blind(o); why != "" {
		return why
	}
	return g.LeftAlone(o)
}
