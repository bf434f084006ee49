package e2e_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTablesAreWhole: the documentation has a line for each row.
func TestTablesAreWhole(t *testing.T) {
	if os.Getenv("E2E") != "" {
		t.Skip("make test holds what make e2e has written")
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slices.Concat(helmRows, workloadRows, kustomizationRows, otherRows()) {
		if !strings.Contains(string(text), "\n| "+r.change+" |") {
			t.Errorf("%s has no line for: %s (UPDATE=1 make e2e writes them)", page, r.change)
		}
	}
}

// TestCells: what was seen, in words.
func TestCells(t *testing.T) {
	for want, r := range map[string]result{
		"":                                 {},
		"nothing":                          {Change: "x"},
		"upgrade after 1.5 s":              {Change: "x", Subject: "HelmRelease", seen: seen{Woken: true, Upgraded: true, After: 1500 * time.Millisecond}},
		"upgrade, pods roll after 2.0 s":   {Change: "x", seen: seen{Woken: true, Upgraded: true, Rolled: true, After: 2 * time.Second}},
		"pods roll after 0.2 s":            {Change: "x", seen: seen{Rolled: true, After: 200 * time.Millisecond}},
		"reconciled after 0.1 s":           {Change: "x", seen: seen{Woken: true, After: 100 * time.Millisecond}},
		"reconciled, no upgrade: fails":    {Change: "x", Subject: "HelmRelease", seen: seen{Woken: true, Fails: "x"}},
		"refused":                          {Change: "x", seen: seen{Fails: "x"}},
		"looked at, left alone":            {Change: "x", Explain: nothing, seen: seen{Woken: true}},
		"2 upgrades, the last after 0.0 s": {Change: "x", Upgrades: 2},
	} {
		if got := r.cell(); got != want {
			t.Errorf("%+v: %q, expected %q", r, got, want)
		}
	}
}
