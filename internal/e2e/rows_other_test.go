package e2e_test

import (
	"strings"
	"testing"
)

// others are the other kinds of Flux, as small as they can be, with what they need.
// Their own controllers act on them; what they read is served by the tests.
var others = []struct{ kind, manifest string }{
	{"GitRepository", source("GitRepository", "url: $URL/git/static.git, ref: {branch: main}")},
	{"OCIRepository", source("OCIRepository", "url: oci://$HOST/image, insecure: true, ref: {tag: 1.0.0}")},
	{"HelmRepository", source("HelmRepository", "url: $URL/helm")},
	{"HelmChart", source("HelmChart", "chart: plain, sourceRef: {kind: HelmRepository, name: needed}") + needed(source("HelmRepository", "url: $URL/helm"))},
	{"Bucket", source("Bucket", "bucketName: bucket, endpoint: $HOST, insecure: true, provider: generic")},
	{"ImageRepository", imageRepository},
	{"ImagePolicy", image("ImagePolicy", "imageRepositoryRef: {name: needed}, policy: {semver: {range: '*'}}") + needed(imageRepository)},
	{"ImageUpdateAutomation", image("ImageUpdateAutomation", "interval: 1h, sourceRef: {kind: GitRepository, name: needed}, git: {commit: {author: {email: a@example.org}}}") + needed(source("GitRepository", "url: $URL/git/static.git, ref: {branch: main}"))},
	{"Receiver", manifestIn("notification", "Receiver", "interval: 1h, type: generic, secretRef: {name: secret}, resources: [{kind: GitRepository, name: any}]")},
}

var imageRepository = image("ImageRepository", "interval: 1h, image: $HOST/image, insecure: true")

func source(kind, spec string) string { return manifestIn("source", kind, "interval: 1h, "+spec) }
func image(kind, spec string) string  { return manifestIn("image", kind, spec) }

func manifestIn(group, kind, spec string) string {
	return "apiVersion: " + group + ".toolkit.fluxcd.io/v1\nkind: " + kind + "\nmetadata:\n  name: subject\n" + "spec: {" + spec + "}\n"
}

// needed is the same object by another name.
func needed(manifest string) string {
	return "---\n" + strings.Replace(manifest, "name: subject", "name: needed", 1)
}

// otherRows are two rows for each kind, and one for a checksum in the spec of those
// that have a place for it.
func otherRows() []row {
	var all []row
	for _, o := range others {
		all = append(all,
			other(o.kind, o.manifest, row{change: o.kind + ", a new `requestedAt`", rules: []rule{{annotation: requestedAt}}, want: wakes}),
			other(o.kind, o.manifest, row{change: o.kind + ", any other annotation", rules: []rule{{annotation: "app-checksum"}}}))
	}
	for _, o := range others[:2] {
		all = append(all, other(o.kind, o.manifest, row{change: o.kind + ", a checksum in `spec.ignore`", rules: []rule{{annotation: "ignore", path: "spec"}}, want: wakes}))
	}
	return all
}

// other is a row about an object of another kind. Its checksum is that of a file which
// nothing reads.
func other(kind, manifest string, r row) row {
	r.subject, r.now = subject{kind, "subject"}, two
	r.rules[0].file, r.rules[0].kind, r.rules[0].name = "app/subject.yaml", kind, "subject"
	r.files = appFolder("resources: [subject.yaml]\nsecretGenerator: [{name: secret, literals: [token=secret]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n").
		with(files{"app/release.yaml": "", "app/subject.yaml": manifest})
	return r
}

func TestOtherKinds(t *testing.T) { runRows(t, otherRows(), realShard) }
