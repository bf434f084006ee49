//go:build race

package main

// buildFlags: under the race detector the program under test has it too.
var buildFlags = []string{"-race"}
