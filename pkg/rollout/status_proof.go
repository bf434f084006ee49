package rollout

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"golang.org/x/mod/semver"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/flux"
)

// byHand says that somebody has put a request of their own in the place of the checksum,
// as `flux reconcile` does, and that the checksum had been handled before, or that Helm
// has its values all the same. Another checksum of the rule is that of another commit.
func (j *judging) byHand() bool {
	if a, ok := checksum.AlgorithmOf(j.Live); ok && a == j.mark.Algorithm || j.Live == "" || !j.on.requests() {
		return false
	}
	return j.Handled == j.Recorded || j.Handled == j.Live && j.proved()
}

// takenAway says that the request was handled, and somebody has taken it away since,
// which wakes nobody.
func (j *judging) takenAway() bool {
	return j.on.requests() && j.Live == "" && j.Handled == j.Recorded
}

// proved says whether the values prove that Helm has what the checksum stands for: they
// hold the files of the rule, or the checksum itself.
func (j *judging) proved() bool {
	return j.sameValues() && (len(j.on.path) > 1 && j.on.path[0] == "spec" && j.on.path[1] == "values" || j.readsAll())
}

func (j *judging) sameValues() bool {
	return j.Digest != nil && j.Digest.Foretold != "" && j.Digest.Foretold == j.Digest.Seen
}

// otherSpec says whether the cluster has other values in the spec itself.
func (j *judging) otherSpec() bool {
	values, err := j.Graph.SpecValues(j.release)
	return err == nil && !sameJSON(values, j.is.SpecValues())
}

// sameJSON says whether two texts mean the same; an empty one means null.
func sameJSON(a, b []byte) bool {
	var x, y any
	_, _ = json.Unmarshal(a, &x), json.Unmarshal(b, &y)
	return reflect.DeepEqual(x, y)
}

// readsAll says whether all files of the rule go into the values of the release, or of
// what other builds make of it.
func (j *judging) readsAll() bool {
	if all, ok := j.tables.readsAll[j.mark.Result]; ok {
		return all
	}
	var read []string
	for _, c := range j.mark.objects {
		release := j.releaseOf(c)
		for i := 0; release != nil && i < len(release.Values); i++ {
			read = append(read, j.Graph.SourcesOf(&release.Values[i])...)
		}
	}
	all := subset(j.mark.Files, read)
	j.tables.readsAll[j.mark.Result] = all
	return all
}

// installs says whether the checksum stands where it is installed itself, beside the
// values. helm-controller 1.4 does that only together with other values.
func (j *judging) installs() bool {
	return j.on.Kind == "HelmRelease" && len(j.on.path) > 1 && j.on.path[0] == "spec" && (j.on.path[1] == "postRenderers" || j.on.path[1] == "commonMetadata")
}

// covered says whether other rules wake the object for all files of this one.
func (j *judging) covered() bool {
	return !slices.ContainsFunc(j.mark.Files, func(file string) bool { return !j.woken(j.on.Object, file) })
}

// The versions of helm-controller since which something is so: watchesSince is that of
// Flux 2.7, installsSince the oldest that was seen to do it (docs/flux.md).
const (
	watchesSince  = "v1.4.0"
	installsSince = "v1.6.2"
)

// since says whether the helm-controller that runs is known to be as new as a version.
func (j *judging) since(version string) bool {
	runs := j.cluster.HelmController()
	return semver.IsValid(runs) && semver.Compare(runs, version) >= 0
}

// unwatched says whether the helm-controller that runs is known to be too old for the
// watch label that a release relies on.
func (j *judging) unwatched() bool {
	version := j.cluster.HelmController()
	return j.labelledFor(j.release) && semver.IsValid(version) && semver.Compare(version, watchesSince) < 0
}

// label says what the watch label on what a release reads does in this cluster.
func (j *judging) label() string {
	version := j.cluster.HelmController()
	switch {
	case !j.labelledFor(j.release):
		return ""
	case j.unwatched():
		return fmt.Sprintf("; helm-controller %s is too old for the label %s, which needs %s (Flux 2.7)", version, flux.WatchLabel, watchesSince)
	case version == "":
		return fmt.Sprintf("; the label %s wakes it only from helm-controller %s (Flux 2.7) on", flux.WatchLabel, watchesSince)
	}
	return fmt.Sprintf("; it has the label %s: has its ConfigMap been applied, and does helm-controller %s watch by this label?", flux.WatchLabel, version)
}

// arrived tells of what nothing is left to be done how sure that is.
func (j *judging) arrived() {
	j.State = RolledOut
	switch {
	case j.is.Suspended() && j.suspends():
		j.Why = "it is suspended, as this tree has it"
	case j.is.Suspended():
		j.held("it has what this tree has, and has been suspended since: it takes nothing more in")
	case j.byHand() && j.Handled == j.Recorded:
		j.Why = "handled; another request has been made since, as `flux reconcile` does"
	case j.byHand():
		j.Why = "by another request, as `flux reconcile` makes it: the values digest is that of this tree"
	case j.takenAway():
		j.Why = "handled, and the annotation has been taken away since"
	case j.proved():
	case j.installs() && !j.since(installsSince):
		j.State, j.Why = Applied, "it is there, but helm-controller 1.4 installs a change of spec."+j.on.path[1]+" only together with other values"
	case j.on.requests() && j.Digest != nil && !j.sameValues():
		j.Why = "handled; whether Helm has the values " + j.unproved()
	case j.on.requests() || wakes(j.on.verdict):
	case j.Digest == nil:
		j.State, j.Why = Applied, "it is there, but "+j.on.verdict.Why
	default:
		j.State, j.Why = Applied, "it is there, but wakes nothing: whether Helm has the values "+j.unproved()+j.label()
		if j.unwatched() {
			j.State, j.Final = Untold, true
		}
	}
}

// unproved says why the values prove nothing.
func (j *judging) unproved() string {
	switch {
	case j.untold != nil:
		return j.untold.Error()
	case !j.sameValues():
		return "cannot be told, the cluster shows no values digest"
	}
	return "cannot be told, not all files of the rule go into them"
}
