package fluxsum

import (
	"bytes"
	"context"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
)

// FuzzUpdate: whatever stands in the target and in the rule, Build does not
// panic, changes nothing but what it reports, and is content with its own
// work.
func FuzzUpdate(f *testing.F) {
	for _, g := range goldens(f) {
		config, err := ReadConfig(ConfigName, g.tree[ConfigName].Data)
		if err != nil {
			f.Fatal(err)
		}
		for _, r := range config.Rules {
			for _, t := range r.Targets {
				if file := g.tree[t.File]; file != nil {
					f.Add(file.Data, t.File, r.Annotation, t.Kind, t.Name, t.Path, t.Marker)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, file, annotation, kind, name, path, marker string) {
		target := Target{File: "target", Kind: kind, Name: name, Path: path, Marker: marker}
		if file == "kustomization.yaml" {
			target.File = file
		}
		var message string
		if target.path, message = parsePath(path); message != "" || len(text) > 4096 || annotation == "" {
			return
		}
		checkUpdate(t, fuzzConfig(annotation, target), text)
	})
}

// fuzzConfig is a config of one rule that no decoder has cleaned.
func fuzzConfig(annotation string, target Target) *Config {
	rule := Rule{Name: "r", Files: []string{"source"}, Annotation: annotation, Targets: []Target{target}, Algorithm: "md5", Content: "bytes"}
	return &Config{Version: Version, Rules: []Rule{rule}}
}

func checkUpdate(t *testing.T, config *Config, text []byte) {
	t.Helper()
	for i := range config.Rules {
		rule := &config.Rules[i]
		rule.node = &yaml.Node{Line: 1, Column: 1}
		for j := range rule.Targets {
			rule.Targets[j].node = rule.node
		}
	}
	first := buildText(t, config, text)
	if len(first.Changes) == 0 {
		return
	}
	result, after := first.Results[0], first.Changes[0].After
	if result.State != Stale && result.State != Missing {
		t.Fatalf("state %s, but changed to\n%q", result.State, after)
	}
	checkEdit(t, result, text, after)
	second := buildText(t, config, after)
	if again := second.Results[0]; again.State != OK || len(second.Changes) > 0 {
		t.Fatalf("after update: %s %s\n%q\n%q", again.State, again.Message, text, after)
	}
}

func buildText(t *testing.T, config *Config, text []byte) *Plan {
	t.Helper()
	tree := fstest.MapFS{"source": {Data: []byte("x\n")}, config.Rules[0].Targets[0].File: {Data: text}}
	plan, err := Build(context.Background(), config, tree)
	if err != nil || len(plan.Results) != 1 {
		t.Fatalf("error %v, plan %v", err, plan)
	}
	return plan
}

// writtenNull: what a map of new annotations may take the place of.
var writtenNull = map[string]bool{"~": true, "null": true, "Null": true, "NULL": true}

// checkEdit holds the edit against the bytes around it: an insertion removes
// none, and a replacement brings the new value and its quotes on the reported
// line, and no more.
func checkEdit(t *testing.T, r Result, before, after []byte) {
	t.Helper()
	head := commonPrefix(before, after)
	tail := commonSuffix(before[head:], after[head:])
	gone, come := before[head:len(before)-tail], after[head:len(after)-tail]
	switch {
	case !bytes.Contains(after, []byte(r.Computed)):
		t.Fatalf("no %s in\n%q", r.Computed, after)
	case r.State == Missing && len(gone) > 0 && !writtenNull[string(gone)]:
		t.Fatalf("inserted, but lost %q for %q:\n%q\n%q", gone, come, before, after)
	case r.State == Stale && len(come) > len(r.Computed)+3:
		t.Fatalf("%q became %q:\n%q\n%q", gone, come, before, after)
	}
	odd := bytes.ContainsAny(before, "\r\u0085\u2028\u2029")
	if line := 1 + bytes.Count(before[:head], []byte("\n")); r.State == Stale && !odd && line != r.Target.Line {
		t.Fatalf("line %d reported, line %d changed:\n%q\n%q", r.Target.Line, line, before, after)
	}
	if bytes.ContainsAny(gone, "\r\n") {
		t.Fatalf("lost a line break in %q:\n%q\n%q", gone, before, after)
	}
}

func commonPrefix(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
