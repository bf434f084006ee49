package rollout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/live"
)

// Arrival says how far a cluster has come with a checksum.
type Arrival string

// The states of a checksum in a cluster.
const (
	RolledOut Arrival = "rolled out"
	Applied   Arrival = "applied" // it is there, which proves nothing more
	NotYet    Arrival = "not yet"
	NotThere  Arrival = "not there" // the object is not
	Held      Arrival = "suspended" // and what it has is old
	Broken    Arrival = "failed"
	Untold    Arrival = "unknown"
)

// Status says whether a cluster has taken in the checksum of a rule on one object.
// Its JSON form is that of `status -o json`.
type Status struct {
	Rule       string        `json:"rule"`
	State      Arrival       `json:"state"`
	Annotation string        `json:"annotation"`
	Target     fluxsum.Place `json:"target"`
	// Object carries the checksum in the cluster.
	Object    ObjectName `json:"object"`
	AppliedBy *Hop       `json:"appliedBy,omitempty"`

	Recorded string `json:"recorded"`
	Computed string `json:"computed"`
	// Live is what stands in the same place in the cluster, Handled what its
	// controller has handled last as a request.
	Live    string          `json:"live"`
	Handled string          `json:"handled,omitempty"`
	Ready   *live.Condition `json:"ready,omitempty"`
	Digest  *DigestSeen     `json:"digest,omitempty"`

	// Why says more than the state, and Do what brings the rollout about.
	Why string   `json:"message"`
	Do  []string `json:"do"`

	// Final says that waiting changes nothing; Unapplied that the checksum, or the
	// values, have not come to the cluster.
	Final, Unapplied bool `json:"-"`
	// Problems say where the files, or the config, are wrong.
	Problems fluxsum.Problems `json:"-"`

	folders []string // of the clusters whose builds it is of
	other   bool     // by its label, the cluster has another build
}

// Done says whether there is nothing to wait for.
func (s *Status) Done() bool { return s.State == RolledOut || s.State == Applied }

// Missing says whether it is known that something is.
func (s *Status) Missing() bool { return !s.Done() && s.State != Untold }

