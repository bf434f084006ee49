package kustomize

import "strings"

// clusterTable are the kinds that live in no namespace, as far as kustomize
// knows: those in the schema of Kubernetes that it carries. It gives a namespace
// to all others, custom resources too. A test in testdata/kustomize holds the
// table against the schema.
// Source: sigs.k8s.io/kustomize/kyaml/openapi IsCertainlyClusterScoped.
const clusterTable = `
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration ValidatingWebhookConfiguration
apiextensions.k8s.io/v1 CustomResourceDefinition
apiextensions.k8s.io/v1beta1 CustomResourceDefinition
apiregistration.k8s.io/v1 APIService
apiregistration.k8s.io/v1beta1 APIService
certificates.k8s.io/v1 CertificateSigningRequest
certificates.k8s.io/v1beta1 CertificateSigningRequest
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration
networking.k8s.io/v1 IngressClass
networking.k8s.io/v1beta1 IngressClass
node.k8s.io/v1 RuntimeClass
node.k8s.io/v1beta1 RuntimeClass
policy/v1beta1 PodSecurityPolicy
rbac.authorization.k8s.io/v1 ClusterRole ClusterRoleBinding
rbac.authorization.k8s.io/v1beta1 ClusterRole ClusterRoleBinding
scheduling.k8s.io/v1 PriorityClass
scheduling.k8s.io/v1beta1 PriorityClass
storage.k8s.io/v1 CSIDriver CSINode StorageClass VolumeAttachment
storage.k8s.io/v1beta1 CSIDriver CSINode StorageClass VolumeAttachment
v1 ComponentStatus Namespace Node NodeProxyOptions PersistentVolume
`

// clusterKinds are those of the table, as "apiVersion kind".
var clusterKinds = func() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(clusterTable) {
		if words := strings.Fields(line); len(words) > 0 {
			for _, kind := range words[1:] {
				all[words[0]+" "+kind] = true
			}
		}
	}
	return all
}()

// The fieldSpecs of labels and annotations, by the kinds of objects; those for
// all kinds are metadata/labels and metadata/annotations. A group of "" is any.
// Source: sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts.
var (
	templateLabels = []fieldSpec{
		{"", "v1", "ReplicationController", "spec/template/metadata/labels", true},
		{"", "", "Deployment", "spec/template/metadata/labels", true},
		{"", "", "ReplicaSet", "spec/template/metadata/labels", true},
		{"", "", "DaemonSet", "spec/template/metadata/labels", true},
		{"apps", "", "StatefulSet", "spec/template/metadata/labels", true},
		{"batch", "", "Job", "spec/template/metadata/labels", true},
		{"batch", "", "CronJob", "spec/jobTemplate/metadata/labels", true},
		{"batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true},
	}
	claimLabels    = []fieldSpec{{"apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true}}
	selectorLabels = append([]fieldSpec{
		{"", "v1", "Service", "spec/selector", true},
		{"", "v1", "ReplicationController", "spec/selector", true},
		{"", "", "Deployment", "spec/selector/matchLabels", true},
		{"", "", "ReplicaSet", "spec/selector/matchLabels", true},
		{"", "", "DaemonSet", "spec/selector/matchLabels", true},
		{"apps", "", "StatefulSet", "spec/selector/matchLabels", true},
		{"batch", "", "Job", "spec/selector/matchLabels", false},
		{"batch", "", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false},
		{"policy", "", "PodDisruptionBudget", "spec/selector/matchLabels", false},
		{"networking.k8s.io", "", "NetworkPolicy", "spec/podSelector/matchLabels", false},
		{"networking.k8s.io", "", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false},
		{"networking.k8s.io", "", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false},
	}, affinityLabels()...)
	templateAnnotations = []fieldSpec{
		{"", "v1", "ReplicationController", "spec/template/metadata/annotations", true},
		{"", "", "Deployment", "spec/template/metadata/annotations", true},
		{"", "", "ReplicaSet", "spec/template/metadata/annotations", true},
		{"", "", "DaemonSet", "spec/template/metadata/annotations", true},
		{"", "", "StatefulSet", "spec/template/metadata/annotations", true},
		{"batch", "", "Job", "spec/template/metadata/annotations", true},
		{"batch", "", "CronJob", "spec/jobTemplate/metadata/annotations", true},
		{"batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", true},
	}
)

// affinityLabels are the selectors inside a pod template.
func affinityLabels() []fieldSpec {
	var all []fieldSpec
	for _, kind := range []string{"Deployment", "StatefulSet"} {
		for _, of := range []string{"podAffinity", "podAntiAffinity"} {
			at := "spec/template/spec/affinity/" + of + "/"
			all = append(all,
				fieldSpec{"apps", "", kind, at + "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels", false},
				fieldSpec{"apps", "", kind, at + "requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels", false})
		}
		all = append(all, fieldSpec{"apps", "", kind, "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", false})
	}
	return all
}

// schema are the fields of a kustomization that kustomize knows; it refuses all
// others. A field with a line of its own is a map, or a list of maps, of those.
// Source: sigs.k8s.io/kustomize/api/types.Kustomization.
var schema = map[string]string{
	"": "apiVersion kind metadata openapi namePrefix nameSuffix namespace commonLabels labels commonAnnotations patchesStrategicMerge " +
		"patchesJson6902 patches images imageTags replacements replicas vars sortOptions resources components crds bases configMapGenerator " +
		"secretGenerator helmGlobals helmCharts helmChartInflationGenerator generatorOptions configurations generators transformers validators buildMetadata",
	"configMapGenerator":         "namespace name behavior literals files envs env options",
	"secretGenerator":            "namespace name behavior literals files envs env options type",
	"configMapGenerator options": optionFields,
	"secretGenerator options":    optionFields,
	"generatorOptions":           optionFields,
	"labels":                     "pairs includeSelectors includeTemplates includeVolumeClaimTemplates fields",
	"labels fields":              "group version kind path create",
	"patches":                    "path patch target options",
	"patchesJson6902":            "path patch target options",
	"patches target":             targetFields,
	"patchesJson6902 target":     targetFields,
	"patches options":            "allowNameChange allowKindChange",
}

const (
	optionFields = "labels annotations disableNameSuffixHash immutable"
	targetFields = "group version kind name namespace annotationSelector labelSelector"
)
