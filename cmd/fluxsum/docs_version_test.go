package main

import (
	"regexp"
	"testing"
)

// namedVersion is a version of fluxsum as pages name it: that of the action, and
// that of the hooks for pre-commit.
var namedVersion = regexp.MustCompile(`(?m)(?:fluxsum/fluxsum@|^ *rev: )([\w.-]+)`)

// TestDocsVersion holds that all pages name one version of fluxsum.
func TestDocsVersion(t *testing.T) {
	named := map[string]string{}
	for page, text := range documentation(t) {
		for _, m := range namedVersion.FindAllStringSubmatch(text, -1) {
			named[m[1]] = page
		}
	}
	if len(named) != 1 {
		t.Errorf("versions and a page that names each: %v, expected one version", named)
	}
}
