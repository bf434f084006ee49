package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/live"
)

// notThere: the cluster has no such object.
func (j *judging) notThere() {
	j.State, j.Unapplied = NotThere, true
	j.Why = fmt.Sprintf("the cluster has no %s %s%s", j.on.Kind, j.on.name, inNamespaceOf(j.on.namespace))
	if far := j.elsewhere(); far != "" {
		j.Why += far
		j.Final = true // it never comes to this cluster
		return
	}
	j.Why += j.namesakes()
	switch folders := j.clustersOf(j.on); {
	case len(folders) > 1 && j.Path == "" && j.asked[idOf(j.on.Object)] == nil:
		// Kustomizations of this name apply other things in other clusters, so no
		// command for it is certain to be the right one here.
		j.Why += ": is this the cluster of `--path " + quoted(folderOf(j.on.build)) + "`?"
	default:
		blocked, do := j.applier()
		j.Why += blocked
		j.Do = append(j.Do, do...)
	}
}

// namesakes says where the cluster has one of that name, which the tree does not have.
func (j *judging) namesakes() string {
	others := slices.DeleteFunc(j.cluster.Find(j.on.Group(), j.on.Kind, "", j.on.name), j.inTree)
	if len(others) == 0 {
		return ""
	}
	namespaces := namespacesOf(others)
	return ", but one in " + strings.Join(namespaces[:min(len(namespaces), 3)], ", ")
}

// inTree says whether an object of the cluster has the names of one of the tree.
func (j *judging) inTree(o *live.Object) bool {
	return len(j.makers(&kustomize.Object{APIVersion: o.APIVersion, Kind: o.Kind, Name: o.Metadata.Name, Namespace: o.Metadata.Namespace})) > 0
}

func (j *judging) elsewhere() string {
	if b := j.on.build; b != nil && b.Kustomization != nil && flux.AppliesElsewhere(b.Kustomization.Object) {
		return "; Kustomization " + b.Kustomization.Name + " applies it to another cluster (spec.kubeConfig)"
	}
	return ""
}

// namespacesOf are those of objects, in their order.
func namespacesOf(all []*live.Object) []string {
	var names []string
	for _, o := range all {
		names = append(names, o.Metadata.Namespace)
	}
	slices.Sort(names)
	return names
}

func inNamespaceOf(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " in namespace " + namespace
}

// clustersOf are the folders of the clusters that have a Kustomization of the name of
// that which applies an object.
func (r *Rollout) clustersOf(k awaited) []string {
	if k.build == nil || k.build.Kustomization == nil {
		return nil
	}
	if r.tables.clusters == nil {
		r.tables.clusters = map[kustomizationName][]string{}
		for _, b := range r.Graph.Builds {
			if b.Kustomization == nil {
				continue
			}
			name := nameOfKustomization(b)
			if dir := folderOf(b); !slices.Contains(r.tables.clusters[name], dir) {
				r.tables.clusters[name] = append(r.tables.clusters[name], dir)
			}
		}
	}
	return r.tables.clusters[nameOfKustomization(k.build)]
}

// kustomizationName is that of what applies a build.
type kustomizationName struct{ name, namespace string }

func nameOfKustomization(b *flux.Build) kustomizationName {
	return kustomizationName{b.Kustomization.Name, b.Kustomization.Namespace}
}
