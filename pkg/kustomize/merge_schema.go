package kustomize

import (
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// shape is what the schema of a built-in kind says about merging: which lists
// merge, and by which keys.
type shape struct {
	merge  bool
	keys   []string
	fields map[string]*shape
	item   *shape
}

// known is the shape of what has a schema without such lists.
var known = &shape{}

// field returns the shape of a field; nil without a schema.
func (s *shape) field(name string) *shape {
	if s == nil {
		return nil
	}
	if f := s.fields[name]; f != nil {
		return f
	}
	return known
}

// elements returns the shape of the items of a list.
func (s *shape) elements() *shape {
	if s.item != nil {
		return s.item
	}
	return known
}

// shapeOf returns the shape of the first that has the apiVersion and kind of a
// built-in kind: objects inside an object have their own (Walker.GetSchema).
func shapeOf(nodes ...*yaml.Node) *shape {
	for _, n := range nodes {
		if isMissing(n) || n.Kind != yaml.MappingNode {
			continue
		}
		if s := builtIn()[text(n, "apiVersion")+" "+text(n, "kind")]; s != nil {
			return s
		}
	}
	return nil
}

// builtIn returns the shapes of the built-in kinds, by "VERSION KIND".
var builtIn = sync.OnceValue(func() map[string]*shape {
	all, shapes := map[string]*shape{}, map[string]*shape{}
	for line := range strings.Lines(shapeTable) {
		words := strings.Fields(line)
		shapes[words[0]] = &shape{}
		shapes[words[0]].fields = readFields(shapes, words[1:])
	}
	for line := range strings.Lines(kindTable) {
		words := strings.Fields(line)
		for _, kind := range words[1:] {
			kind, name, ok := strings.Cut(kind, "=")
			if !ok {
				name = "Plain"
			}
			all[words[0]+" "+kind] = shapes[name]
		}
	}
	return all
})

// readFields reads "field=Shape" and "list[keys]=Shape", both of which may have
// no shape.
func readFields(shapes map[string]*shape, words []string) map[string]*shape {
	fields := map[string]*shape{}
	for _, word := range words {
		field, name, _ := strings.Cut(word, "=")
		field, keys, isList := strings.Cut(strings.TrimSuffix(field, "]"), "[")
		if !isList {
			fields[field] = shapes[name]
			continue
		}
		f := &shape{merge: true, item: shapes[name]}
		if keys != "" {
			f.keys = strings.Split(keys, ",")
		}
		fields[field] = f
	}
	return fields
}

// shapeTable holds the lists that merge in the OpenAPI schema of kyaml v0.21.2
// (Kubernetes 1.21); a shape is named before it is used. The module in
// testdata/kustomize holds both tables against the real ones.
const shapeTable = `Meta finalizers[] ownerReferences[uid]
Status conditions[type]
Container env[name] ports[containerPort,protocol] volumeDevices[devicePath] volumeMounts[mountPath]
EphemeralContainer env[name] volumeDevices[devicePath] volumeMounts[mountPath]
ClaimTemplate metadata=Meta
Ephemeral volumeClaimTemplate=ClaimTemplate
Volume ephemeral=Ephemeral
PodSpec containers[name]=Container ephemeralContainers[name]=EphemeralContainer hostAliases[ip] imagePullSecrets[name] initContainers[name]=Container topologySpreadConstraints[topologyKey,whenUnsatisfiable] volumes[name]=Volume
PodStatus conditions[type] podIPs[ip]
Template metadata=Meta spec=PodSpec
Templated template=Template
JobTemplate metadata=Meta spec=Templated
CronJobSpec jobTemplate=JobTemplate
ServiceSpec ports[port,protocol]
NodeSpec podCIDRs[]
NodeStatus addresses[type] conditions[type]
CSINodeSpec drivers[name]
Plain metadata=Meta
WithStatus metadata=Meta status=Status
Workload metadata=Meta spec=Templated status=Status
CronJob metadata=Meta spec=CronJobSpec
Pod metadata=Meta spec=PodSpec status=PodStatus
PodTemplate metadata=Meta template=Template
Service metadata=Meta spec=ServiceSpec status=Status
ServiceAccount metadata=Meta secrets[name]
Node metadata=Meta spec=NodeSpec status=NodeStatus
ComponentStatus conditions[type] metadata=Meta
Webhooks metadata=Meta webhooks[name]
CSINode metadata=Meta spec=CSINodeSpec
Kustomization configMapGenerator[name] secretGenerator[name]
`

// kindTable holds the kinds of that schema, each with its shape if that is not
// Plain.
const kindTable = `v1 Binding ComponentStatus=ComponentStatus ConfigMap Endpoints Event LimitRange Namespace=WithStatus Node=Node PersistentVolume PersistentVolumeClaim=WithStatus Pod=Pod PodTemplate=PodTemplate ReplicationController=Workload ResourceQuota Secret Service=Service ServiceAccount=ServiceAccount
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration=Webhooks ValidatingWebhookConfiguration=Webhooks
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration=Webhooks ValidatingWebhookConfiguration=Webhooks
apiextensions.k8s.io/v1 CustomResourceDefinition
apiextensions.k8s.io/v1beta1 CustomResourceDefinition
apiregistration.k8s.io/v1 APIService=WithStatus
apiregistration.k8s.io/v1beta1 APIService=WithStatus
apps/v1 ControllerRevision DaemonSet=Workload Deployment=Workload ReplicaSet=Workload StatefulSet=Workload
authentication.k8s.io/v1 TokenRequest TokenReview
authentication.k8s.io/v1beta1 TokenReview
authorization.k8s.io/v1 LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
authorization.k8s.io/v1beta1 LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
autoscaling/v1 HorizontalPodAutoscaler Scale
autoscaling/v2beta1 HorizontalPodAutoscaler
autoscaling/v2beta2 HorizontalPodAutoscaler
batch/v1 CronJob=CronJob Job=Workload
batch/v1beta1 CronJob=CronJob
certificates.k8s.io/v1 CertificateSigningRequest
certificates.k8s.io/v1beta1 CertificateSigningRequest
coordination.k8s.io/v1 Lease
coordination.k8s.io/v1beta1 Lease
discovery.k8s.io/v1 EndpointSlice
discovery.k8s.io/v1beta1 EndpointSlice
events.k8s.io/v1 Event
events.k8s.io/v1beta1 Event
extensions/v1beta1 Ingress
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration
kustomize.config.k8s.io/v1beta1 Kustomization=Kustomization
networking.k8s.io/v1 Ingress IngressClass NetworkPolicy
networking.k8s.io/v1beta1 Ingress IngressClass
node.k8s.io/v1 RuntimeClass
node.k8s.io/v1beta1 RuntimeClass
policy/v1 PodDisruptionBudget=WithStatus
policy/v1beta1 Eviction PodDisruptionBudget=WithStatus PodSecurityPolicy
rbac.authorization.k8s.io/v1 ClusterRole ClusterRoleBinding Role RoleBinding
rbac.authorization.k8s.io/v1beta1 ClusterRole ClusterRoleBinding Role RoleBinding
scheduling.k8s.io/v1 PriorityClass
scheduling.k8s.io/v1beta1 PriorityClass
storage.k8s.io/v1 CSIDriver CSINode=CSINode StorageClass VolumeAttachment
storage.k8s.io/v1beta1 CSIDriver CSINode=CSINode CSIStorageCapacity StorageClass VolumeAttachment
`
