package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// hostile is what a name, or a message with names in it, may hold.
const hostile = "a\nb\r%0A ]]> <b>&amp; \x1b[31m \x00 ::error:: , \xff\xfe \u2028 \ufffe"

// review has one issue of each sort, in two commits, with a text in every place.
func review(text string) *Review {
	result := func(state fluxsum.State) fluxsum.Result {
		return fluxsum.Result{Rule: text, State: state, Files: []string{text, "b", "c", "d"}, Annotation: text, Computed: "0123456789", Message: text,
			Target: fluxsum.Place{File: text, Line: 3, Column: 5, Kind: text, Name: text}}
	}
	failed := result(fluxsum.Failed)
	failed.Problems = fluxsum.Problems{{File: text, Line: 2, Column: 1, Message: text, Details: []string{text}, Hint: text}}
	plan := &fluxsum.Plan{
		Results:  []fluxsum.Result{result(fluxsum.OK), result(fluxsum.Stale), result(fluxsum.Missing), failed},
		Findings: []fluxsum.Finding{{Code: fluxsum.SplitApply, Level: fluxsum.Warning, Rule: text, File: text, Line: 7, Message: text}, {Code: fluxsum.NativeWatch, Level: fluxsum.Note, File: text, Message: text}},
	}
	unread := Tree{Name: strings.Repeat("a", 40), Plan: &fluxsum.Plan{}, Problems: fluxsum.Problems{{File: text, Message: text + "!"}, {Message: text}}}
	return &Review{Version: "v1.2.3", Trees: []Tree{unread, {Name: strings.Repeat("b", 40), Plan: plan, Prefix: "sub", Cure: "run it"}}}
}

// FuzzReview: whatever stands in names and messages, each format can be read, has
// every issue, and no control characters but ends of lines.
func FuzzReview(f *testing.F) {
	for _, text := range []string{"", "plain", hostile, "]]>]]>", "\u009b31m", "a:b", "./x", "//x", "%zz", "{0}", "=", "..", "\xed\xa0\x80"} {
		f.Add(text)
	}
	schema := schemaOfSARIF(f)
	f.Fuzz(func(t *testing.T, text string) {
		r := review(text)
		issues := len(r.issues())
		readSARIF(t, schema, render(t, SARIF, r), issues)
		readJUnit(t, render(t, JUnit, r))
		readGitLab(t, render(t, GitLab, r), issues)
		lines := strings.Split(strings.TrimSuffix(string(render(t, GitHub, r)), "\n"), "\n")
		if len(lines) != issues || slices.ContainsFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "::") }) {
			t.Errorf("%d issues as %q", issues, lines)
		}
	})
}

func render(t *testing.T, format func(io.Writer, *Review) error, r *Review) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := format(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, c := range b.String() {
		if c != '\n' && unicode.IsControl(c) {
			t.Fatalf("%q stands in it", c)
		}
	}
	if !utf8.Valid(b.Bytes()) {
		t.Fatal("is not UTF-8")
	}
	return b.Bytes()
}

func schemaOfSARIF(t testing.TB) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../../testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func readSARIF(t *testing.T, schema *jsonschema.Schema, text []byte, issues int) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				Locations []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	if n := len(log.Runs[0].Results); n != issues {
		t.Errorf("%d results, expected %d", n, issues)
	}
	for _, result := range log.Runs[0].Results {
		for _, l := range result.Locations {
			if u, err := url.Parse(l.PhysicalLocation.ArtifactLocation.URI); err != nil || u.Scheme != "" || u.Host != "" {
				t.Errorf("%q: %v", l.PhysicalLocation.ArtifactLocation.URI, err)
			}
		}
	}
}

func readJUnit(t *testing.T, text []byte) {
	t.Helper()
	var report junitReport
	if err := xml.Unmarshal(text, &report); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if report.Tests != 6 || report.Failures != 2 || report.Errors != 3 {
		t.Errorf("%+v", report.junitCounts)
	}
	for dec := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func readGitLab(t *testing.T, text []byte, issues int) {
	t.Helper()
	var all []codeQuality
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, i := range all {
		seen[i.Fingerprint] = true
	}
	if len(seen) != issues {
		t.Errorf("%d fingerprints, expected %d", len(seen), issues)
	}
}

// TestEveryCodeHasAKind: SARIF describes all that it may tell.
func TestEveryCodeHasAKind(t *testing.T) {
	known := map[string]bool{}
	for _, k := range kinds() {
		known[k.code] = true
	}
	for _, code := range append(fluxsum.Findings(), staleChecksum, missingChecksum, notVerified) {
		if !known[code] {
			t.Errorf("%s has no kind", code)
		}
	}
}
