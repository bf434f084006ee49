package rollout

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// Upgrade says whether Helm will upgrade a release.
type Upgrade struct {
	// Will is yes, no or unknown.
	Will string `json:"will"`
	Why  string `json:"why"`
	// Digest of the merged values, as in status.history[].configDigest; Before
	// that of the earlier tree. Empty when they cannot be told.
	Digest string `json:"digest,omitempty"`
	Before string `json:"before,omitempty"`

	// Anew says that Helm installs the release, for the first time or again.
	Anew bool `json:"-"`
}

// upgrade compares a release with what it was in an earlier tree, which may be
// nil.
func (r *Rollout) upgrade(release *flux.Release, before *flux.Graph) *Upgrade {
	if why := r.checksumUpgrades(release); why != "" {
		return &Upgrade{Will: "yes", Why: why}
	}
	return r.compared(release, oldRelease(release, before), before)
}

// compared is what the two trees tell, without what an update would write. The
// old release may be nil.
func (r *Rollout) compared(release, old *flux.Release, before *flux.Graph) *Upgrade {
	u := r.byValues(release, old, before)
	if old == nil {
		return u
	}
	c := flux.ChangedSpec(release, old)
	how := ""
	if c.How != "" {
		how = ", " + c.How
	}
	switch {
	case c.Anew:
		u.Will, u.Why, u.Anew = "yes", "Helm will uninstall it, and install it anew: "+c.Key+" changes"+how, true
	case u.Will == "yes" || c.Key == "":
	case c.Upgrade == "yes":
		u.Will, u.Why = "yes", "Helm will upgrade: "+c.Key+" changes"+how
	case c.Upgrade == "unknown":
		u.Will, u.Why = "unknown", "whether Helm will upgrade cannot be told: "+c.Key+" changes"+how
	case u.Will == "no":
		u.Why += " for its values; " + c.Key + " changes too"
	}
	return u
}

// upgradeSince says whether Helm upgrades a release because of the change of the
// tree, when nothing keeps that from the release. It is told once for all files
// that the release reads.
func (s *since) upgradeSince(release *flux.Release) *Upgrade {
	if known := s.upgraded[release]; known != nil {
		return known
	}
	old := s.oldRelease(release)
	u := s.compared(release, old, s.before.Graph)
	if old == nil {
		u.Will, u.Why, u.Anew = "yes", "Helm will install it", true
	} else {
		s.doubt(u, release, old)
	}
	s.upgraded[release] = u
	return u
}

// doubt puts right what the two trees alone tell: where a part of the values does
// not reach the cluster, where postBuild fills in something else, and where the
// chart stands in Git.
func (s *since) doubt(u *Upgrade, release, old *flux.Release) {
	if st := s.withheld(release, old); st != nil && flux.ChangedSpec(release, old).Upgrade != "yes" {
		*u = Upgrade{Will: st.upgrade, Why: st.text()}
		if flux.ChangedSpec(release, old).Upgrade == "unknown" || !flux.SameInline(s.Graph, release, s.before.Graph, old) || s.otherwise(release, old) {
			u.Will, u.Why = "unknown", "whether Helm will upgrade cannot be told: "+st.why+", and something else changes"
		}
		return
	}
	if text := s.refillOf(release.Object, release.Build); text != "" && s.inDoubt(u, release) {
		u.Will, u.Why = "unknown", "whether Helm will upgrade cannot be told: "+text
	}
	if rule := s.wasStale[old.Object]; u.Will == "no" && rule != "" {
		u.Will, u.Why = "unknown", "the values stay as they are, but the checksum of rule "+rule+" was not true before: Helm upgrades where it has not taken them in yet"
	}
	if u.Will == "no" && flux.ByRevision(release) {
		u.Will, u.Why = "unknown", u.Why+" for its values, but each revision of its source is a new version of its chart"
	}
}

