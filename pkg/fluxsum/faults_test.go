package fluxsum

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// faulty is a tree whose rules contradict each other, and are wrong by themselves.
var faulty = fstest.MapFS{
	"values.yaml": {Data: []byte("a: 1\n")},
	"app.yaml":    {Data: []byte("kind: Deployment\nmetadata:\n  name: app\n  annotations: {}\n")},
	"one.yaml":    {Data: []byte("kind: Deployment\nmetadata:\n  name: one\n")},
	"two.yaml":    {Data: []byte("kind: Deployment\nmetadata:\n  name: two\n")},
	"text.txt":    {Data: []byte("a: @ # m\n")},
}

var faultyRules = []string{
	"{name: a, annotation: sum, files: values.yaml, targets: app.yaml}",
	"{name: b, annotation: sum, files: gone.yaml, targets: app.yaml}",
	"{name: c, annotation: sum, files: text.txt, content: yaml, targets: [app.yaml, lost.yaml]}",
	"{name: d, annotation: sum, files: one.yaml, targets: two.yaml}",
	"{name: e, annotation: sum, files: two.yaml, targets: one.yaml}",
	"{name: f, annotation: sum, files: lost.yaml, targets: {file: app.yaml, kind: Service}}",
	"{name: g, files: values.yaml, targets: {file: text.txt, marker: m}}",
	"{name: h, files: '*.nothing', targets: {file: values.yaml, marker: none}}",
}

// TestFaultsAreTrueOfAllRules holds what is told of the rules beside one that cannot
// be read against what is told of them all when it can: of three that clash, two are
// named at the place of the later one.
func TestFaultsAreTrueOfAllRules(t *testing.T) {
	for i := range faultyRules {
		rules := slices.Clone(faultyRules)
		all := told(t, rules)
		rules[i] = strings.Replace(rules[i], "files:", "fles: ", 1)
		some := told(t, rules)
		if len(some) < len(faultyRules)-2 {
			t.Errorf("beside rule %d no more is told than\n%v", i, some)
		}
		for _, p := range some {
			same := func(other *Problem) bool {
				return other.Line == p.Line && other.Column == p.Column && (other.Message == p.Message || strings.HasPrefix(p.Message, "rules "))
			}
			if !slices.ContainsFunc(all, same) && !strings.Contains(p.Message, "fles") {
				t.Errorf("beside rule %d it is not true that %v", i, p)
			}
		}
	}
}

// told are the problems of rules in the tree.
func told(t *testing.T, rules []string) Problems {
	t.Helper()
	config, err := ReadConfig(ConfigName, []byte("version: 1\nrules:\n  - "+strings.Join(rules, "\n  - ")+"\n"))
	var broken *ConfigError
	if errors.As(err, &broken) {
		err = broken.InTree(t.Context(), faulty, nil)
	} else if err == nil {
		_, err = Build(t.Context(), config, faulty)
	}
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	return problems
}

// TestFaultsAreTold each once, in the order of the places, of the chosen rules.
func TestFaultsAreTold(t *testing.T) {
	text := "version: 1\nrules:\n  - {name: a, fles: x, annotation: s, targets: app.yaml}\n"
	for i := range 3 {
		text += fmt.Sprintf("  - {name: r%d, annotation: s%d, files: &f%d [gone%d, other%d], targets: lost.yaml}\n", i, i, i, i, i)
	}
	text += "  - {name: again, annotation: t, files: *f0, targets: lost.yaml}\n"
	_, err := ReadConfig(ConfigName, []byte(text))
	var broken *ConfigError
	if !errors.As(err, &broken) {
		t.Fatal(err)
	}
	for args, want := range map[string]int{"": 1 + 3*2 + 1, "r1": 1 + 2 + 1, "a": 1, "nobody": 1} {
		var chosen []Arg
		if args != "" {
			chosen = []Arg{{Text: args}}
		}
		var problems Problems
		if err := broken.InTree(t.Context(), faulty, chosen); !errors.As(err, &problems) || len(problems) != want {
			t.Errorf("%q: %d problems, expected %d:\n%v", args, len(problems), want, err)
		}
		if !slices.IsSortedFunc(problems, func(a, b *Problem) int { return a.Line - b.Line }) {
			t.Errorf("not in the order of the file:\n%v", problems)
		}
	}
	if len(broken.Problems) != 1 {
		t.Errorf("the faults of the text are now %v", broken.Problems)
	}
}
