package rollout

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/live"
)

// makers are the builds that make an object of these names.
func (r *Rollout) makers(o *kustomize.Object) []*flux.Build {
	if r.tables.makers == nil {
		r.tables.makers = map[objectID][]*flux.Build{}
		for _, b := range r.Graph.Builds {
			for _, made := range b.Objects {
				if id := idOf(made); awaits(id.group, id.kind) {
					r.tables.makers[id] = append(r.tables.makers[id], b)
				}
			}
		}
	}
	return r.tables.makers[idOf(o)]
}

// whichBuild says what is known of the builds of an object in a cluster.
type whichBuild struct {
	this    bool // kustomize-controller has labelled it for what applies this one
	another bool // or for what applies another one
	only    bool // this one alone is applied from the folder that was told
	asked   bool // this one alone carries the checksums that were asked for
}

func (w whichBuild) told() bool { return w.only || w.asked || w.this && !w.another }

// askedFor are the builds that carry the checksums of rules which somebody has asked for
// by their names: of each object one, and nil where these are several.
func (a *Await) askedFor() map[objectID]*flux.Build {
	all := map[objectID]*flux.Build{}
	if !a.Named {
		return all
	}
	for _, m := range a.chosen() {
		for _, c := range m.objects {
			id := idOf(c.Object)
			if b, ok := all[id]; ok && b != c.build {
				all[id] = nil
			} else if !ok {
				all[id] = c.build
			}
		}
	}
	return all
}

// which looks at the label of an object, and at the folder that was told.
func (a *Await) which(k awaited, is *live.Object) (w whichBuild) {
	name, namespace := is.Applier()
	below := 0
	for _, b := range a.makers(k.Object) {
		if o := b.Kustomization; o != nil && o.Name == name && cmp.Or(o.Namespace, namespace) == namespace {
			w.this, w.another = w.this || b == k.build, w.another || b != k.build
		}
		if isBelow(k.Object, b, a.Path) {
			below++
		}
	}
	w.only = a.Path != "" && below == 1
	w.asked = k.build != nil && a.asked[idOf(k.Object)] == k.build
	return w
}

// ofAnother: by its label, the cluster has another build of the object. That is an old
// one where one build alone is for this cluster.
func (j *judging) ofAnother() bool {
	if j.which.this || !j.which.another {
		return false
	}
	name, _ := j.is.Applier()
	j.other, j.Unapplied, j.Digest = true, true, nil
	if j.which.only {
		blocked, do := j.applier()
		return j.stop(NotYet, "not applied yet: Kustomization "+name+" has applied it last, which makes another build of it"+blocked, do...)
	}
	for _, b := range j.makers(j.on.Object) {
		j.folders = append(j.folders, folderOf(b))
	}
	j.Final = true
	return j.stop(Untold, "in this cluster Kustomization "+name+" has applied another build of it"+whichCluster(j.folders))
}

// whichCluster asks for the folder of the cluster, one of some.
func whichCluster(folders []string) string {
	const ask = ": --path names the folder of the cluster"
	folders = slices.Compact(slices.Sorted(slices.Values(folders)))
	switch {
	case len(folders) < 2:
		return ask // and this one does not tell them apart
	case len(folders) > 3:
		folders = append(folders[:3], "...")
	}
	return ask + ", " + strings.Join(folders, " or ")
}

// twin is the rule whose checksum the cluster has in this place, as another build of
// the object has it, and the folder of that build's cluster.
func (j *judging) twin() (rule, dir string) {
	if j.Live == "" || j.on.build == nil || len(j.makers(j.on.Object)) < 2 {
		return "", ""
	}
	for _, i := range j.recorded(j.Live) {
		m := j.marks[i]
		for _, c := range m.objects {
			if !c.lost && c.build != j.on.build && idOf(c.Object) == idOf(j.on.Object) && slices.Equal(ofCarrier(c).path, j.on.path) {
				return m.Rule, folderOf(c.build)
			}
		}
	}
	return "", ""
}

// recorded are the marks that have a checksum.
func (r *Rollout) recorded(checksum string) []int {
	if r.tables.recorded == nil {
		r.tables.recorded = map[string][]int{}
		for i, m := range r.marks {
			r.tables.recorded[m.Recorded] = append(r.tables.recorded[m.Recorded], i)
		}
	}
	return r.tables.recorded[checksum]
}

// folderOf is the folder of the cluster to which a build is applied: the one that
// applies itself, as `flux bootstrap` has it, or where the Kustomization stands.
func folderOf(b *flux.Build) string {
	if b.Kustomization == nil {
		return b.Dir
	}
	k := outermost(b.Kustomization)
	if within(k.File, k.Path) {
		return k.Path
	}
	return path.Dir(k.File)
}

// Folders are those from which the checksums of the rules are applied, as Path takes
// them.
func (a *Await) Folders() []string {
	var all []string
	for _, m := range a.chosen() {
		for _, c := range m.objects {
			if dir := folderOf(c.build); dir != "" && !c.build.Loose {
				all = append(all, dir)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
