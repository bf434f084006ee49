package rollout

import (
	"fmt"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// byHash is the verdict on an object that reads something whose name ends in the
// hash of its content, where that name differs.
func (s *since) byHash(o *kustomize.Object) (v flux.Verdict, ok bool) {
	for _, reader := range s.readers[o] {
		if reader.Reference.ByHash() && s.renames(reader.Reference) {
			return s.hashVerdict(reader), true
		}
	}
	return v, false
}

// byNewHash says whether such a name differs for certain.
func (s *since) byNewHash(o *kustomize.Object) bool {
	return slices.ContainsFunc(s.readers[o], func(r flux.Reader) bool {
		if !r.Reference.ByHash() {
			return false
		}
		old := s.counterpart(r.Reference.Object)
		if old == nil {
			return true
		}
		same, known := flux.SameName(s.Graph, r.Reference.Object, s.before.Graph, old)
		return known && !same
	})
}

// renames says whether the built name of what a reference reads differs, or may
// do so.
func (s *since) renames(ref *flux.Reference) bool {
	old := s.counterpart(ref.Object)
	if old == nil {
		return true
	}
	same, known := flux.SameName(s.Graph, ref.Object, s.before.Graph, old)
	return !same || !known
}

// labelled is what the label does on something that a release reads, and that
// differs or has the label since this change.
func (s *since) labelled(o *kustomize.Object) (v flux.Verdict, ok bool) {
	for _, reader := range s.readers[o] {
		if reader.Reference.Object == nil {
			continue
		}
		if v, ok = s.byLabel(reader); ok && s.arrives(reader.Reference) == nil && (s.differs(reader.Reference, "") || s.newLabel(reader.Reference)) {
			return v, true
		}
	}
	return flux.Verdict{}, false
}

func (s *since) newLabel(ref *flux.Reference) bool {
	old := s.counterpart(ref.Object)
	if old == nil {
		return true
	}
	_, watched := s.before.Graph.Watched(old)
	return !watched
}

// differs says whether what a reference leads to differs from before under a key,
// or under any where that is "".
func (s *since) differs(ref *flux.Reference, key string) bool {
	if ref.Object == nil {
		return false
	}
	differs, known := s.differing[readKey{ref, key}]
	if !known {
		old := s.counterpart(ref.Object)
		differs = old == nil || !flux.SameData(s.Graph, ref.Object, s.before.Graph, old, key) || s.refillOfRead(ref, key) != "" || s.freed(ref.Object)
		s.differing[readKey{ref, key}] = differs
	}
	return differs
}

// arrives says what keeps a change of what a reference reads from the cluster.
func (s *since) arrives(ref *flux.Reference) *stop {
	if ref.Object == nil || ref.Build == nil {
		return nil
	}
	if st := s.buildStops(ref.Build); st != nil && st.When != flux.Immediate {
		return st
	}
	return s.alone(ref.Object)
}

// newlyRead is a reference of an object to something that differs from before: if
// there is one, such that the change reaches the cluster.
func (s *since) newlyRead(o *kustomize.Object) (reader flux.Reader, ok bool) {
	for _, r := range s.readers[o] {
		differs := s.differs(r.Reference, r.Reference.Key) || r.Reference.Object == nil && s.losing(o, r.Reference)
		if differs && s.arrives(r.Reference) == nil {
			return r, true
		}
		if differs && !ok {
			reader, ok = r, true
		}
	}
	return reader, ok
}

// losing says whether a reference of an object to something that is not known here
// led somewhere before.
func (s *since) losing(o *kustomize.Object, ref *flux.Reference) bool {
	return slices.ContainsFunc(s.oldReaders[s.counterpart(o)], func(r flux.Reader) bool {
		return r.Reference.Object != nil && r.Reference.Kind == ref.Kind && r.Reference.Name == ref.Name && r.Reference.Key == ref.Key
	})
}

// unmoved is the verdict on an object that stays as it is, with all that it
// reads.
func (s *since) unmoved(o *kustomize.Object, file string) flux.Verdict {
	if stale := s.staleMark(o, file); stale != nil {
		return flux.Verdict{When: flux.Nothing, Why: stale.untrue() + ": " + o.Kind + " " + o.Name + " stays as it is", Instead: "fluxsum update"}
	}
	if v, ok := s.unmovedChecksum(o, file); ok {
		return v
	}
	why := o.Kind + " " + o.Name + " stays as it is"
	if len(s.readers[o]) > 0 {
		why += ", and so does what it reads"
	}
	return flux.Verdict{When: flux.Nothing, Why: why}
}

// unmovedChecksum is the verdict where a checksum of a file would wake an object,
// is true, and is the one of before.
func (s *since) unmovedChecksum(o *kustomize.Object, file string) (v flux.Verdict, ok bool) {
	for _, i := range s.marksFor(o, file) {
		m := s.marks[i]
		woken := slices.ContainsFunc(m.objects, func(c carried) bool { return c.Object == o && wakes(c.verdict) })
		if woken && m.State == fluxsum.OK && m.Recorded == s.recorded[m.Rule] {
			return flux.Verdict{When: flux.Nothing, Why: fmt.Sprintf("the checksum of rule %s is true, and stays the same: nothing that it counts has changed", m.Rule)}, true
		}
	}
	return v, false
}

// sameValues is the verdict on a release whose values stay the same but for
// comments and order.
func (s *since) sameValues(o *kustomize.Object) (v flux.Verdict, ok bool) {
	release := s.releases[o]
	if release == nil || s.oldRelease(release) == nil {
		return v, false
	}
	if same, _ := flux.SameValues(s.Graph, release, s.before.Graph, s.oldRelease(release)); !same {
		return v, false
	}
	return flux.Verdict{When: flux.Nothing, Why: "the values of " + o.Kind + " " + o.Name + " stay the same: there is nothing to roll out"}, true
}
