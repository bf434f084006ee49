package flux

import (
	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Workload is an object with a pod template.
type Workload struct {
	*kustomize.Object
	Build *Build
	// Reads are the ConfigMaps and Secrets that its pods mount or read.
	Reads []Reference
}

// templates are where the kinds of workloads have their pod template.
var templates = map[string][]string{
	"Deployment":  {"spec", "template"},
	"StatefulSet": {"spec", "template"},
	"DaemonSet":   {"spec", "template"},
	"Job":         {"spec", "template"},
	"CronJob":     {"spec", "jobTemplate", "spec", "template"},
}

// isWorkload says whether an object is one of Kubernetes' own workloads.
func isWorkload(o *kustomize.Object) bool {
	return templates[o.Kind] != nil && (o.Group() == "apps" || o.Group() == "batch")
}

// podFields are the fields of a pod that name a ConfigMap or Secret.
var podFields = []struct{ field, kind, name string }{
	{"configMap", "ConfigMap", "name"}, // volumes, and the parts of projected ones
	{"secret", "Secret", "secretName"},
	{"secret", "Secret", "name"},
	{"configMapRef", "ConfigMap", "name"}, // envFrom
	{"secretRef", "Secret", "name"},
	{"configMapKeyRef", "ConfigMap", "name"}, // env
	{"secretKeyRef", "Secret", "name"},
}

func (g *Graph) workload(b *Build, o *kustomize.Object) *Workload {
	w := &Workload{Object: o, Build: b}
	g.podReads(w, get(get(o.Node(), templates[o.Kind]...), "spec"))
	return w
}

// podReads looks for references in a pod.
func (g *Graph) podReads(w *Workload, n *yaml.Node) {
	if n = resolved(n); n == nil {
		return
	}
	for _, f := range podFields {
		name := get(n, f.field, f.name)
		if name == nil || name.Kind != yaml.ScalarNode {
			continue
		}
		w.Reads = append(w.Reads, Reference{Kind: f.kind, Name: name.Value, Key: str(n, f.field, "key"), File: g.builder.FileOf(w.Object, name), Line: name.Line,
			Optional: str(n, f.field, "optional") == "true"})
	}
	for i, c := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			g.podReads(w, c)
		}
	}
}
