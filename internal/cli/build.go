package cli

import (
	_ "embed"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/mod/module"
)

// build is what is known of this binary; what is not known is empty.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Date     string `json:"date"`     // of the commit, in UTC
	Modified bool   `json:"modified"` // the files were not those of the commit
	Sum      string `json:"sum"`      // of the Go module, as in go.sum
	Go       string `json:"go"`
}

// thisBuild reads what the Go toolchain wrote into the binary: on a build in a
// clone, its state; on `go install …@VERSION`, the module. Only a build of an
// archive that git made has what git wrote into that.
func thisBuild() build {
	b := build{Version: "devel", Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.ofModule(info.Main)
		b.ofClone(info.Settings)
	}
	if b.Commit == "" && b.Sum == "" {
		b.ofArchive(archived)
	}
	return b
}

// ofModule: a pseudo-version holds commit and date.
func (b *build) ofModule(m debug.Module) {
	if m.Version == "" || m.Version == "(devel)" {
		return
	}
	b.Version, b.Sum = m.Version, m.Sum
	if !module.IsPseudoVersion(m.Version) {
		return
	}
	b.Commit, _ = module.PseudoVersionRev(m.Version)
	if at, err := module.PseudoVersionTime(m.Version); err == nil {
		b.Date = at.Format(time.RFC3339)
	}
}

func (b *build) ofClone(settings []debug.BuildSetting) {
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
}

// archived holds the commit, its date and its tag, each on a line, in what `git
// archive` makes (the attribute export-subst), and so in GitHub's source
// archives; in a clone it holds what git is asked for.
//
//go:embed archived.txt
var archived string

func (b *build) ofArchive(text string) {
	lines := strings.Split(text, "\n")
	if len(lines) < 3 {
		return
	}
	at, err := time.Parse(time.RFC3339, lines[1])
	if err != nil {
		return
	}
	b.Commit, b.Date = lines[0], at.UTC().Format(time.RFC3339)
	if strings.HasPrefix(lines[2], "v") { // no tag, or a git that knows no describe here
		b.Version = lines[2]
	}
}
