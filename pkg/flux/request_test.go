package flux

import "testing"

func TestIsRequestTime(t *testing.T) {
	for value, want := range map[string]bool{
		"2026-11-22T10:00:00Z":                true,
		"2026-11-22T10:00:00.123456789+01:00": true,
		"1763806000":                          true,
		"1763806000123456789":                 true,
		"":                                    false,
		"hunter2":                             false,
		"12345":                               false,
		"-763806000":                          false,
		"df11fe09fff179d6d2a70c3dd9e073d3":    false,
		"11111111111111111111111111111111":    false,
	} {
		if got := IsRequestTime(value); got != want {
			t.Errorf("%q: %v, expected %v", value, got, want)
		}
	}
}
