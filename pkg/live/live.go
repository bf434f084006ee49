// Package live reads the objects of a cluster as kubectl prints them in JSON, and
// says of each how far its controller has come.
//
// Fields are those of the APIs helm.toolkit.fluxcd.io/v2, kustomize.toolkit.fluxcd.io/v1
// and apps/v1. The package is pure: it starts no kubectl and knows no cluster.
package live

import (
	"slices"
	"strings"
)

// Cluster is what is known of a cluster: the objects that were printed.
type Cluster struct {
	objects map[objectKey][]*Object
	kinds   []string // with their groups, in the order in which they were met
}

type objectKey struct{ group, kind, name string }

// add takes in an object. One that was printed before is taken to be older.
func (c *Cluster) add(o *Object) {
	if o.Kind != "Deployment" || o.Metadata.Name != helmController { // which is printed for its version
		c.met(o.Group(), o.Kind)
	}
	key := objectKey{o.Group(), o.Kind, o.Metadata.Name}
	for i, known := range c.objects[key] {
		if known.Metadata.Namespace == o.Metadata.Namespace {
			c.objects[key][i] = o
			return
		}
	}
	c.objects[key] = append(c.objects[key], o)
}

// Merge takes in what was printed later.
func (c *Cluster) Merge(later *Cluster) {
	for _, objects := range later.objects {
		for _, o := range objects {
			c.add(o)
		}
	}
	c.Asked(later.kinds...)
}

func (c *Cluster) met(group, kind string) { c.Asked(joined(kind, group)) }

// Asked notes that the cluster was asked for all objects of some kinds, each as
// Kind.group: those that were not printed are not there.
func (c *Cluster) Asked(kinds ...string) {
	for _, name := range kinds {
		if !slices.Contains(c.kinds, name) {
			c.kinds = append(c.kinds, name)
		}
	}
}

func joined(kind, group string) string { return strings.TrimSuffix(kind+"."+group, ".") }

// Has says whether objects of a kind were printed, or asked for.
func (c *Cluster) Has(group, kind string) bool { return slices.Contains(c.kinds, joined(kind, group)) }

// Kinds are those of the objects that were printed or asked for, as Kind.group.
func (c *Cluster) Kinds() []string { return c.kinds }

// Find returns the objects of a name: one at most in a namespace, and those of all
// namespaces where that is "".
func (c *Cluster) Find(group, kind, namespace, name string) []*Object {
	all := slices.Clone(c.objects[objectKey{group, kind, name}])
	return slices.DeleteFunc(all, func(o *Object) bool { return namespace != "" && o.Metadata.Namespace != namespace })
}

// helmController is the name of its Deployment.
const helmController = "helm-controller"

// HelmController is the version of the helm-controller that runs, by the tag of its
// image: v1.6.2, say. It is "" where its Deployment was not printed.
func (c *Cluster) HelmController() string {
	for _, o := range c.objects[objectKey{"apps", "Deployment", helmController}] {
		for _, container := range o.containers() {
			image, _, _ := strings.Cut(container.Image, "@")
			if name, tag, ok := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":"); ok && strings.Contains(name, "helm-controller") {
				return tag
			}
		}
	}
	return ""
}
