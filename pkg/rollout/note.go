package rollout

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
)

var notInNames = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[^A-Za-z0-9._/-]+|^[^A-Za-z0-9]+`)
})

// name makes a name for a rule that no other one has, of a checksum that stands in a file.
func (p *proposer) name(wish string, o *kustomize.Object, file string) string {
	wish = cmp.Or(notInNames().ReplaceAllString(wish, ""), "rule")
	for _, name := range []string{wish, path.Base(path.Dir(file)) + "/" + wish, o.Namespace + "/" + wish, strings.ToLower(o.Kind) + "/" + wish} {
		name = notInNames().ReplaceAllString(name, "")
		if name != "" && !p.names[name] {
			p.names[name] = true
			return name
		}
	}
	for i := 2; ; i++ {
		if name := fmt.Sprintf("%s-%d", wish, i); !p.names[name] {
			p.names[name] = true
			return name
		}
	}
}

func (p *proposer) note(open bool, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.ContainsFunc(p.out.Notes, func(n ProposalNote) bool { return n.Text == text && n.Open == open }) {
		p.out.Notes = append(p.out.Notes, ProposalNote{Text: text, Open: open})
	}
}

// Open are the notes on what would need a rule, and cannot have one.
func (p *Proposal) Open() []ProposalNote {
	return slices.DeleteFunc(slices.Clone(p.Notes), func(n ProposalNote) bool { return !n.Open })
}

// selfMovingNotes say what needs no rule, and what cannot be seen.
func (p *proposer) selfMovingNotes() {
	for _, release := range p.Graph.Releases {
		for i := range release.Values {
			ref := &release.Values[i]
			what := fmt.Sprintf("HelmRelease %s%s, %s%s %s (%s:%d)", release.Name, inWords(release.Namespace), optional(ref), ref.Kind, ref.Name, ref.File, ref.Line)
			switch {
			case ref.Unknown != "":
				p.note(ref.Broken, "%s: %s", what, ref.Unknown)
			case ref.ByHash():
				p.note(false, "%s needs no rule: its name has the hash of its content, which the nameReference at %s:%d writes into the release", what, ref.Rename.File, ref.Rename.Line)
			case p.selfMoving(ref):
				at, _ := p.Graph.Watched(ref.Object)
				p.note(false, "%s needs no rule: with its label %s: Enabled (%s) Flux 2.7 and later act on each change", what, flux.WatchLabel, where(at))
			}
		}
	}
}

func inWords(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " in " + namespace
}

func optional(ref *flux.Reference) string {
	if ref.Optional {
		return "optional "
	}
	return ""
}
