package kustomize

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// mergePatch merges a strategic merge patch into an object as kustomize does
// (sigs.k8s.io/kustomize/kyaml/yaml/merge2, patch items first). Both trees come
// from [clone], the patch from one of its own for each object, and are taken
// over: what the patch sets are its own nodes, but the style and tag of a scalar
// may change, and its directives go. After an error both are of no more use. The
// object keeps its apiVersion, kind, name and namespace. deleted says that
// nothing is left of it.
func mergePatch(object, patch *yaml.Node) (deleted bool, err error) {
	if object.Kind != yaml.MappingNode || patch.Kind != yaml.MappingNode {
		return false, errors.New("the object or its patch is not a map")
	}
	own := identityOf(object)
	merged, err := merge(object, patch, nil)
	if err != nil {
		return false, err
	}
	// Kustomize forgets what replaces an object as a whole.
	if merged == nil || merged == object && len(object.Content) == 0 {
		return true, nil
	}
	return false, own.restore(object)
}

// targetPatch does to a patch what kustomize does when the patch has a target
// (resWrangler.ApplySmPatch, CopyMergeMetaDataFieldsFrom): its labels and
// annotations become text, so that null removes none, and go when there are
// none. It comes before [mergePatch].
func targetPatch(patch *yaml.Node) error {
	meta := entry(patch, "metadata")
	if meta == nil || meta.Kind != yaml.MappingNode {
		return nil
	}
	for _, name := range []string{"labels", "annotations"} {
		m := entry(meta, name)
		if m == nil {
			continue
		}
		if len(m.Content) == 0 {
			removeKey(meta, name)
		} else if err := valuesToText(name, m); err != nil {
			return err
		}
	}
	return nil
}

func valuesToText(name string, m *yaml.Node) error {
	if m.Kind != yaml.MappingNode {
		return fmt.Errorf("the %s of the patch are not a map", name)
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		v := m.Content[i+1]
		if v.Kind != yaml.ScalarNode {
			return notFollowed("a value of %s that is not text", name)
		}
		v.Tag = "!!str"
	}
	return nil
}

// identity is what a patch cannot change.
type identity struct{ apiVersion, kind, name, namespace *yaml.Node }

func identityOf(object *yaml.Node) identity {
	return identity{
		entry(object, "apiVersion"), entry(object, "kind"),
		get(object, "metadata", "name"), get(object, "metadata", "namespace"),
	}
}

// restore gives an object its identity back (Resource.ApplySmPatch).
func (i identity) restore(object *yaml.Node) error {
	keep(object, "apiVersion", i.apiVersion)
	keep(object, "kind", i.kind)
	meta := entry(object, "metadata")
	if meta == nil {
		meta = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		keep(object, "metadata", meta)
	}
	if meta.Kind != yaml.MappingNode {
		return errors.New("the metadata is not a map")
	}
	keep(meta, "name", i.name)
	if i.namespace == nil || i.namespace.Value == "" || isNull(i.namespace) {
		removeKey(meta, "namespace")
	}
	keep(meta, "namespace", i.namespace)
	return nil
}

