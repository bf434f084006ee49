package torture_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"sigs.k8s.io/yaml"
)

// The oracle tells what is true of a tree without a line of fluxsum. It knows how the
// generator lays files out, and has coreutils hash them.

// rule is one of the config, as the generator writes it.
type rule struct {
	Name       string   `json:"name"`
	Algorithm  string   `json:"algorithm"`
	Content    string   `json:"content,omitempty"`
	Files      any      `json:"files"` // a path, or a list of paths and globs
	Annotation string   `json:"annotation"`
	Targets    []target `json:"targets"`
}

type target struct {
	File   string `json:"file"`
	Kind   string `json:"kind,omitempty"`
	Name   string `json:"name,omitempty"`
	Marker string `json:"marker,omitempty"`
}

const configName = ".fluxsum.yaml"

// rulesOf reads the config of a tree.
func rulesOf(t tree) (rules []rule, err error) {
	f, ok := t[configName]
	if !ok {
		return nil, errors.New("no config")
	}
	var config struct {
		Version int    `json:"version"`
		Rules   []rule `json:"rules"`
	}
	if err := yaml.UnmarshalStrict([]byte(f.text), &config); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, r := range config.Rules {
		if names[r.Name] {
			return nil, errors.New("two rules " + r.Name)
		}
		names[r.Name] = true
	}
	return config.Rules, nil
}

// patterns are the entries of files; single says that the checksum is that of one file.
func (r rule) patterns() (all []string, single bool) {
	if name, ok := r.Files.(string); ok {
		all = []string{name}
	}
	if list, ok := r.Files.([]any); ok {
		for _, item := range list {
			all = append(all, item.(string))
		}
	}
	return all, len(all) == 1 && !strings.Contains(all[0], "*")
}

// matches says whether a path or glob of the generator's is for a name.
func matches(pattern, name string) bool {
	if !strings.Contains(pattern, "*") {
		return pattern == name
	}
	text := strings.NewReplacer(`\*\*/`, "(?:.*/)?", `\*`, "[^/]*").Replace(regexp.QuoteMeta(pattern))
	return regular("^" + text + "$").MatchString(name)
}

var expressions sync.Map // text -> *regexp.Regexp

func regular(text string) *regexp.Regexp {
	if r, ok := expressions.Load(text); ok {
		return r.(*regexp.Regexp)
	}
	r := regexp.MustCompile(text)
	expressions.Store(text, r)
	return r
}

// reads says whether a rule has a file as its source.
func (r rule) reads(name string) bool {
	patterns, _ := r.patterns()
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// writes says whether a rule has a file as its target.
func (r rule) writes(name string) bool {
	return slices.ContainsFunc(r.Targets, func(t target) bool { return t.File == name })
}

// sources are the files of a tree that a rule reads, sorted bytewise.
func (r rule) sources(t tree) (all []string, err error) {
	patterns, _ := r.patterns()
	for _, p := range patterns {
		matched := slices.DeleteFunc(keys(t), func(name string) bool { return !matches(p, name) })
		if len(matched) == 0 {
			return nil, errors.New(p + " matches nothing")
		}
		all = append(all, matched...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// sum computes the checksum of a rule.
func (r rule) sum(t tree) (string, error) {
	sources, err := r.sources(t)
	if err != nil {
		return "", err
	}
	_, single := r.patterns()
	listing := ""
	for _, name := range sources {
		text, err := r.hashed(t[name].text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		sum := digest(r.Algorithm, text)
		if single {
			return sum, nil
		}
		listing += sum + "  " + name + "\n"
	}
	return digest(r.Algorithm, listing), nil
}

// conflict is how git marks one.
var conflict = regexp.MustCompile(`(?m)^<<<<<<< [^\n]*$(?s:.*)^=======\r?$(?s:.*)^>>>>>>> `)

// hashed is what of a source counts.
func (r rule) hashed(text string) (string, error) {
	if conflict.MatchString(text) {
		return "", errors.New("has conflict markers")
	}
	if r.Content != "yaml" {
		return text, nil
	}
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return "", err
	}
	canonical, err := json.Marshal(value) // sorted keys; the generator has plain values
	return string(canonical), err
}

var known sync.Map // algorithm and text -> digest

// digest asks coreutils.
func digest(algorithm, text string) string {
	key := algorithm + " " + text
	if sum, ok := known.Load(key); ok {
		return sum.(string)
	}
	cmd := exec.Command(algorithm + "sum")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		panic(err)
	}
	sum := string(bytes.Fields(out)[0])
	known.Store(key, sum)
	return sum
}

// needCoreutils skips a test where they are missing.
func needCoreutils(t *testing.T) {
	for _, algorithm := range []string{"md5", "sha1", "sha256", "sha512"} {
		if _, err := exec.LookPath(algorithm + "sum"); err != nil {
			t.Skipf("%ssum is not installed", algorithm)
		}
	}
}

// spans finds where the checksums of a rule stand in a text.
func (r rule) spans(t target, text string) [][]int {
	if t.Marker != "" {
		return regular(`(?m)[=: ]["']?([0-9A-Za-z]+)["']?[ \t]+# `+regexp.QuoteMeta(t.Marker)+`\r?$`).FindAllStringSubmatchIndex(text, -1)
	}
	key := regexp.QuoteMeta(r.Annotation)
	pointer := regexp.QuoteMeta(strings.ReplaceAll(r.Annotation, "/", "~1"))
	return regular(`(?:`+key+`["']?: |`+pointer+`["']?\r?\n\s+value: )["']?([0-9A-Za-z]+)["']?`).FindAllStringSubmatchIndex(text, -1)
}

// recorded returns the checksum of a rule in a text; ok is false when it stands there not
// once.
func (r rule) recorded(t target, text string) (value string, ok bool) {
	spans := r.spans(t, text)
	if len(spans) != 1 {
		return "", false
	}
	return text[spans[0][2]:spans[0][3]], true
}

// replaced returns a text with another checksum of a rule.
func (r rule) replaced(t target, text, value string) string {
	span := r.spans(t, text)[0]
	return text[:span[2]] + value + text[span[3]:]
}
