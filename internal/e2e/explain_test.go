package e2e_test

import (
	"encoding/json"
	"slices"
	"strings"
)

// The verdicts of explain.
const (
	immediate    = "immediate"
	podsRoll     = "immediate, pods roll"
	nextInterval = "at the next interval"
	nothing      = "nothing"
)

// verdict is one, as explain -o json writes it.
type verdict struct{ When, Why string }

// foretold is what explain says of one object.
type foretold struct {
	Kind, Name string
	Verdict    verdict
	Upgrade    struct{ Will, Digest, Why string }
	Confirm    []struct{ Command, Prints string }
}

// story is what explain says of a rule, or of a file without one.
type story struct {
	Rule    string
	Targets []struct {
		On      []string
		Verdict verdict
	}
	Rollouts []foretold
	Unknown  string
}

// explain asks the program about a rule, a file or a release. Of a release with several
// files each story tells the same.
func (r *repository) explain(what string) story {
	r.t.Helper()
	var out struct{ Stories []story }
	text := r.must("fluxsum", "explain", what, "-o", "json")
	if err := json.Unmarshal([]byte(text), &out); err != nil || len(out.Stories) == 0 {
		r.t.Fatalf("fluxsum explain %s -o json: %v\n%s", what, err, text)
	}
	return out.Stories[0]
}

// told is the verdict of explain on the release of most tests.
func (r *repository) told(what string) string {
	r.t.Helper()
	return r.explain(what).of(theApp).Verdict.When
}

// of is what the story says of an object; of its own targets, when it reads nothing.
func (s story) of(o subject) foretold {
	for _, f := range s.Rollouts {
		if f.Kind == o.kind && f.Name == o.name {
			return f
		}
	}
	for _, target := range s.Targets {
		if slices.Contains(target.On, o.kind+" "+o.name) {
			return foretold{Kind: o.kind, Name: o.name, Verdict: target.Verdict}
		}
	}
	return foretold{}
}

// fits says whether a verdict is what was seen.
func (v verdict) fits(saw seen) bool {
	switch v.When {
	case podsRoll:
		return saw.Rolled
	case immediate:
		return saw.Woken && !saw.Rolled
	case nextInterval:
		return !saw.Woken && !saw.Upgraded && !saw.Rolled
	case nothing:
		return !saw.Upgraded && !saw.Rolled
	}
	return false
}

// confirm runs the commands by which explain says that a rollout is confirmed: each
// has to print what it says.
func (s *site) confirm(f foretold) {
	s.t.Helper()
	if len(f.Confirm) == 0 {
		s.t.Errorf("explain has no command that confirms the rollout of %s %s", f.Kind, f.Name)
	}
	for _, c := range f.Confirm {
		if got := strings.TrimSpace(s.must("sh", "-c", c.Command)); got != c.Prints {
			s.t.Errorf("%s\nprints   %s\nforetold %s", c.Command, got, c.Prints)
		}
	}
}
