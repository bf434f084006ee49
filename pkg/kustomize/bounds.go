package kustomize

import "fmt"

// The bounds of what is done for a tree, whoever wrote it. Kubernetes itself holds an
// object of at most 1.5 MiB (etcd); a large repository has some ten thousand objects,
// and hands each of them through two to five kustomizations.
const (
	// MaxFile is the size in bytes from which a file is not read.
	MaxFile = 64 << 20

	// maxRead is how many bytes generators may read in a tree, each time counted: of
	// one large file thousands of them can be made.
	maxRead = 1 << 30

	// componentLooks is what the use of a component counts for by itself.
	componentLooks = 50
	// patchLooks is what each object counts for that a patch changes.
	patchLooks = 20

	// maxNodes is how many YAML nodes of manifests are kept of a tree: some 3 GiB. A
	// hundred thousand manifests have a third of that.
	maxNodes = 16_000_000

	// maxKept is how many bytes the files have whose manifests are kept, maxSeen how many
	// all YAML files have that are looked through: the same blob may have many names.
	maxKept = 512 << 20
	maxSeen = 4 << 30

	// Aliases make large what is short in its file, and patches copy it for each of
	// their objects: copies of more than largeCopy nodes are bounded together.
	largeCopy = 10_000
	maxCopied = 5_000_000

	// maxPattern is the length of the longest regular expression of a selector, and
	// of the longest text that it is held against: names have at most 253 characters.
	maxPattern = 4096
	// maxReasons is how many reasons are kept why an object is not as built.
	maxReasons = 20
)

// limits bound the objects of a tree: bases and components that are used twice on
// each level grow without limit.
type limits struct {
	objects int // that a build may hold
	taken   int // how often objects are handed to a build or to the kustomization above, in all builds; some 2 KiB each time
	looks   int // how often patches, labels and the like look at an object, in all builds; up to a microsecond each time
	steps   int // how often a build uses components, the more the more objects there are
}

// usual are the limits of a Builder.
var usual = limits{objects: 50_000, taken: 1_000_000, looks: 20_000_000, steps: 20_000}

// work is what has been done for a tree.
type work struct{ taken, looks int }

// mayTake says whether more objects may be handed to a layer.
func (b *Builder) mayTake(l *layer, file string, n int) bool {
	if b.work.taken += n; b.work.taken > b.limits.taken && !l.full {
		l.leaveOut(file, fmt.Sprintf("is left out: the kustomizations of this tree hand objects on more than %d times", b.limits.taken))
	}
	return !l.full
}

// mayLook says whether something may look at some objects of a layer.
func (b *Builder) mayLook(l *layer, file string, n int) bool {
	if b.work.looks += n; b.work.looks > b.limits.looks && !l.full {
		l.leaveOut(file, fmt.Sprintf("is left out: the kustomizations of this tree look at objects more than %d times", b.limits.looks))
	}
	return !l.full
}

// leaveOut drops all objects of a layer: what is built in part would be told wrong.
func (l *layer) leaveOut(file, why string) {
	l.full, l.objects, l.index = true, nil, nil
	l.not(file, 0, why)
}
