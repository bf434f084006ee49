package rollout

import (
	"fmt"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/live"
)

// judging is the comparison of a checksum with an object of a cluster.
type judging struct {
	*Await
	*Status
	mark    mark
	on      awaited
	release *flux.Release // nil for what is none
	untold  error         // why its values digest is not known
	is      *live.Object
	cluster *live.Cluster
	which   whichBuild
}

// judge takes the way of a checksum: it is true, it is applied, the controller has
// seen it, has done its work, and the outcome is the one that was meant. The first
// step that is not done is told.
func (j *judging) judge() {
	j.look()
	for _, step := range []func() bool{j.untrue, j.lost, j.ofAnother, j.unapplied, j.paused, j.unhandled, j.working, j.rolling, j.otherValues} {
		if step() {
			break
		}
	}
	if j.Why == "" {
		j.arrived()
	}
	j.Live, j.Handled = shown(j.Live), shown(j.Handled)
}

// look takes over what the cluster shows.
func (j *judging) look() {
	j.Live, _ = j.is.Value(j.on.path)
	j.Handled = j.is.Status.LastHandledReconcileAt
	if j.release = j.releaseOf(j.on.carrier); j.release != nil {
		j.Digest = &DigestSeen{Seen: j.is.Digest(flux.PreservesValues(j.release.Object))}
		_, j.Digest.Foretold, j.untold = j.Graph.Values(j.release)
		if algorithm, _, _ := strings.Cut(j.Digest.Seen, ":"); algorithm != "sha256" && algorithm != "" {
			j.Digest.Foretold, j.untold = "", fmt.Errorf("cannot be told, helm-controller makes %s digests of them (--snapshot-digest-algo), expected sha256", algorithm)
		}
	}
	if c, ok := j.condition("Ready"); ok {
		j.Ready = &c
	}
}

// condition is one of the object, without a message that may quote a secret.
func (j *judging) condition(kind string) (c live.Condition, ok bool) {
	if c, ok = j.is.Condition(kind); ok && (quotesSecret().MatchString(c.Message) || j.secret()) {
		c.Message = ""
	}
	return c, ok
}

// stop tells where the way of a checksum ends.
func (j *judging) stop(state Arrival, why string, do ...string) bool {
	j.State, j.Why = state, why
	if len(do) > 0 {
		j.Do = do
	}
	return true
}

func (j *judging) untrue() bool {
	j.Final = j.mark.State != fluxsum.OK
	switch j.mark.State {
	case fluxsum.Stale:
		return j.stop(NotYet, "the recorded checksum is not that of the files", "fluxsum update")
	case fluxsum.Missing:
		return j.stop(NotYet, "no checksum is recorded", "fluxsum update")
	}
	return false
}

// lost: kustomize puts something else in its place.
func (j *judging) lost() bool {
	j.Final = j.on.carrier.lost
	return j.Final && j.stop(NotYet, j.on.verdict.Why)
}

// unapplied: kustomize-controller has not brought it. A request that somebody else has
// made since counts, where the values show that all has arrived.
func (j *judging) unapplied() bool {
	switch {
	case j.is.Metadata.DeletionTimestamp != "":
		return j.stop(NotYet, "the one in the cluster is being deleted", j.on.apply()...)
	case j.Live == j.Recorded || j.byHand() || j.takenAway():
		return false
	case j.is.Suspended():
		return j.held("not applied yet, and it is suspended")
	case j.ofTwin():
		return true
	}
	j.Unapplied = true
	blocked, do := j.applier()
	return j.stop(NotYet, j.inPlace()+blocked, do...)
}

// inPlace says what stands in the place of the checksum.
func (j *judging) inPlace() string {
	switch {
	case j.Live == "":
		return "not applied yet: the cluster has none there"
	case flux.IsRequestTime(j.Live):
		return "a time stands in its place, as `flux reconcile` puts one: the checksum comes back when its Kustomization applies it next"
	case j.Commit:
		return "the cluster has another value: this commit is not applied yet, or a later one is"
	}
	return "not applied yet: the cluster has another value"
}

// held: nothing is taken in before somebody resumes it. What the tree itself suspends
// is suspended again when it is applied next.
func (j *judging) held(why string) bool {
	if j.Final = j.suspends(); j.Final {
		return j.stop(Held, why+"; this tree suspends it: "+j.Graph.SuspendedIn(j.on.Object)+" has `spec.suspend`")
	}
	return j.stop(Held, why, "flux resume "+j.resource())
}

// suspends says whether the tree itself has it suspended, also by what postBuild fills in.
func (j *judging) suspends() bool {
	return flux.Suspended(j.on.Object) || j.on.build != nil && j.Graph.FilledSuspended(j.on.build, j.on.Object)
}

// ofTwin: the cluster has what another build of the object has there. Whether it is the
// cluster of that one, or this one had the same before, nobody can tell.
func (j *judging) ofTwin() bool {
	if j.which.told() {
		return false
	}
	rule, dir := j.twin()
	j.Final = rule != ""
	return rule != "" && j.stop(Untold, "the cluster has the checksum of rule "+rule+", which another build of it carries: is this the cluster of `--path "+quoted(dir)+"`?")
}

