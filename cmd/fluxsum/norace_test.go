//go:build !race

package main

import "testing"

// The program under test is built as it is shipped.
var (
	buildFlags = []string{"-trimpath"}
	buildEnv   = []string{"CGO_ENABLED=0"}
)

// onlyOnce skips nothing here.
func onlyOnce(*testing.T) {}