// keep sets a key to the node that it had; one that it had not is left alone.
func keep(m *yaml.Node, key string, value *yaml.Node) {
	if value == nil || isNull(value) || value.Value == "" && value.Kind == yaml.ScalarNode {
		return
	}
	if i := keyIndex(m, key); i >= 0 {
		m.Content[i+1] = value
		return
	}
	m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

func removeKey(m *yaml.Node, key string) {
	if i := keyIndex(m, key); i >= 0 {
		m.Content = slices.Delete(slices.Clone(m.Content), i, i+2)
	}
}

func isNull(n *yaml.Node) bool { return n != nil && n.Tag == "!!null" }

// isMissing says that there is nothing or null (yaml.IsMissingOrNull of kyaml).
func isMissing(n *yaml.Node) bool { return n == nil || isNull(n) }

// merge merges patch into into; either may be nil. The result is nil when
// nothing is left, else into or patch, changed (walk.Walker.Walk).
func merge(into, patch *yaml.Node, s *shape) (*yaml.Node, error) {
	if s == nil {
		s = shapeOf(into, patch)
	}
	first := into
	if isMissing(into) {
		first = patch
	}
	kind := yaml.MappingNode
	if !isMissing(first) {
		kind = first.Kind
	}
	if !isMissing(patch) && patch.Kind != kind {
		return nil, errors.New("the patch has another kind of value than the object")
	}
	switch kind {
	case yaml.MappingNode:
		return mergeMaps(into, patch, s)
	case yaml.SequenceNode:
		return mergeLists(into, patch, s)
	}
	if patch != nil {
		return patch, nil
	}
	return into, nil
}

// mergeMaps walks also through what is in one of the maps alone: its nulls and
// directives are gone afterwards (Walker.walkMap).
func mergeMaps(into, patch *yaml.Node, s *shape) (*yaml.Node, error) {
	into, err := chooseMap(into, patch)
	if into == nil || err != nil {
		return nil, err
	}
	for _, key := range allKeys(into, patch) {
		from := entry(patch, key)
		value, err := merge(entry(into, key), from, s.field(key))
		if err != nil {
			return nil, under(key, err)
		}
		// A null that is written out stays where no patch is.
		if isNull(value) && (from != nil || value.Value == "") {
			value = nil
		}
		setKey(into, patch, key, value)
	}
	return into, nil
}

// under adds to an error where it happened.
func under(key string, err error) error {
	if strings.HasPrefix(err.Error(), "not followed: ") {
		return err
	}
	return fmt.Errorf("%s: %w", key, err)
}

// chooseMap returns the map that the result goes to, nil for none
// (merge2.Merger.VisitMap).
func chooseMap(into, patch *yaml.Node) (*yaml.Node, error) {
	if isMissing(into) {
		switch d, _ := directive(patch); {
		case d == "delete":
			return nil, nil
		case patch == nil && into != nil && into.Value != "":
			return into, nil
		}
		return patch, nil
	}
	return choose(into, patch)
}

// choose returns what the result goes to, where there is something already.
func choose(into, patch *yaml.Node) (*yaml.Node, error) {
	if isNull(patch) {
		return nil, nil
	}
	switch d, err := directive(patch); {
	case err != nil || d == "delete":
		return nil, err
	case d == "replace":
		return patch, nil
	}
	return into, nil
}

// directive takes $patch out of a map, or out of a list the item that holds
// nothing else (merge2.determineSmpDirective).
func directive(n *yaml.Node) (string, error) {
	if n == nil {
		return "merge", nil
	}
	holder := n
	if n.Kind == yaml.SequenceNode {
		holder = firstWith(n, "$patch")
	}
	d := entry(holder, "$patch")
	if d == nil || holder != n && len(holder.Content) > 2 {
		return "merge", nil
	}
	if !slices.Contains([]string{"delete", "replace", "merge"}, d.Value) {
		return "", fmt.Errorf("$patch is %q, expected delete, replace or merge", d.Value)
	}
	if holder == n {
		removeKey(n, "$patch")
		return d.Value, nil
	}
	return d.Value, setItem(n, nil, []string{"$patch"}, []string{d.Value})
}

func firstWith(list *yaml.Node, key string) *yaml.Node {
	for _, item := range list.Content {
		if entry(item, key) != nil {
			return item
		}
	}
	return nil
}

// allKeys are the keys of two maps in order.
func allKeys(a, b *yaml.Node) []string {
	keys := map[string]bool{}
	for _, m := range []*yaml.Node{a, b} {
		if m != nil && m.Kind == yaml.MappingNode {
			maps.Copy(keys, keysOf(m))
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// setKey sets a key of a map, or removes it for nil. The key of a new entry is
// that of the patch.
func setKey(into, patch *yaml.Node, key string, value *yaml.Node) {
	i := keyIndex(into, key)
	switch {
	case value == nil:
		removeKey(into, key)
	case i >= 0:
		takeStyle(value, into.Content[i+1])
		into.Content[i+1] = value
	default:
		into.Content = append(into.Content, patch.Content[keyIndex(patch, key)], value)
	}
}

// quoted are the styles that make any scalar text.
const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// takeStyle gives a scalar the style of the one that it replaces, as kustomize
// does (yaml.FieldSetter): a number that replaces a text in quotes is a text
// from then on.
func takeStyle(value, before *yaml.Node) {
	if value == before || value.Kind != yaml.ScalarNode {
		return
	}
	value.Style = before.Style
	if value.Style&quoted != 0 && slices.Contains([]string{"!!int", "!!float", "!!bool", "!!timestamp"}, value.Tag) {
		value.Tag = "!!str"
	}
}

// mergeLists merges lists by their keys where the schema has some; else the
// patch replaces (Walker.walkAssociativeSequence, merge2.Merger.VisitList).
func mergeLists(into, patch *yaml.Node, s *shape) (*yaml.Node, error) {
	switch {
	case s == nil || !s.merge:
		if patch != nil {
			return patch, nil
		}
		return into, nil
	case isMissing(into):
		into = patch
	default:
		var err error
		if into, err = choose(into, patch); into == nil || err != nil {
			return nil, err
		}
	}
	m := listMerge{into: into, patch: patch, keys: s.keys, items: s.elements()}
	if len(s.keys) == 0 {
		m.keys = []string{""}
	}
	return into, m.run()
}

// listMerge merges lists by the values of keys; the key "" is an item itself.
// It does what Walker.setAssociativeSequenceElements does, step by step: what
// that makes of items without a key is hard to put in words.
type listMerge struct {
	into, patch *yaml.Node
	keys        []string
	items       *shape

	values [][]string // of the keys, for all items
	used   []string   // the keys that any item has
	result yaml.Node
}

func (m *listMerge) run() error {
	m.result.Kind = yaml.SequenceNode
	m.collect()
	if len(m.values) == 0 {
		return nil
	}
	for _, values := range m.values {
		if err := m.item(values); err != nil {
			return err
		}
	}
	for _, item := range m.into.Content {
		if err := m.append(item); err != nil {
			return err
		}
	}
	m.into.Content = m.result.Content
	return nil
}

// collect finds the values of the keys, those of the patch first.
func (m *listMerge) collect() {
	for _, list := range []*yaml.Node{m.patch, m.into} {
		if list == nil {
			continue
		}
		for _, item := range list.Content {
			values := m.valuesOf(item)
			if !slices.ContainsFunc(m.values, func(v []string) bool { return slices.Equal(v, values) }) {
				m.values = append(m.values, values)
			}
		}
	}
	if len(m.keys) > 1 {
		unify(m.values)
	}
}

func (m *listMerge) valuesOf(item *yaml.Node) []string {
	if m.keys[0] == "" {
		return []string{item.Value}
	}
	values := make([]string, len(m.keys))
	for i, key := range m.keys {
		if v := entry(item, key); v != nil && !isMissing(v) {
			values[i] = v.Value
		}
	}
	return values
}

// unify makes values one that are the same but for keys that are not there: a
// port with and without its protocol (walk.mergeValues).
func unify(all [][]string) {
	for i, a := range all {
		for j, b := range all {
			if both, ok := common(a, b); ok {
				all[i], all[j] = both, both
			}
		}
	}
}

func common(a, b []string) (both []string, ok bool) {
	for i := range a {
		switch {
		case a[i] == b[i]:
			ok = true
			both = append(both, a[i])
		case a[i] != "" && b[i] != "":
			return nil, false
		default:
			both = append(both, a[i]+b[i])
		}
	}
	return both, ok
}

// present leaves only the keys that have a value in one of all (walk.validateKeys).
func present(all [][]string, values, keys []string) (k, v []string) {
	for i, key := range keys {
		if slices.ContainsFunc(all, func(v []string) bool { return v[i] != "" }) {
			k, v = append(k, key), append(v, values[i])
		}
	}
	if k == nil {
		return keys, values
	}
	return k, v
}

// item merges the items that have these values.
func (m *listMerge) item(values []string) error {
	keys, values := present(m.values, values, m.keys)
	m.used = keys
	own, ownValues := present([][]string{values}, values, keys)
	value, err := merge(findItem(m.into, own, ownValues), findItem(m.patch, own, ownValues), m.items)
	if err != nil {
		return under(strings.Join(values, ","), err)
	}
	if isMissing(value) || value.Kind == yaml.MappingNode && len(value.Content) == 0 {
		return setItem(m.into, nil, keys, values)
	}
	return setItem(&m.result, value, keys, values)
}

// append adds an item of the object, or puts it in the place of that with the
// same values (walk.appendListNode).
func (m *listMerge) append(item *yaml.Node) error {
	var values []string
	for _, key := range m.used {
		v, err := m.valueOf(item, key)
		if err != nil {
			return err
		}
		if v == nil {
			m.result.Content = append(m.result.Content, item)
			continue
		}
		values = append(values, v.Value)
	}
	if len(m.used) > 1 {
		if err := setItem(&m.result, nil, m.used, values); err != nil {
			return err
		}
	}
	return setItem(&m.result, item, m.used, values)
}

func (m *listMerge) valueOf(item *yaml.Node, key string) (*yaml.Node, error) {
	switch {
	case key == "":
		return item, nil
	case isMissing(item):
		return nil, nil
	case item.Kind != yaml.MappingNode:
		return nil, fmt.Errorf("an item is not a map with %s", key)
	}
	return entry(item, key), nil
}

// findItem finds the item with these values of keys, or nil (yaml.ElementMatcher).
func findItem(list *yaml.Node, keys, values []string) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range list.Content {
		if keys[0] == "" && item.Value == values[0] || keys[0] != "" && hasAll(item, keys, values) {
			return item
		}
	}
	return nil
}

func hasAll(item *yaml.Node, keys, values []string) bool {
	if isMissing(item) {
		return false
	}
	for i, key := range keys {
		if v := entry(item, key); v == nil || v.Value != values[i] {
			return false
		}
	}
	return true
}

// setItem sets the item with these values of keys, or removes it for nil; one
// that is not there is added (yaml.ElementSetter).
func setItem(list, item *yaml.Node, keys, values []string) error {
	var content []*yaml.Node
	found := false
	for _, old := range list.Content {
		if isMissing(old) || old.Kind == yaml.MappingNode && len(old.Content) == 0 {
			continue
		}
		match, stays, err := hasValues(old, keys, values)
		if err != nil {
			return err
		}
		switch {
		case match && item != nil:
			content = append(content, item)
		case !match && stays:
			content = append(content, old)
		}
		found = found || match
	}
	if !isMissing(item) && !found {
		content = append(content, item)
	}
	list.Content = content
	return nil
}

// hasValues says whether an item has these values of keys, and whether it stays
// if it has not. The value "" stands for any.
func hasValues(item *yaml.Node, keys, values []string) (match, stays bool, err error) {
	forMaps := keys[0] != "" && len(values) > 0 && values[0] != ""
	if item.Kind != yaml.MappingNode && forMaps {
		return false, true, nil
	}
	if len(values) == 0 {
		return false, false, nil
	}
	if (item.Kind == yaml.MappingNode) != (keys[0] != "") {
		return false, false, errors.New("an item is neither what the list holds nor what the patch holds")
	}
	if keys[0] == "" {
		return item.Value == values[0], true, nil
	}
	for i, key := range keys[:min(len(keys), len(values))] {
		if v := entry(item, key); v == nil || values[i] != "" && v.Value != values[i] {
			return false, true, nil
		}
	}
	return true, true, nil
}

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
