package rollout

import (
	"path"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

// since is a comparison of a rollout with that of an earlier tree: which objects
// are the same one, however the files are called that hold them.
type since struct {
	*Rollout
	before *Rollout

	appliers map[*flux.Kustomization]*flux.Kustomization // of now -> of before
	oldKs    map[*flux.Kustomization]*flux.Kustomization // the other way round
	builds   map[*flux.Build]*flux.Build
	oldBuild map[*flux.Build]*flux.Build
	olds     map[*kustomize.Object]placed // of now -> of before
	news     map[*kustomize.Object]placed
	moved    map[*kustomize.Object]placed // what another Kustomization applies now -> of before
	left     map[*kustomize.Object]placed // the other way round
	dropped  map[writtenAs]bool           // what a build held before, and holds no more

	told              map[*kustomize.Object]bool
	releases          map[*kustomize.Object]*flux.Release
	was               map[*kustomize.Object]*flux.Release
	readers           map[*kustomize.Object][]flux.Reader
	oldReaders        map[*kustomize.Object][]flux.Reader
	marksOn           map[*kustomize.Object][]int
	ofRule            map[string][]int
	wasStale          map[*kustomize.Object]string // of before: a rule whose checksum was not true
	idsNow, idsBefore map[objectID][]*flux.Build   // what holds releases and workloads
	writes            map[writtenAs]bool           // all that this tree builds, by where it is written
	recorded          map[string]string            // in the first place of a rule, before
	changes           map[*kustomize.Object]change
	halts             map[*flux.Build]*stop
	differing         map[readKey]bool
	refillFiles       map[string]bool // that hold what postBuild fills in otherwise
	refills           map[*flux.Kustomization]refill
	upgraded          map[*flux.Release]*Upgrade
}

// placed is an object, and the build in which it is.
type placed struct {
	*kustomize.Object
	build *flux.Build
}

// change is what Flux does because an object differs, if it does.
type change struct {
	flux.Verdict
	differs bool
}

// readKey is a key that a reference leads to; "" for all of them.
type readKey struct {
	*flux.Reference
	key string
}

// writtenAs is what an object is called in its own manifest.
type writtenAs struct{ file, kind, name string }

func written(o *kustomize.Object) writtenAs { return writtenAs{o.File, o.Kind, o.OriginalName()} }

// objectID is what an object is known by in a build.
type objectID struct{ group, kind, namespace, name string }

func idOf(o *kustomize.Object) objectID { return objectID{o.Group(), o.Kind, o.Namespace, o.Name} }

func newSince(r, before *Rollout, changed []string) *since {
	s := &since{Rollout: r, before: before,
		appliers: map[*flux.Kustomization]*flux.Kustomization{}, oldKs: map[*flux.Kustomization]*flux.Kustomization{},
		builds: map[*flux.Build]*flux.Build{}, oldBuild: map[*flux.Build]*flux.Build{},
		olds: map[*kustomize.Object]placed{}, news: map[*kustomize.Object]placed{},
		moved: map[*kustomize.Object]placed{}, left: map[*kustomize.Object]placed{}, dropped: map[writtenAs]bool{},
		told: map[*kustomize.Object]bool{}, halts: map[*flux.Build]*stop{}, differing: map[readKey]bool{}, changes: map[*kustomize.Object]change{}, refills: map[*flux.Kustomization]refill{}, upgraded: map[*flux.Release]*Upgrade{}}
	r.Graph.Examine(changed)
	before.Graph.Examine(changed)
	s.matchKustomizations()
	s.matchBuilds()
	s.matchObjects()
	s.index()
	return s
}

// index makes the tables that spare a search for each object and rule.
func (s *since) index() {
	s.releases, s.was = releasesByObject(s.Graph), releasesByObject(s.before.Graph)
	s.readers, s.oldReaders = readersByObject(s.Graph), readersByObject(s.before.Graph)
	s.marksOn, s.ofRule, s.recorded = map[*kustomize.Object][]int{}, map[string][]int{}, map[string]string{}
	for i, m := range s.marks {
		s.ofRule[m.Rule] = append(s.ofRule[m.Rule], i)
		for _, c := range m.objects {
			s.marksOn[c.Object] = append(s.marksOn[c.Object], i)
		}
	}
	s.wasStale = map[*kustomize.Object]string{}
	for _, m := range s.before.marks {
		for _, c := range m.objects {
			if isStale(&m) && s.isTrue(m.Rule) {
				s.wasStale[c.Object] = m.Rule
			}
		}
	}
	s.idsNow, s.idsBefore = idsIn(s.Graph), idsIn(s.before.Graph)
	s.writes = map[writtenAs]bool{}
	for _, b := range s.Graph.Builds {
		for _, o := range b.Objects {
			s.writes[written(o)] = true
		}
	}
	s.refillFiles = map[string]bool{}
	for _, k := range s.Graph.Kustomizations {
		if f := s.refill(k); len(f.from) > 0 {
			for _, file := range f.from {
				s.refillFiles[file] = true
			}
		}
	}
	s.record(s.before.Plan)
	s.record(s.before.Then)
}

// isTrue says whether the checksums of a rule are all true now.
func (s *since) isTrue(rule string) bool {
	return len(s.ofRule[rule]) > 0 && !slices.ContainsFunc(s.ofRule[rule], func(i int) bool { return isStale(&s.marks[i]) })
}

// record keeps what stood in the first place of each rule, where it is not known
// yet.
func (s *since) record(plan *fluxsum.Plan) {
	if plan == nil {
		return
	}
	for i := range plan.Results {
		if res := &plan.Results[i]; s.recorded[res.Rule] == "" {
			s.recorded[res.Rule] = res.Recorded
		}
	}
}

// readersByObject are all references of releases and workloads.
func readersByObject(g *flux.Graph) map[*kustomize.Object][]flux.Reader {
	all := map[*kustomize.Object][]flux.Reader{}
	for _, r := range g.Releases {
		for i := range r.Values {
			all[r.Object] = append(all[r.Object], flux.Reader{Release: r, Reference: &r.Values[i]})
		}
	}
	for _, w := range g.Workloads {
		for i := range w.Reads {
			all[w.Object] = append(all[w.Object], flux.Reader{Workload: w, Reference: &w.Reads[i]})
		}
	}
	return all
}

func idsIn(g *flux.Graph) map[objectID][]*flux.Build {
	all := map[objectID][]*flux.Build{}
	for _, r := range g.Releases {
		all[idOf(r.Object)] = append(all[idOf(r.Object)], r.Build)
	}
	for _, w := range g.Workloads {
		all[idOf(w.Object)] = append(all[idOf(w.Object)], w.Build)
	}
	return all
}

func releasesByObject(g *flux.Graph) map[*kustomize.Object]*flux.Release {
	all := make(map[*kustomize.Object]*flux.Release, len(g.Releases))
	for _, r := range g.Releases {
		all[r.Object] = r
	}
	return all
}

// matchKustomizations finds for each Kustomization that of before: of one name,
// and where several clusters have one of that name, by what else is the same,
// the surest first.
func (s *since) matchKustomizations() {
	for _, by := range []func(*flux.Kustomization) string{
		func(k *flux.Kustomization) string { return k.File + "\x00" + specPath(k) },
		func(k *flux.Kustomization) string { return k.File },
		func(k *flux.Kustomization) string { return cluster(k) + "\x00" + specPath(k) },
		cluster,
		specPath,
	} {
		s.matchBy(by)
	}
	now, then := count(s.Graph), count(s.before.Graph)
	s.matchBy(func(k *flux.Kustomization) string {
		if now[k.ID()] == 1 && then[k.ID()] == 1 {
			return ""
		}
		return "\x00" + k.File // not known to be the same
	})
}

// matchBy matches those that alone, in both trees, have a name and a mark.
func (s *since) matchBy(mark func(*flux.Kustomization) string) {
	olds := map[string][]*flux.Kustomization{}
	for _, k := range s.before.Graph.Kustomizations {
		if s.oldKs[k] == nil {
			key := k.ID() + "\x00" + mark(k)
			olds[key] = append(olds[key], k)
		}
	}
	news := map[string][]*flux.Kustomization{}
	for _, k := range s.Graph.Kustomizations {
		if s.appliers[k] == nil {
			key := k.ID() + "\x00" + mark(k)
			news[key] = append(news[key], k)
		}
	}
	for key, all := range news {
		if then := olds[key]; len(all) == 1 && len(then) == 1 {
			s.appliers[all[0]], s.oldKs[then[0]] = then[0], all[0]
		}
	}
}

func count(g *flux.Graph) map[string]int {
	all := map[string]int{}
	for _, k := range g.Kustomizations {
		all[k.ID()]++
	}
	return all
}

func specPath(k *flux.Kustomization) string { return k.Path }

// cluster is where the outermost Kustomization above one stands.
func cluster(k *flux.Kustomization) string {
	k = outermost(k)
	if k.Parent != nil {
		return k.Parent.Dir
	}
	return path.Dir(k.File)
}

// outermost is the Kustomization above all that one stands in.
func outermost(k *flux.Kustomization) *flux.Kustomization {
	for range maxAbove {
		if k.Above() == nil {
			break
		}
		k = k.Above()
	}
	return k
}

// maxAbove bounds how far Kustomizations are followed upwards: they may go in a
// circle.
const maxAbove = 20

// matchBuilds finds for each build that of before: of the same Kustomization, or
// of the same folder.
func (s *since) matchBuilds() {
	folders := map[string]*flux.Build{}
	for _, b := range s.before.Graph.Builds {
		if b.Kustomization == nil {
			folders[folder(b)] = b
		}
	}
	for _, b := range s.Graph.Builds {
		old := folders[folder(b)]
		if k := b.Kustomization; k != nil {
			if old = nil; s.appliers[k] != nil {
				old = s.appliers[k].Build
			}
		}
		if old != nil {
			s.builds[b], s.oldBuild[old] = old, b
		}
	}
}

func folder(b *flux.Build) string {
	if b.Loose {
		return "" // what no folder builds
	}
	return b.Dir
}

// matchObjects finds for each object that of before: in the same build, or for
// what no Kustomization applies, and what another one applies now, where there is
// only one that it can be.
func (s *since) matchObjects() {
	for b, old := range s.builds {
		s.matchIn(b, old, true)
		s.matchIn(b, old, false)
	}
	s.matchRest(s.olds, s.news, func(now, old placed) bool {
		gone := now.build.Loose && s.oldBuild[old.build] != nil
		return now.build.Kustomization == nil && old.build.Kustomization == nil && !gone
	})
	s.matchRest(s.moved, s.left, func(now, old placed) bool {
		a, z := now.build.Kustomization, old.build.Kustomization
		return a != nil && (z == nil || cluster(a) == cluster(z))
	})
	for old := range leftOver(s.before.Graph, s.news) {
		if !old.build.Loose {
			s.dropped[written(old.Object)] = true
		}
	}
}

// matchRest matches what is not matched yet, one with one.
func (s *since) matchRest(olds, news map[*kustomize.Object]placed, may func(now, old placed) bool) {
	then := map[objectID][]placed{}
	for p := range leftOver(s.before.Graph, s.news) {
		then[idOf(p.Object)] = append(then[idOf(p.Object)], p)
	}
	now := map[objectID][]placed{}
	for p := range leftOver(s.Graph, s.olds) {
		now[idOf(p.Object)] = append(now[idOf(p.Object)], p)
	}
	for id, all := range now {
		if was := then[id]; len(all) == 1 && len(was) == 1 && may(all[0], was[0]) {
			olds[all[0].Object], news[was[0].Object] = was[0], all[0]
		}
	}
}

// leftOver are the objects of a tree that have no counterpart.
func leftOver(g *flux.Graph, matched map[*kustomize.Object]placed) map[placed]bool {
	all := map[placed]bool{}
	for _, b := range g.Builds {
		for _, o := range b.Objects {
			if matched[o].Object == nil {
				all[placed{o, b}] = true
			}
		}
	}
	return all
}

// matchIn matches the objects of a build that is in both trees: those of one name
// in one file, else those of one name where there are no two. Manifests that
// belong to no kustomization may hold several.
func (s *since) matchIn(b, old *flux.Build, sameFile bool) {
	type marked struct {
		objectID
		file string
	}
	groups := func(b *flux.Build, matched map[*kustomize.Object]placed) map[marked][]*kustomize.Object {
		all := map[marked][]*kustomize.Object{}
		for _, o := range b.Objects {
			key := marked{objectID: idOf(o)}
			if sameFile {
				key.file = o.File
			}
			if matched[o].Object == nil {
				all[key] = append(all[key], o)
			}
		}
		return all
	}
	then := groups(old, s.news)
	for key, all := range groups(b, s.olds) {
		if len(all) != len(then[key]) || !sameFile && len(all) > 1 {
			continue
		}
		for i, o := range all {
			s.olds[o], s.news[then[key][i]] = placed{then[key][i], old}, placed{o, b}
		}
	}
}

// counterpart is the same object in the earlier tree; nil when there is none.
func (s *since) counterpart(o *kustomize.Object) *kustomize.Object { return s.olds[o].Object }

// oldRelease is the same release in the earlier tree.
func (s *since) oldRelease(release *flux.Release) *flux.Release {
	return s.was[s.counterpart(release.Object)]
}
