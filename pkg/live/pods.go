package live

import (
	"encoding/json"
	"fmt"
)

// Pods are how many pods of a workload there are, by what its controller notes.
type Pods struct {
	Replicas               int64  `json:"replicas"`
	UpdatedReplicas        int64  `json:"updatedReplicas"`
	AvailableReplicas      int64  `json:"availableReplicas"`
	ReadyReplicas          int64  `json:"readyReplicas"`
	CurrentRevision        string `json:"currentRevision"`
	UpdateRevision         string `json:"updateRevision"`
	DesiredNumberScheduled int64  `json:"desiredNumberScheduled"`
	UpdatedNumberScheduled int64  `json:"updatedNumberScheduled"`
	NumberAvailable        int64  `json:"numberAvailable"`
}

// Rolling says what is still to come of a rollout of pods, "" when it is done; hand
// says that it takes a hand.
// Source: kubectl rollout status, k8s.io/kubectl/pkg/polymorphichelpers.
func (o *Object) Rolling() (todo string, hand bool) {
	spec := o.workload()
	want, updated, available := o.pods(spec)
	switch {
	case updated < want && spec.Paused:
		return "it is paused", true
	case updated < want && spec.UpdateStrategy.Type == "OnDelete":
		return fmt.Sprintf("%d of %d pods are new, and it replaces those only that are deleted (updateStrategy OnDelete)", updated, want), true
	case updated < want && spec.UpdateStrategy.RollingUpdate.Partition > 0 && updated >= want-spec.UpdateStrategy.RollingUpdate.Partition:
		return fmt.Sprintf("%d of %d pods are new, and its partition keeps the others", updated, want), true
	case updated < want:
		return fmt.Sprintf("%d of %d pods are new", updated, want), false
	case o.Kind == "Deployment" && o.Status.Replicas > updated:
		return fmt.Sprintf("old pods are there still: %d", o.Status.Replicas-updated), false
	case available < want:
		return fmt.Sprintf("%d of %d pods are available", available, want), false
	}
	return "", false
}

// workload is what the spec of a workload says of its pods.
type workload struct {
	Replicas       *int64 `json:"replicas"` // one where it says nothing
	Paused         bool   `json:"paused"`
	UpdateStrategy struct {
		Type          string `json:"type"`
		RollingUpdate struct {
			Partition int64 `json:"partition"`
		} `json:"rollingUpdate"`
	} `json:"updateStrategy"`
}

func (o *Object) workload() workload {
	one := int64(1)
	spec := workload{Replicas: &one}
	_ = json.Unmarshal(o.Spec, &spec) // of what is no workload nothing is asked
	if spec.Replicas == nil {
		spec.Replicas = &one
	}
	return spec
}

// pods are how many have to be new, how many are, and how many can be used.
func (o *Object) pods(spec workload) (want, updated, available int64) {
	s := &o.Status
	switch {
	case o.Kind == "DaemonSet":
		return s.DesiredNumberScheduled, s.UpdatedNumberScheduled, s.NumberAvailable
	case o.Kind == "StatefulSet" && s.UpdateRevision != "" && s.UpdateRevision == s.CurrentRevision:
		return *spec.Replicas, *spec.Replicas, s.ReadyReplicas
	case o.Kind == "StatefulSet":
		return *spec.Replicas, s.UpdatedReplicas, s.ReadyReplicas
	}
	return *spec.Replicas, s.UpdatedReplicas, s.AvailableReplicas
}

type container struct {
	Image string `json:"image"`
}

// containers are those of the pod template.
func (o *Object) containers() []container {
	var spec struct {
		Template struct {
			Spec struct {
				Containers []container `json:"containers"`
			} `json:"spec"`
		} `json:"template"`
	}
	_ = json.Unmarshal(o.Spec, &spec) // of what is no Deployment there are none
	return spec.Template.Spec.Containers
}
