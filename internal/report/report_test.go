package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

func TestDigestsAreShortButTellApart(t *testing.T) {
	const a, b = "0123456789abcdef0123456789abcdef", "0123456789abcdefffffffffffffffff"
	for _, c := range []struct {
		name               string
		state              fluxsum.State
		recorded, computed string
		want               string
	}{
		{"true", fluxsum.OK, a, a, "01234567"},
		{"stale", fluxsum.Stale, "fedcba9876543210", a, "fedcba98 -> 01234567"},
		{"alike at the start", fluxsum.Stale, a, b, "0123456789abcdef0 -> 0123456789abcdeff"},
		{"cut off", fluxsum.Stale, a[:12], a, "0123456789ab -> 0123456789abc"},
		{"missing", fluxsum.Missing, "", a, "(none) -> 01234567"},
		{"no digest", fluxsum.Stale, "hunter2", a, "(not a checksum) -> 01234567"},
		{"not quoted", fluxsum.Stale, "12345678", "12345678", "12345678 (not quoted, reads as a number)"},
	} {
		if got := digests(&fluxsum.Result{State: c.state, Recorded: c.recorded, Computed: c.computed}); got != c.want {
			t.Errorf("%s: %q, expected %q", c.name, got, c.want)
		}
	}
}

func TestPrintableEscapesWhatSteersATerminal(t *testing.T) {
	if got, want := Printable("ä\x1b[31m\n\u202e\xff"), `ä\x1b[31m\n\u202e\xff`; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
}

func TestColourOnlyWhenAsked(t *testing.T) {
	plan := &fluxsum.Plan{Results: []fluxsum.Result{{Rule: "r", State: fluxsum.Stale, Computed: "0123456789", Target: fluxsum.Place{File: "f", Line: 1}}}}
	for _, colour := range []bool{true, false} {
		var out bytes.Buffer
		if err := Text(&out, plan, Verb{Stale: "stale", Color: colour}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "\x1b[31m") != colour {
			t.Errorf("colour %v: %q", colour, out.String())
		}
	}
}