// ObjectName is that of an object.
type ObjectName struct {
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// DigestSeen is a values digest: what it has to be by the files, and what it is. Each
// is "" where it cannot be told.
type DigestSeen struct {
	Foretold string `json:"foretold"`
	Seen     string `json:"seen"`
}

// Unseen is a rule of which nothing in a cluster can tell, and why.
type Unseen struct {
	Rule string `json:"rule"`
	Why  string `json:"message"`
}

// Await are checksums that a cluster is to have: those of some rules, and where Path
// is not "" only what the Kustomizations below that folder apply.
type Await struct {
	*Rollout
	Rules []string
	Path  string
	// Context is that of kubectl in which the cluster is; "" is the current one.
	Context string
	// Named says that somebody has asked for these rules.
	Named bool
	// Commit says that the tree is one that a later commit may have overtaken.
	Commit bool

	asked map[objectID]*flux.Build // what was asked for, nil where that are several
}

// Status compares the checksums with a cluster, in the order of the plan: each on each
// object that carries it. Of one object that several builds make, as overlays for
// several clusters do, the one counts that is there, where that can be told.
func (a *Await) Status(c *live.Cluster) (all []Status, unseen []Unseen) {
	a.asked = a.askedFor()
	for _, m := range a.chosen() {
		if m.State == fluxsum.Failed {
			all = append(all, unjudged(m))
			continue
		}
		known, reasons := a.statusOf(m, c)
		if len(known) == 0 && len(reasons) > 0 && m.State != fluxsum.OK {
			known, reasons = []Status{unread(m)}, nil // which takes no cluster to tell
		}
		all = append(all, known...)
		for _, why := range reasons {
			unseen = append(unseen, Unseen{m.Rule, why})
		}
	}
	a.inContext(all)
	return all, slices.Compact(unseen)
}

// inContext has the commands act on the cluster that was asked.
func (a *Await) inContext(all []Status) {
	if a.Context == "" {
		return
	}
	for _, s := range all {
		for i, command := range s.Do {
			if !strings.HasPrefix(command, "fluxsum ") {
				s.Do[i] = command + " --context=" + word(a.Context)
			}
		}
	}
}

// statusOf is the status of one checksum on all its carriers, and why that of some
// is not known.
func (a *Await) statusOf(m mark, c *live.Cluster) (all []Status, unseen []string) {
	carriers := a.awaited(m)
	switch {
	case len(carriers) > 0:
	case a.replaced(m) != "":
		return nil, []string{"where it would be, the checksum of rule " + a.replaced(m) + " stands in its place"}
	case a.here(m):
		return nil, []string{fmt.Sprintf("what carries the checksum at %s:%d is nothing that a rollout can be seen on", m.Target.File, m.Target.Line)}
	case a.Named:
		return nil, []string{"nothing that is applied from " + a.Path + " carries its checksum"}
	}
	known := map[ObjectName]int{}
	for _, k := range carriers {
		if !c.Has(k.Group(), k.Kind) {
			unseen = append(unseen, fmt.Sprintf("the checksum is on %s %s, and no %s was read", k.Kind, k.Name, k.Kind))
			continue
		}
		s := a.arrival(m, k, c)
		if i, ok := known[s.Object]; ok {
			all[i] = merged(all[i], s)
			continue
		}
		known[s.Object] = len(all)
		all = append(all, s)
	}
	return all, unseen
}

// Kinds are those of the objects that a cluster has to be asked for, as Kind.group.
func (a *Await) Kinds() []string {
	var all []string
	for _, m := range a.chosen() {
		for _, k := range a.awaited(m) {
			all = append(all, k.Kind+"."+k.Group())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// chosen are the checksums of the rules.
func (a *Await) chosen() []mark {
	rules := map[string]bool{}
	for _, name := range a.Rules {
		rules[name] = true
	}
	return slices.DeleteFunc(slices.Clone(a.marks), func(m mark) bool { return !rules[m.Rule] })
}

// here says whether anything that carries a checksum is applied from the folder; where
// the tree does not show it, that is not known.
func (a *Await) here(m mark) bool {
	return a.Path == "" || m.State == fluxsum.Failed || slices.ContainsFunc(m.objects, func(c carried) bool { return below(c, a.Path) })
}

// Here says whether checksums of the rules are applied from the folder.
func (a *Await) Here() bool { return slices.ContainsFunc(a.chosen(), a.here) }

// awaited are the carriers of a checksum of which a cluster can tell anything. Where
// the tree does not show the object, the names of the target are enough.
func (a *Await) awaited(m mark) []awaited {
	var all []awaited
	for _, c := range m.objects {
		if awaits(c.Group(), c.Kind) && below(c, a.Path) && a.instead(c) == "" {
			all = append(all, ofCarrier(c))
		}
	}
	if len(m.objects) == 0 && m.Target.Name != "" && groups[m.Target.Kind] != "" && m.Path() != nil && a.Path == "" {
		all = append(all, ofTarget(m))
	}
	return all
}

// merged is the status of an object that two builds make. Values that fit one of them
// prove nothing: they may be the old ones of the other.
func merged(one, other Status) Status {
	switch {
	case one.other:
		return other
	case other.other:
		return one
	}
	if one.Digest != nil && other.Digest != nil && one.Digest.Foretold != other.Digest.Foretold {
		one.Digest = &DigestSeen{Seen: one.Digest.Seen}
	}
	one.folders = append(one.folders, other.folders...)
	one.Final = one.Final && other.Final
	switch {
	case one.State == other.State:
		return one
	case one.Done() && other.Done():
		if other.State == Applied {
			one.State, one.Why = Applied, other.Why
		}
		return one
	case one.Missing() && other.Missing():
		return one
	}
	one.State, one.Do, one.Final = Untold, []string{}, true
	one.Why = "several builds make it, and which of them is in this cluster cannot be told" + whichCluster(one.folders)
	return one
}

// unjudged is the status of a checksum that could not be computed, or found.
func unjudged(m mark) Status {
	t := m.Target
	return Status{Rule: m.Rule, State: Untold, Annotation: m.Annotation, Target: t, Object: ObjectName{t.Kind, t.Name, t.Namespace}, Why: m.Message, Do: []string{}, Final: true, Problems: m.Problems}
}

// newStatus is that of a checksum on an object, before anything is known of it.
func newStatus(m mark, object ObjectName) Status {
	return Status{Rule: m.Rule, State: NotYet, Annotation: m.Annotation, Target: m.Target, Object: object, Recorded: m.Recorded, Computed: m.Computed, Do: []string{}}
}

// unread is the status of a checksum that is not that of the files, on an object that
// was not read.
func unread(m mark) Status {
	s := newStatus(m, ObjectName{m.Target.Kind, m.Target.Name, m.Target.Namespace})
	j := judging{Status: &s, mark: m}
	j.untrue()
	return s
}

// arrival is the status of a checksum on one carrier.
func (a *Await) arrival(m mark, k awaited, c *live.Cluster) Status {
	s := newStatus(m, ObjectName{k.Kind, k.Name, k.Namespace})
	if k.build != nil {
		s.AppliedBy, s.folders = kustomizationHop(k.build), []string{folderOf(k.build)}
	}
	var named bool
	if k.name, k.namespace, named = a.nameOf(k); named {
		s.Object.Name, s.Object.Namespace = k.name, k.namespace
	}
	there := c.Find(k.Group(), k.Kind, k.namespace, k.name)
	j := judging{Await: a, Status: &s, mark: m, on: k, is: &live.Object{}, cluster: c}
	switch {
	case !named:
		s.State, s.Why, s.Final = Untold, "postBuild fills in its name", true
	case len(there) == 0:
		j.notThere()
	case len(there) > 1:
		s.State, s.Why, s.Final = Untold, ambiguous(there), true
	default:
		k.namespace = there[0].Metadata.Namespace
		s.Object.Namespace = k.namespace
		j.on, j.is, j.which = k, there[0], a.which(k, there[0])
		j.judge()
	}
	return s
}

// nameOf is that of an object as it is applied; ok is false where it is not known.
func (a *Await) nameOf(k awaited) (name, namespace string, ok bool) {
	if k.build == nil {
		return k.Name, k.Namespace, !strings.Contains(k.Name+k.Namespace, "${")
	}
	return a.Graph.AppliedName(k.build, k.Object)
}

// ambiguous says that a name without a namespace leads to several objects.
func ambiguous(there []*live.Object) string {
	return fmt.Sprintf("the tree does not tell its namespace, and the cluster has one in %s: set `namespace` in the target, or in the manifest", strings.Join(namespacesOf(there), ", "))
}

// releaseOf is the release that a carrier is; nil when it is none.
func (r *Rollout) releaseOf(c carried) *flux.Release {
	if r.tables.releases == nil {
		r.tables.releases = releasesByObject(r.Graph)
	}
	return r.tables.releases[c.Object]
}

// labelledFor says whether something that a release reads carries the watch label.
func (r *Rollout) labelledFor(release *flux.Release) bool {
	if release == nil {
		return false
	}
	return slices.ContainsFunc(release.Values, func(ref flux.Reference) bool {
		if ref.Object == nil {
			return false
		}
		_, watched := r.Graph.Watched(ref.Object)
		return watched
	})
}