// paused: helm-controller notes the requests of a suspended release as handled, and
// its generation as observed, and does nothing. So the values alone tell whether the
// release has had them before.
func (j *judging) paused() bool {
	switch {
	case !j.is.Suspended():
		return false
	case j.proved() && !j.installs() && (!j.on.requests() || j.Handled == j.Recorded):
		return false
	case j.Digest != nil && j.Digest.Foretold != "" && j.Digest.Seen != "" && !j.sameValues():
		return j.held("applied, and it is suspended: Helm has other values than this tree")
	}
	return j.held("applied, and it is suspended: whether it had been taken in before cannot be told")
}

func (j *judging) unhandled() bool {
	if !j.on.requests() || j.Handled == j.Recorded || j.byHand() {
		return false
	}
	if busy := j.busy(); busy != "" {
		return j.stop(NotYet, "applied, and "+j.on.controller()+" is at it: "+busy)
	}
	return j.stop(NotYet, "applied, and "+j.on.controller()+" has not handled it yet")
}

// busy is what the controller says of what it does: it notes a request as handled only
// behind that. It is "" while it does nothing.
// Source: the deferred patch in helm-controller's helmrelease_controller.go.
func (j *judging) busy() string {
	if c, ok := j.condition("Reconciling"); ok && c.Status == "True" {
		return said(&c)
	}
	if j.Ready != nil && j.Ready.Status == "Unknown" {
		return said(j.Ready)
	}
	return ""
}

// working: the controller is at it, or has failed.
func (j *judging) working() bool {
	seen := j.is.Status.ObservedGeneration
	if j.Ready != nil && j.Ready.ObservedGeneration > 0 {
		seen = j.Ready.ObservedGeneration
	}
	switch {
	case (seen > 0 || j.on.Group() == "apps") && seen < j.is.Metadata.Generation && !j.is.Suspended():
		return j.stop(NotYet, "applied, and "+j.on.controller()+" has not come to it yet")
	case j.on.Group() == "apps":
		return false
	case j.Ready == nil:
		return j.stop(NotYet, "applied, and "+j.on.controller()+" has not said yet whether it is ready")
	case j.Ready.Status == "False" && !waits(j.is) && j.is.Suspended():
		return j.held("it has failed, and is suspended: " + j.failure())
	case j.Ready.Status != "True" && j.is.Suspended():
		return j.held("it has been suspended in the middle: " + said(j.Ready))
	case waits(j.is):
		return j.stop(NotYet, j.on.controller()+" waits: "+said(j.Ready))
	case j.Ready.Status == "False" || j.is.True("Stalled"):
		j.Final = j.is.True("Stalled")
		return j.stop(Broken, j.failure()+j.stalled(), "flux get "+j.resource())
	case j.Ready.Status != "True" || j.is.True("Reconciling"):
		return j.stop(NotYet, j.on.controller()+" is at it: "+said(j.Ready))
	}
	return false
}

// rolling: the pods of a workload.
func (j *judging) rolling() bool {
	if j.on.Group() != "apps" || !wakes(j.on.verdict) {
		return false
	}
	if c, ok := j.is.Condition("Progressing"); ok && c.Reason == "ProgressDeadlineExceeded" {
		return j.stop(Broken, said(&c), confirm(j.on.found(), "", "", false)[0].Command)
	}
	todo, hand := j.is.Rolling()
	if todo == "" {
		return false
	}
	if j.Final = hand; hand {
		return j.stop(NotYet, "applied, but the pods do not roll: "+todo)
	}
	return j.stop(NotYet, "applied, and the pods roll: "+todo)
}

// otherValues: the release has values that are not those of the tree.
func (j *judging) otherValues() bool {
	last := j.is.Helm()
	switch {
	case last == "" || last == "deployed":
	case j.is.Suspended():
		return j.held("it is suspended, and the last release that Helm has made is " + last)
	default:
		return j.stop(NotYet, "applied, but the last release that Helm has made is "+last, j.on.wake()...)
	}
	if j.Digest == nil || j.Digest.Foretold == "" || j.Digest.Seen == "" || j.sameValues() {
		return false
	}
	j.Unapplied = true
	switch {
	case j.otherSpec():
		blocked, do := j.applier()
		return j.stop(NotYet, "not applied yet: its spec.values in the cluster are other ones"+blocked, do...)
	case j.on.requests():
		return j.stop(NotYet, "handled, but Helm has other values than this tree: the request came before its ConfigMap, or the ConfigMap is another one", j.on.wake()...)
	case wakes(j.on.verdict) || j.covered():
		return j.stop(NotYet, "applied, but Helm has other values than this tree", j.on.wake()...)
	}
	why := fmt.Sprintf("applied, but Helm has other values than this tree: no controller acts on %s, so %s reads them at its next interval", j.Annotation, j.on.controller())
	if j.release.Interval != "" {
		why += ", within " + j.release.Interval
	}
	return j.stop(NotYet, why+j.label(), j.on.wake()...)
}
