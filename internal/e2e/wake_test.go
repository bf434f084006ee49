package e2e_test

// wake does what wakes an object for certain, and waits until it is done.
func (s *site) wake(o subject, before look) {
	s.t.Helper()
	switch paused := s.suspendedIn(o); {
	case paused != subject{}:
		s.do(live.merge(paused.kind, s.namespace, paused.name, "", map[string]any{"spec": map[string]any{"suspend": false}}))
	case s.controllerOf(o.kind) != "":
		s.annotate(o.kind, o.name, map[string]any{"reconcile.fluxcd.io/requestedAt": "by hand"})
	case o.kind == "Job" || o.kind == "CronJob":
		return
	default:
		template := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"restarted": "by hand"}}}
		s.do(live.merge(o.kind, s.namespace, o.name, "", map[string]any{"spec": map[string]any{"template": template}}))
	}
	s.until(o.kind+" "+o.name+" wakes", func() bool {
		now := s.look(o)
		return now.reconciles > before.reconciles || now.pods != before.pods
	})
	s.settled(o)
}

// suspended says whether an object, or what applies it, is suspended in HEAD.
func (s *site) suspended(o subject) bool {
	return s.suspendedIn(o) != subject{}
}

func (s *site) suspendedIn(o subject) subject {
	s.t.Helper()
	for _, one := range []subject{o, {"Kustomization", "apps"}} {
		if s.get(one.kind, one.name).text("spec.suspend") == "true" {
			return one
		}
	}
	return subject{}
}

// failure is why an object is not ready; "" when it is.
func (s *site) failure(o subject) string {
	current := s.get(o.kind, o.name)
	if status, message := current.condition("Ready"); status == "False" {
		return message
	}
	if status, message := current.condition("Stalled"); status == "True" {
		return message
	}
	return ""
}
