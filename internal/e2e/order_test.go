package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// The ConfigMap and its release are applied by two Kustomizations.
var (
	split = files{
		"clusters/config.yaml":      kustomization("config", "config", ""),
		"config/kustomization.yaml": folder(fixedName),
		"config/values.yaml":        "greeting: one\n",
		"app/kustomization.yaml":    folder("resources: [release.yaml]\n"),
		"app/values.yaml":           "",
	}.with(config([]rule{{annotation: requestedAt, sources: "config/values.yaml"}}))
	splitTwo = files{"config/values.yaml": "greeting: two\n"}
)

// late is how long the ConfigMap comes after the request.
const late = 3 * time.Second

// TestRequestBeforeItsConfigMap: the request is handled with the old values, and not
// again when the new ones are there; verify says so (split-apply).
func TestRequestBeforeItsConfigMap(t *testing.T) {
	eachHelm(t, func(s *site) {
		before := s.deploySplit(split)
		s.expectFinding("split-apply", true)
		told := s.told("r0")
		s.pushLate(func() { s.applied("apps"); s.settled(theApp) })
		saw := s.watch(theApp, before, time.Now().Add(silence))
		results.note("a new `requestedAt`, 3 s before its ConfigMap", s, told, saw)
		if saw != (seen{Woken: true, After: saw.After}) {
			s.t.Errorf("seen %+v, expected one reconcile without an upgrade", saw)
		}
		s.wake(theApp, s.look(theApp))
		if now := s.look(theApp); now.version == before.version {
			s.t.Error("a later request did not upgrade")
		}
	})
}

// TestDependsOn: the Kustomization of the release waits for that of the ConfigMap.
func TestDependsOn(t *testing.T) {
	eachHelm(t, func(s *site) {
		before := s.deploySplit(split.with(files{"clusters/apps.yaml": kustomization("apps", "app", "  dependsOn: [{name: config}]\n")}))
		s.expectFinding("split-apply", false)
		told := s.told("r0")
		s.pushLate(func() {})
		s.applied("apps")
		saw := s.watch(theApp, before, time.Now().Add(silence))
		results.note("a new `requestedAt`, 3 s before its ConfigMap, with `dependsOn`", s, told, saw)
		if saw != (seen{Woken: true, Upgraded: true, After: saw.After}) {
			s.t.Errorf("seen %+v, expected an upgrade", saw)
		}
	})
}

// theApp is the release of most tests.
var theApp = subject{"HelmRelease", "app"}

// eachHelm runs a test on each helm-controller.
func eachHelm(t *testing.T, test func(s *site)) {
	needsStack(t)
	for _, helm := range helms {
		t.Run(helm, func(t *testing.T) {
			t.Parallel()
			test(newSite(t, helm))
		})
	}
}

// deploySplit deploys a repository, and commits new values without a push.
func (s *site) deploySplit(all files) look {
	s.t.Helper()
	s.write(base.with(all))
	s.commit()
	s.push()
	for _, name := range []string{"clusters", "config", "apps"} {
		s.applied(name)
	}
	before := s.settled(theApp)
	s.write(splitTwo)
	s.commit()
	return before
}

// pushLate pushes while the Kustomization of the ConfigMap is held back: until
// something has happened, and a while longer.
func (s *site) pushLate(happened func()) {
	s.t.Helper()
	s.suspend("config", true)
	s.push()
	s.applied("clusters")
	happened()
	time.Sleep(late)
	s.suspend("config", false)
	s.applied("config")
}

func (s *site) suspend(name string, suspended bool) {
	s.t.Helper()
	s.do(live.merge("Kustomization", s.namespace, name, "", map[string]any{"spec": map[string]any{"suspend": suspended}}))
}

// expectFinding says whether verify has to tell of a finding.
func (s *site) expectFinding(code string, expected bool) {
	s.t.Helper()
	var out struct{ Findings []struct{ Code string } }
	text := s.run("fluxsum", "verify", "-o", "json").stdout
	s.do(json.Unmarshal([]byte(text), &out))
	found := false
	for _, f := range out.Findings {
		found = found || f.Code == code
	}
	if found != expected {
		s.t.Errorf("verify has the finding %s: %t, expected %t\n%s", code, found, expected, text)
	}
}

// TestHashWithoutNameReference: the release asks for a name that does not exist.
func TestHashWithoutNameReference(t *testing.T) {
	eachHelm(t, func(s *site) {
		s.write(base.with(appFolder("resources: [release.yaml]\n" + generated)))
		s.commit()
		s.deploy()
		s.until("the release fails on the name", func() bool {
			return strings.Contains(s.failure(theApp), "values") && strings.Contains(s.failure(theApp), "not found")
		})
		results.note("name with hash, without a `nameReference`", s, "", seen{Woken: s.look(theApp).reconciles > 0, Fails: s.failure(theApp)})
	})
}

// TestNumberRefused: what kustomize turns into a text, the API server itself refuses.
func TestNumberRefused(t *testing.T) {
	needsStack(t)
	s := newSite(t, newHelm)
	err := live.apply("HelmRelease", s.namespace, "app", s.fill.Replace(release("plain", "  namespace: $NS\n  annotations: {"+requestedAt+": 123}\n", "")))
	if err == nil || !strings.Contains(err.Error(), "annotations") {
		t.Errorf("an annotation that is a number: %v, expected that it is refused", err)
	}
}
