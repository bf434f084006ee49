package fluxsum

import (
	"fmt"
	"sync/atomic"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// The bounds of what is done for a config and its files, whoever wrote them. Where
// one is passed, nothing is built, and the problem names the bound.
const (
	// MaxTarget and MaxConfig are the sizes in bytes from which a target file and a
	// config are refused: Kubernetes holds no object of more than 1.5 MiB.
	MaxTarget = 64 << 20
	MaxConfig = 64 << 20

	// maxProblems is how many faults of a config, and of a rule, are told: no one reads
	// more, and an unknown key a million times over would be as many.
	maxProblems = 100

	// maxMatches is how often a glob is held against a name, for all globs of a config:
	// some ten seconds. A thousand globs over a folder of 20,000 files take half of it.
	maxMatches = 40_000_000

	// maxEntries is how many entries of folders the globs of a config walk through: some
	// ten seconds. Only the folders that the globs name count.
	maxEntries = 2_000_000

	// maxPairs is how many files all rules have, once for each of their targets: that
	// many lines has the plan in JSON. Ten thousand rules of a hundred files and ten
	// targets each have it.
	maxPairs = 10_000_000

	// maxBytes is how large all targets are together, in bytes: they take three times
	// that, and 100,000 usual ones have the half of it.
	maxBytes = 512 << 20

	// maxNodes is how many YAML nodes all targets have that are parsed: some 3 GiB.
	maxNodes = 16_000_000

	// maxLooks is how often a target is held against a resource or patch of its file, for
	// all targets of a file that do not name theirs: some ten seconds.
	maxLooks = 20_000_000
)

// budget is what is left of a bound of a build.
type budget struct{ left atomic.Int64 }

func newBudget(most int64) *budget {
	b := new(budget)
	b.left.Store(most)
	return b
}

// spend says whether there is as much left.
func (b *budget) spend(n int) bool { return b.left.Add(-int64(n)) >= 0 }

// spent says whether more was asked for than there was.
func (b *budget) spent() bool { return b.left.Load() < 0 }

// overdrawn is the error of a build that passes a bound of all rules together.
func (b *build) overdrawn(at *Problem, message, hint string) error {
	p := *at
	p.Message, p.Hint = message, hint
	return Problems{&p}
}

// whole is the place of the config as such.
func (b *build) whole() *Problem { return &Problem{File: b.config.file} }

// countPairs refuses rules of too many files and targets.
func (b *build) countPairs(r *ruleBuild) error {
	if b.pairs += len(r.files) * len(r.spots); b.pairs <= maxPairs {
		return nil
	}
	return b.overdrawn(b.at(r.Rule, "files", 0), fmt.Sprintf("with rule %s the files of all rules, once for each of their targets, are more than %d", r.Name, maxPairs), "give the rules fewer files, or fewer targets")
}

// weigh counts the nodes of a target file.
func (b *build) weigh(f *yamledit.File) bool { return b.nodes.spend(yamledit.Count(f.Docs())) }

// overweight refuses targets that hold too much together.
func (b *build) overweight() error {
	if b.bytes.spent() {
		return b.overdrawn(b.whole(), fmt.Sprintf("the targets are larger than %d MiB in all", maxBytes>>20), "put the checksums into smaller files")
	}
	if !b.nodes.spent() {
		return nil
	}
	return b.overdrawn(b.whole(), fmt.Sprintf("the targets hold more than %d YAML nodes in all", maxNodes), "put the checksums into smaller files")
}