// inDoubt says whether what postBuild fills in otherwise may make Helm upgrade a
// release, beside what is known of its values.
func (s *since) inDoubt(u *Upgrade, release *flux.Release) bool {
	if u.Will == "yes" {
		return false
	}
	now, then, ok := s.bothTrees(release.Object, release.Build)
	return ok && flux.RefilledBeside(now, then) || u.Will == "unknown" && (u.Digest == "" || u.Before == "")
}

// withheld is what keeps a part of the values of a release from the cluster that
// is another one than before.
func (s *since) withheld(release, old *flux.Release) *stop {
	for i := range release.Values {
		ref := &release.Values[i]
		if st := s.arrives(ref); st != nil && !s.sameRead(ref, old, i) {
			return st
		}
	}
	return nil
}

// otherwise says whether another part of the values differs, that does reach the
// cluster.
func (s *since) otherwise(release, old *flux.Release) bool {
	for i := range release.Values {
		if ref := &release.Values[i]; s.arrives(ref) == nil && !s.sameRead(ref, old, i) {
			return true
		}
	}
	return false
}

func (s *since) sameRead(ref *flux.Reference, old *flux.Release, i int) bool {
	if ref.Object == nil {
		return i < len(old.Values) && old.Values[i].Object == nil
	}
	return i < len(old.Values) && flux.SameRead(s.Graph, ref, s.before.Graph, &old.Values[i])
}

// stopped is the upgrade of a release that something keeps the change from: where
// it may reach it all the same, there is none if it would bring none.
func (s *since) stopped(release *flux.Release, st *stop) *Upgrade {
	u := &Upgrade{Will: st.upgrade, Why: st.text()}
	if old := s.oldRelease(release); st.maybe && old != nil {
		if known := s.compared(release, old, s.before.Graph); known.Will == "no" {
			return known
		}
	}
	return u
}

// byValues is what the values alone tell.
func (r *Rollout) byValues(release, old *flux.Release, before *flux.Graph) *Upgrade {
	_, digest, err := r.Graph.Values(release)
	var same bool
	why := "comments only: Helm will not upgrade"
	if old != nil {
		var identical bool
		if same, identical = flux.SameValues(r.Graph, release, before, old); identical {
			why = "the values are the same: Helm will not upgrade"
		}
	}
	switch {
	case err != nil && same:
		return &Upgrade{Will: "no", Why: why}
	case err != nil:
		return &Upgrade{Will: "unknown", Why: r.hidden(release, old, before, err)}
	}
	u := &Upgrade{Will: "unknown", Digest: digest, Why: "Helm upgrades only when the merged values differ: comments and order never do"}
	if r.inSpecOf(release) {
		u.Why = "Helm upgrades when the merged values differ, and whenever the checksum in the spec does"
	}
	if old == nil {
		return u
	}
	if _, u.Before, err = before.Values(old); err != nil {
		return u
	}
	switch {
	case u.Before != digest:
		u.Will, u.Why = "yes", "Helm will upgrade"
	case same:
		u.Will, u.Why = "no", why
	default:
		u.Will, u.Why = "no", "the merged values stay the same: Helm will not upgrade"
	}
	return u
}

// hidden says what an upgrade depends on that cannot be told.
func (r *Rollout) hidden(release, old *flux.Release, before *flux.Graph, err error) string {
	if old == nil {
		return err.Error()
	}
	differ, hidden := flux.DifferBeside(r.Graph, release, before, old)
	var untold *flux.Untellable
	if !differ || !errors.As(hidden, &untold) {
		return err.Error()
	}
	return "Helm will upgrade, unless what cannot be told overrides all that changes: " + untold.Reason
}

// checksumUpgrades says why a checksum that is not true now will upgrade a
// release once it is, whatever its values; "" when none will.
func (r *Rollout) checksumUpgrades(release *flux.Release) string {
	if r.Graph.LeftAlone(release.Object) != "" {
		return ""
	}
	for _, m := range r.marks {
		for _, c := range m.objects {
			stale := m.State == fluxsum.Stale || m.State == fluxsum.Missing
			switch {
			case c.Object != release.Object || !stale || len(c.spot.Path) == 0:
			case c.spot.Path[0] == "spec":
				return "Helm will upgrade: the checksum in the spec of the release changes with the next update"
			case c.spot.Key == flux.ForceAt:
				return "Helm will upgrade: " + flux.ForceAt + " changes with the next update"
			}
		}
	}
	return ""
}

