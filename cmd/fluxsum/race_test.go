//go:build race

package main

import "testing"

// Under the race detector the program under test has it too.
var (
	buildFlags = []string{"-race"}
	buildEnv   []string
)

// onlyOnce skips, under the race detector, which makes all ten times slower, what runs
// no more of the program at a time than the scripts do.
func onlyOnce(t *testing.T) { t.Skip("-race: runs without it, in make test") }
