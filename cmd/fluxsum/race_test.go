//go:build race

package main

// Under the race detector the program under test has it too.
var (
	buildFlags = []string{"-race"}
	buildEnv   []string
)
