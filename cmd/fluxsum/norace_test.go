//go:build !race

package main

// The program under test is built as it is shipped.
var (
	buildFlags = []string{"-trimpath"}
	buildEnv   = []string{"CGO_ENABLED=0"}
)