// inSpecOf says whether a checksum stands in the spec of a release.
func (r *Rollout) inSpecOf(release *flux.Release) bool {
	return slices.ContainsFunc(r.marks, func(m mark) bool {
		return slices.ContainsFunc(m.objects, func(c carried) bool {
			return c.Object == release.Object && len(c.spot.Path) > 0 && c.spot.Path[0] == "spec"
		})
	})
}

// oldRelease is the same release in an earlier tree: by a Kustomization of the
// same file, or else the only one of that name.
func oldRelease(release *flux.Release, before *flux.Graph) *flux.Release {
	if before == nil {
		return nil
	}
	var all []*flux.Release
	for _, old := range before.Releases {
		if old.Name != release.Name || old.Namespace != release.Namespace || applier(old.Build) != applier(release.Build) {
			continue
		}
		if k := release.Build.Kustomization; k == nil || k.File == old.Build.Kustomization.File {
			return old
		}
		all = append(all, old)
	}
	if len(all) == 1 {
		return all[0]
	}
	return nil
}

// applier names what applies a build: no path of a manifest, which may change.
func applier(b *flux.Build) string {
	if b.Kustomization == nil {
		return "folder " + b.Dir
	}
	return "Kustomization " + b.Kustomization.ID()
}

// inNamespace is the flag of a namespace.
func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " -n " + quoted(namespace)
}

// hurry are the commands that bring a change about now; asleep says that nothing
// wakes the object once the change is applied.
func hurry(o *kustomize.Object, asleep bool, builds ...*flux.Build) []string {
	all := []string{}
	for _, b := range builds {
		if b == nil || b.Kustomization == nil {
			continue
		}
		k := b.Kustomization
		if command := fmt.Sprintf("flux reconcile kustomization %s%s --with-source", quoted(k.Name), inNamespace(k.Namespace)); !slices.Contains(all, command) {
			all = append(all, command)
		}
	}
	switch name := flux.Resource(o.Kind); {
	case name != "" && (asleep || len(all) == 0):
		all = append(all, fmt.Sprintf("flux reconcile %s %s%s", name, quoted(o.Name), inNamespace(o.Namespace)))
	case asleep && len(all) == 0 && (o.Kind == "Deployment" || o.Kind == "StatefulSet" || o.Kind == "DaemonSet"):
		all = append(all, fmt.Sprintf("kubectl%s rollout restart %s", inNamespace(o.Namespace), quoted(strings.ToLower(o.Kind)+"/"+o.Name)))
	}
	return all
}

// confirm are the commands that show whether a rollout is done.
func confirm(o *kustomize.Object, handled, digest string, preserves bool) []Check {
	all := []Check{}
	get := fmt.Sprintf("kubectl%s get %s %s -o jsonpath=", inNamespace(o.Namespace), strings.ToLower(o.Kind), quoted(o.Name))
	if handled != "" {
		all = append(all, Check{get + "'{.status.lastHandledReconcileAt}'", handled})
	}
	field := "'{.status.history[0].configDigest}'"
	if preserves {
		field = "'{.status.lastAttemptedConfigDigest}'"
	}
	switch {
	case digest != "":
		all = append(all, Check{get + field, digest})
	case o.Kind == "HelmRelease" && handled == "":
		all = append(all, Check{fmt.Sprintf("flux get helmrelease %s%s", quoted(o.Name), inNamespace(o.Namespace)), ""})
	case o.Kind == "Deployment" || o.Kind == "StatefulSet" || o.Kind == "DaemonSet":
		all = append(all, Check{fmt.Sprintf("kubectl%s rollout status %s", inNamespace(o.Namespace), quoted(strings.ToLower(o.Kind)+"/"+o.Name)), ""})
	}
	return all
}
