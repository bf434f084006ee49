package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// silence is how long nothing has to happen, after kustomize-controller has applied a
// commit, until that counts as nothing.
const silence = 10 * time.Second

// settling is how long nothing may happen before a change is made.
const settling = time.Second

// subject is the object that is looked at.
type subject struct{ kind, name string }

// controllerOf is the controller of Flux that acts on a kind; "" when Flux does not.
func (s *site) controllerOf(kind string) string {
	switch kind {
	case "HelmRelease":
		return s.helm
	case "Kustomization", "Receiver":
		return map[string]string{"Kustomization": "kustomize-controller", "Receiver": "notification-controller"}[kind]
	case "ImageRepository", "ImagePolicy":
		return "image-reflector-controller"
	case "ImageUpdateAutomation":
		return "image-automation-controller"
	}
	if groups[kind] == sources {
		return "source-controller"
	}
	return ""
}

// look is what is seen at one moment.
type look struct {
	reconciles      int
	version, digest string // of the Helm release
	pods            string // the ids of what each roll makes anew
}

func (s *site) look(o subject) look {
	s.t.Helper()
	var l look
	var err error
	if controller := s.controllerOf(o.kind); controller != "" {
		l.reconciles, err = live.reconciles(controller, o.kind, s.namespace, o.name)
		s.do(err)
	}
	if o.kind == "HelmRelease" {
		release := s.get(o.kind, o.name)
		l.version, l.digest = release.text("status.history.0.version"), release.text("status.history.0.configDigest")
	}
	if s.rolls {
		l.pods = s.pods()
	}
	return l
}

// pods are the ids of what a roll makes anew: a ReplicaSet of a Deployment, a revision
// of a StatefulSet or DaemonSet, a pod of a Job.
func (s *site) pods() string {
	s.t.Helper()
	ids := map[string]bool{}
	for _, kind := range []string{"ReplicaSet", "ControllerRevision", "Job"} {
		all, err := live.list(kind, s.namespace)
		s.do(err)
		for _, o := range all {
			ids[o.text("metadata.uid")] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), " ")
}

// settled waits until nothing happens any more to an object that is ready, or has
// failed for good, and returns what is seen then.
func (s *site) settled(o subject) look {
	s.t.Helper()
	var last look
	var since time.Time
	s.until(o.kind+" "+o.name+" settles", func() bool {
		if !s.handled(o) {
			return false
		}
		now := s.look(o)
		if now != last || s.rolls && o.kind != "CronJob" && now.pods == "" {
			last, since = now, time.Now()
		}
		return time.Since(since) > settling
	})
	return last
}

// handled says whether the controller of an object has done what it was asked.
func (s *site) handled(o subject) bool {
	current, err := live.get(o.kind, s.namespace, o.name)
	if err != nil {
		return false
	}
	if s.controllerOf(o.kind) == "" || current.text("spec.suspend") == "true" {
		return true
	}
	asked, _ := current.at("metadata.annotations").(map[string]any)
	token, _ := asked["reconcile.fluxcd.io/requestedAt"].(string)
	ready, _ := current.condition("Ready")
	return (ready == "True" || ready == "False") && current.text("status.observedGeneration") == current.text("metadata.generation") &&
		(token == "" || current.text("status.lastHandledReconcileAt") == token)
}

// seen is what a change did.
type seen struct {
	Woken    bool          `json:"woken"`
	Upgraded bool          `json:"upgraded"`
	Rolled   bool          `json:"rolled"`
	Fails    string        `json:"fails,omitempty"`
	After    time.Duration `json:"-"` // until the last of it
}

// watch looks at an object until nothing can be expected any more.
func (s *site) watch(o subject, before look, until time.Time) seen {
	s.t.Helper()
	saw := seen{}
	for time.Now().Before(until) {
		now := saw
		now.compare(before, s.look(o))
		if now != saw {
			saw, saw.After = now, time.Since(s.pushed)
		}
		time.Sleep(pause)
	}
	return saw
}

// compare notes what differs from before.
func (s *seen) compare(before, now look) {
	s.Woken = s.Woken || now.reconciles > before.reconciles
	s.Upgraded = s.Upgraded || now.version != before.version
	for id := range strings.FieldsSeq(now.pods) {
		s.Rolled = s.Rolled || !strings.Contains(before.pods, id)
	}
}
