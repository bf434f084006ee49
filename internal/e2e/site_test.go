package e2e_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site is a namespace with a Git repository that Flux follows.
type site struct {
	*repository
	namespace string
	helm      string // the helm-controller that acts on its releases
	rolls     bool   // whether it has pods that can roll
	pushed    time.Time
}

var sites atomic.Int32

// newSite makes a namespace with charts and an empty repository.
func newSite(t *testing.T, helm string) *site {
	t.Helper()
	s := &site{namespace: fmt.Sprintf("case-%d", sites.Add(1)), helm: helm}
	s.repository = newRepository(t, strings.NewReplacer("$NS", s.namespace, "$HELM", helm, "$URL", artifacts.url, "$HOST", strings.TrimPrefix(artifacts.url, "http://")))
	s.do(live.apply("Namespace", "", s.namespace, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+s.namespace+"}\n"))
	for name := range charts {
		s.apply("HelmChart", name, helmChart)
		s.offerChart(name, name, "1.0.0")
	}
	s.apply("GitRepository", "repository", gitRepository)
	s.apply("GitRepository", "static", gitRepository)
	s.do(live.play("GitRepository", s.namespace, "static", offer("static.tar.gz", "main@sha1:0000000", static)))
	t.Cleanup(func() { s.showFailed() })
	return s
}

// offerChart plays source-controller for an object HelmChart: it has this version.
func (s *site) offerChart(object, name, version string) {
	s.t.Helper()
	s.do(live.play("HelmChart", s.namespace, object, offer(fmt.Sprintf("%s-%s.tgz", name, version), version, chart(name, version))))
}

// apply makes an object what a manifest with the name $NAME says.
func (s *site) apply(kind, name, manifest string) {
	s.t.Helper()
	s.do(live.apply(kind, s.namespace, name, s.fill.Replace(strings.ReplaceAll(manifest, "$NAME", name))))
}

// do ends the test when something could not be done.
func (s *site) do(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// push makes HEAD what Flux sees, as a push and source-controller do.
func (s *site) push() {
	s.t.Helper()
	s.pushed = time.Now()
	revision := s.revision()
	name := fmt.Sprintf("%s/%s.tar.gz", s.namespace, strings.TrimPrefix(revision, "main@sha1:"))
	s.do(live.play("GitRepository", s.namespace, "repository", offer(name, revision, s.archive())))
	s.apply("Kustomization", "clusters", rootKustomization)
}

// get returns an object of the site that is there.
func (s *site) get(kind, name string) object {
	s.t.Helper()
	o, err := live.get(kind, s.namespace, name)
	if err != nil {
		s.t.Fatalf("%s %s: %v", kind, name, err)
	}
	return o
}

// until waits until a condition holds.
func (s *site) until(what string, holds func() bool) {
	s.t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(pause) {
		if time.Since(begin) > patience {
			s.t.Fatalf("%s: waited %s for: %s", s.namespace, patience, what)
		}
	}
}

// applied waits until a Kustomization has tried to apply HEAD, and returns why that
// failed; "" when it did not.
func (s *site) applied(name string) string {
	s.t.Helper()
	revision, failure := s.revision(), ""
	s.until("Kustomization "+name+" at "+revision, func() bool {
		k, err := live.get("Kustomization", s.namespace, name)
		if err != nil || k.text("status.lastAttemptedRevision") != revision || k.text("status.observedGeneration") != k.text("metadata.generation") {
			return false
		}
		ready, message := k.condition("Ready")
		if failure = ""; ready == "False" {
			failure = message
		}
		return ready != "Unknown"
	})
	return failure
}

// deploy pushes HEAD and waits until it is applied.
func (s *site) deploy() {
	s.t.Helper()
	s.push()
	if failure := s.appliedAll(); failure != "" {
		s.t.Fatal("a Kustomization has failed: " + failure)
	}
}

// appliedAll waits until all have tried to apply HEAD, but for what HEAD suspends, which
// may have been faster or not. It returns why that failed; "" when it did not.
func (s *site) appliedAll() string {
	s.t.Helper()
	failure := s.applied("clusters")
	if failure != "" || s.get("Kustomization", "apps").text("spec.suspend") == "true" {
		return failure
	}
	return s.applied("apps")
}

// ready waits until an object is.
func (s *site) ready(kind, name string) {
	s.t.Helper()
	s.until(kind+" "+name+" is ready", func() bool {
		o, err := live.get(kind, s.namespace, name)
		if err != nil || o.text("status.observedGeneration") != o.text("metadata.generation") {
			return false
		}
		ready, _ := o.condition("Ready")
		return ready == "True"
	})
}

// annotate writes annotations, as flux reconcile does.
func (s *site) annotate(kind, name string, annotations map[string]any) {
	s.t.Helper()
	s.do(live.merge(kind, s.namespace, name, "", map[string]any{"metadata": map[string]any{"annotations": annotations}}))
}

// showFailed shows what the objects of a failed test say of themselves.
func (s *site) showFailed() {
	if !s.t.Failed() {
		return
	}
	for _, kind := range []string{"Kustomization", "HelmRelease"} {
		all, _ := live.list(kind, s.namespace)
		for _, o := range all {
			status, message := o.condition("Ready")
			s.t.Logf("%s %s: ready %s: %s", kind, o.text("metadata.name"), status, message)
		}
	}
}

// static is a repository that never changes: a ConfigMap with a variable.
var static = packed(files{"configmap.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: filled}\ndata: {greeting: \"${greeting}\"}\n"})

// The objects that the tests themselves make; all others come from Git.
const (
	helmChart = `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata: {name: $NAME, namespace: $NS}
spec: {chart: $NAME, interval: 1h, sourceRef: {kind: HelmRepository, name: played}}
`
	gitRepository = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: $NAME, namespace: $NS}
spec: {url: "https://played.invalid/repository", interval: 1h, ref: {branch: main}}
`
	rootKustomization = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: $NAME, namespace: $NS}
spec: {interval: 1h, path: ./clusters, prune: true, sourceRef: {kind: GitRepository, name: repository}}
`
)
