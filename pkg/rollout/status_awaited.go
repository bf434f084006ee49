package rollout

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// awaited is an object that a cluster has to show a checksum on.
type awaited struct {
	*kustomize.Object
	path    []string // of the checksum, with the key at its end
	verdict flux.Verdict
	build   *flux.Build // nil when the tree does not show the object
	carrier carried
	// name and namespace are those in the cluster, which the tree may not tell.
	name, namespace string
}

func ofCarrier(c carried) awaited {
	return awaited{Object: c.Object, path: append(slices.Clone(c.spot.Path), c.spot.Key), verdict: c.verdict, build: c.build, carrier: c}
}

// ofTarget is an object that the tree does not show: a remote base makes it, say.
func ofTarget(m mark) awaited {
	t := m.Target
	o := &kustomize.Object{APIVersion: groups[t.Kind] + "/", Kind: t.Kind, Name: t.Name, Namespace: t.Namespace}
	v := flux.VerdictOf(flux.Subject{Kind: t.Kind, Name: t.Name}, m.Path(), m.Annotation)
	return awaited{Object: o, path: append(slices.Clone(m.Path()), m.Annotation), verdict: v}
}

// groups are the API groups of the kinds of which a cluster can tell something.
var groups = map[string]string{
	"HelmRelease": "helm.toolkit.fluxcd.io", "Kustomization": "kustomize.toolkit.fluxcd.io",
	"Deployment": "apps", "StatefulSet": "apps", "DaemonSet": "apps",
}

func awaits(group, kind string) bool { return group != "" && groups[kind] == group }

// instead is the rule whose checksum kustomize puts in the place of another one, on one
// of its carriers: an overlay does that with the checksum of a base.
func (r *Rollout) instead(c carried) string {
	if !c.lost {
		return ""
	}
	for _, i := range r.carrying(c.Object) {
		for _, other := range r.marks[i].objects {
			if other.Object == c.Object && !other.lost && slices.Equal(ofCarrier(other).path, ofCarrier(c).path) {
				return r.marks[i].Rule
			}
		}
	}
	return ""
}

// carrying are the marks that an object carries.
func (r *Rollout) carrying(o *kustomize.Object) []int {
	if r.tables.carrying == nil {
		r.tables.carrying = map[*kustomize.Object][]int{}
		for i, m := range r.marks {
			for _, c := range m.objects {
				r.tables.carrying[c.Object] = append(r.tables.carrying[c.Object], i)
			}
		}
	}
	return r.tables.carrying[o]
}

// replaced is the rule whose checksum stands in the place of one, in the builds that
// the cluster may have.
func (a *Await) replaced(m mark) string {
	for _, c := range m.objects {
		if rule := a.instead(c); rule != "" && below(c, a.Path) {
			return rule
		}
	}
	return ""
}

// below says whether what applies a carrier stands below a folder, as all that is for
// one cluster does; "" is any.
func below(c carried, dir string) bool { return isBelow(c.Object, c.build, dir) }

func isBelow(o *kustomize.Object, b *flux.Build, dir string) bool {
	switch {
	case dir == "":
		return true
	case b.Loose:
		return within(o.File, dir)
	case b.Kustomization == nil:
		return within(b.Dir, dir)
	}
	k := b.Kustomization
	for range maxAbove {
		if within(k.File, dir) || k.Parent != nil && !k.Parent.Loose && within(k.Parent.Dir, dir) {
			return true
		}
		if k = k.Above(); k == nil {
			break
		}
	}
	return false
}

func within(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}

// requests says whether the checksum is a request to the controller, which notes it
// as handled.
func (k *awaited) requests() bool {
	return slices.Equal(k.path, []string{"metadata", "annotations", flux.RequestedAt}) && k.Group() != "apps"
}

// apply are the commands that have the object applied; none where the tree does not
// say by whom.
func (k *awaited) apply() []string {
	if k.build == nil || k.build.Kustomization == nil {
		return []string{}
	}
	return hurry(k.found(), false, k.build)
}

// wake are the commands that have its controller look at it.
func (k *awaited) wake() []string { return hurry(k.found(), true, k.build) }

// found is the object with the names by which the cluster has it.
func (k *awaited) found() *kustomize.Object {
	o := *k.Object
	o.Name, o.Namespace = cmp.Or(k.name, o.Name), cmp.Or(k.namespace, o.Namespace)
	return &o
}

// controller is who acts on the object.
func (k *awaited) controller() string {
	switch k.Kind {
	case "HelmRelease":
		return "helm-controller"
	case "Kustomization":
		return "kustomize-controller"
	}
	return strings.ToLower(k.Kind) + " controller"
}
