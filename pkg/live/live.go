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
	at      map[placeKey]int // of an object among those of its name
	kinds   []string         // with their groups, in the order in which they were met
	has     map[string]bool  // the same
}

type objectKey struct{ group, kind, name string }

type placeKey struct {
	objectKey
	namespace string
}

func newCluster() *Cluster {
	return &Cluster{objects: map[objectKey][]*Object{}, at: map[placeKey]int{}, has: map[string]bool{}}
}

// add takes in an object. One that was printed before is taken to be older.
func (c *Cluster) add(o *Object) {
	if o.Kind != "Deployment" || o.Metadata.Name != helmController { // which is printed for its version
		c.met(o.Group(), o.Kind)
	}
	key := placeKey{objectKey{o.Group(), o.Kind, o.Metadata.Name}, o.Metadata.Namespace}
	if i, ok := c.at[key]; ok {
		c.objects[key.objectKey][i] = o
		return
	}
	c.at[key] = len(c.objects[key.objectKey])
	c.objects[key.objectKey] = append(c.objects[key.objectKey], o)
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
		if !c.has[name] {
			c.has[name] = true
			c.kinds = append(c.kinds, name)
		}
	}
}

func joined(kind, group string) string { return strings.TrimSuffix(kind+"."+group, ".") }

// Has says whether objects of a kind were printed, or asked for.
func (c *Cluster) Has(group, kind string) bool { return c.has[joined(kind, group)] }

// Kinds are those of the objects that were printed or asked for, as Kind.group.
func (c *Cluster) Kinds() []string { return c.kinds }

// Find returns the objects of a name: one at most in a namespace, and those of all
// namespaces where that is "".
func (c *Cluster) Find(group, kind, namespace, name string) []*Object {
	key := objectKey{group, kind, name}
	if namespace == "" {
		return slices.Clone(c.objects[key])
	}
	if i, ok := c.at[placeKey{key, namespace}]; ok {
		return []*Object{c.objects[key][i]}
	}
	return nil
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
