package report

import (
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

func TestProseShowsWhatItSays(t *testing.T) {
	for text, want := range map[string]string{
		"a &lt; b":  "a &#38;lt; b",
		"<b> @me":   "&#60;b&#62; @<!-- -->me",
		"plain, to": "plain, to",
	} {
		if got := prose(text); got != want {
			t.Errorf("prose(%q) is %q, want %q", text, got, want)
		}
	}
}

// TestCutRangeNamesItsCommand: plain `fluxsum diff` shows something else.
func TestCutRangeNamesItsCommand(t *testing.T) {
	r := &Radius{Range: "main..pr"}
	c := &comment{left: 2, command: r.command()}
	var b strings.Builder
	if err := c.write(&b); err != nil {
		t.Fatal(err)
	}
	if want := "\n2 diffs left out: a comment holds no more. `fluxsum diff --range main..pr` shows all.\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

// TestCountsTellNamesApart: releases of one name in two namespaces are two, and
// what is installed is not upgraded.
func TestCountsTellNamesApart(t *testing.T) {
	release := func(namespace string, u rollout.Upgrade) rollout.Outcome {
		return rollout.Outcome{Kind: "HelmRelease", Name: "app", Namespace: namespace, Verdict: flux.Verdict{When: flux.Immediate}, Upgrade: &u}
	}
	all := []rollout.Outcome{release("a", rollout.Upgrade{Will: "yes"}), release("b", rollout.Upgrade{Will: "yes"}), release("c", rollout.Upgrade{Will: "yes", Anew: true}), release("c", rollout.Upgrade{Will: "yes", Anew: true})}
	r := &Radius{Impacts: []Impact{{Impact: rollout.Impact{File: "v.yaml", Rollouts: all}}}}
	if got, want := r.counts().String(), "1 source changes, 3 releases are touched, Helm will upgrade 2, install 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCountsOfWhatThereIs(t *testing.T) {
	for want, c := range map[string]counts{
		"1 source changes, 1 workload is touched":                                              {sources: 1, workloads: 1},
		"1 source changes, 0 releases are touched":                                             {sources: 1},
		"1 source changes, 1 release is touched, Helm will upgrade 0":                          {sources: 1, releases: 1},
		"2 sources change, 1 release and 2 workloads are touched, Helm may upgrade 1":          {sources: 2, releases: 1, workloads: 2, unknown: 1},
		"1 source changes, 3 releases are touched, Helm will upgrade 2 and perhaps 1 more":     {sources: 1, releases: 3, upgrades: 2, unknown: 1},
		"a build FAILS, 1 source changes, 1 release is touched, Helm may upgrade 1, install 1": {sources: 1, releases: 1, unknown: 1, installs: 1, fails: true},
	} {
		if got := c.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
