package live

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// Object is one of a cluster.
type Object struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   Metadata        `json:"metadata"`
	Spec       json.RawMessage `json:"spec"`
	Status     Status          `json:"status"`
}

// Metadata of an object.
type Metadata struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace"`
	Generation        int64             `json:"generation"`
	Annotations       map[string]string `json:"annotations"`
	Labels            map[string]string `json:"labels"`
	DeletionTimestamp string            `json:"deletionTimestamp"` // "" while nobody deletes it
}

// Status is what controllers note, each kind some of it.
type Status struct {
	ObservedGeneration        int64       `json:"observedGeneration"`
	Conditions                []Condition `json:"conditions"`
	LastHandledReconcileAt    string      `json:"lastHandledReconcileAt"`
	LastAttemptedConfigDigest string      `json:"lastAttemptedConfigDigest"`
	History                   []Snapshot  `json:"history"`

	Pods
}

// Condition is one of those of an object.
type Condition struct {
	Type               string `json:"type"`
	Status             string `json:"status"`
	Reason             string `json:"reason"`
	Message            string `json:"message"`
	ObservedGeneration int64  `json:"observedGeneration,omitempty"`
}

// Snapshot is a release that Helm has made, the newest first.
type Snapshot struct {
	ConfigDigest string `json:"configDigest"`
	Status       string `json:"status"` // deployed, failed, pending-upgrade, ...
}

// Group is the API group; "" is the core.
func (o *Object) Group() string {
	group, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// Condition returns that of a type; ok is false where there is none.
func (o *Object) Condition(kind string) (found Condition, ok bool) {
	for _, c := range o.Status.Conditions {
		if c.Type == kind {
			return c, true
		}
	}
	return found, false
}

// True says whether a condition is.
func (o *Object) True(kind string) bool {
	c, ok := o.Condition(kind)
	return ok && c.Status == "True"
}

// Suspended says whether its controller leaves it alone.
func (o *Object) Suspended() bool {
	v, _ := o.Value([]string{"spec", "suspend"})
	return v == "true"
}

// Digest is the values digest of what Helm has installed; with attempted, or where
// there is no history, that of what helm-controller has tried last. It is "" before
// that, and where the API is older than v2beta2.
func (o *Object) Digest(attempted bool) string {
	if attempted || len(o.Status.History) == 0 {
		return o.Status.LastAttemptedConfigDigest
	}
	return o.Status.History[0].ConfigDigest
}

// Helm is the state of the last release that Helm has made: deployed, failed,
// pending-upgrade; "" where that is not told.
func (o *Object) Helm() string {
	if len(o.Status.History) == 0 {
		return ""
	}
	return o.Status.History[0].Status
}

// Applier is the Kustomization of Flux that has applied it; "" where none has.
// Source: github.com/fluxcd/pkg/ssa, SetOwnerLabels.
func (o *Object) Applier() (name, namespace string) {
	return o.Metadata.Labels["kustomize.toolkit.fluxcd.io/name"], o.Metadata.Labels["kustomize.toolkit.fluxcd.io/namespace"]
}

// HandlesSecrets says whether values of a HelmRelease come from a Secret, or whether a
// Kustomization decrypts what it applies, or fills in what stands in a Secret.
func (o *Object) HandlesSecrets() bool {
	type reference struct {
		Kind string `json:"kind"`
	}
	var spec struct {
		ValuesFrom []reference `json:"valuesFrom"`
		Decryption any         `json:"decryption"`
		PostBuild  struct {
			SubstituteFrom []reference `json:"substituteFrom"`
		} `json:"postBuild"`
	}
	_ = json.Unmarshal(o.Spec, &spec) // other kinds have nothing of it
	isSecret := func(r reference) bool { return r.Kind == "Secret" }
	return spec.Decryption != nil || slices.ContainsFunc(spec.ValuesFrom, isSecret) || slices.ContainsFunc(spec.PostBuild.SubstituteFrom, isSecret)
}

// SpecValues is spec.values of a HelmRelease; empty when there is nothing.
func (o *Object) SpecValues() json.RawMessage {
	var spec struct {
		Values json.RawMessage `json:"values"`
	}
	_ = json.Unmarshal(o.Spec, &spec) // what is no map has none
	return spec.Values
}

// Value returns the scalar at a path: keys of maps, and the numbers of items in lists,
// from 0. A text on the way, of a patch say, is gone into as YAML.
func (o *Object) Value(path []string) (value string, ok bool) {
	switch {
	case len(path) == 3 && path[0] == "metadata" && path[1] == "annotations":
		value, ok = o.Metadata.Annotations[path[2]]
		return value, ok
	case len(path) == 3 && path[0] == "metadata" && path[1] == "labels":
		value, ok = o.Metadata.Labels[path[2]]
		return value, ok
	case len(path) == 0 || path[0] != "spec":
		return "", false
	}
	var spec any
	if err := json.Unmarshal(o.Spec, &spec); err != nil {
		return "", false
	}
	return scalarAt(spec, path[1:])
}

func scalarAt(at any, path []string) (value string, ok bool) {
	for _, key := range path {
		if text, ok := at.(string); ok {
			at = nil
			_ = yaml.Unmarshal([]byte(text), &at) // what is no YAML holds nothing
		}
		switch here := at.(type) {
		case map[string]any:
			at = here[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(here) {
				return "", false
			}
			at = here[i]
		default:
			return "", false
		}
	}
	switch at.(type) {
	case string, bool, float64:
		return fmt.Sprint(at), true
	}
	return "", false
}
