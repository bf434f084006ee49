package checksum_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gowebpki/jcs"
	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// numbers is the table of RFC 8785, appendix B: the bits of a double and its text.
var numbers = map[uint64]string{
	0x0000000000000000: "0",
	0x8000000000000000: "0",
	0x0000000000000001: "5e-324",
	0x8000000000000001: "-5e-324",
	0x7fefffffffffffff: "1.7976931348623157e+308",
	0xffefffffffffffff: "-1.7976931348623157e+308",
	0x4340000000000000: "9007199254740992",
	0xc340000000000000: "-9007199254740992",
	0x4430000000000000: "295147905179352830000",
	0x44b52d02c7e14af5: "9.999999999999997e+22",
	0x44b52d02c7e14af6: "1e+23",
	0x44b52d02c7e14af7: "1.0000000000000001e+23",
	0x444b1ae4d6e2ef4e: "999999999999999700000",
	0x444b1ae4d6e2ef4f: "999999999999999900000",
	0x444b1ae4d6e2ef50: "1e+21",
	0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
	0x3eb0c6f7a0b5ed8d: "0.000001",
	0x41b3de4355555553: "333333333.3333332",
	0x41b3de4355555554: "333333333.33333325",
	0x41b3de4355555555: "333333333.3333333",
	0x41b3de4355555556: "333333333.3333334",
	0x41b3de4355555557: "333333333.33333343",
	0xbecbf647612f3696: "-0.0000033333333333333333",
	0x43143ff3c1cb0959: "1424953923781206.2",
}

func TestCanonicalNumbersOfTheRFC(t *testing.T) {
	for bits, want := range numbers {
		text := strconv.FormatFloat(math.Float64frombits(bits), 'e', -1, 64)
		if got := canonical(t, checksum.YAML, text); got != want {
			t.Errorf("%x: got %s from %s, want %s", bits, got, text, want)
		}
	}
}

func TestCanonicalExamplesOfTheRFC(t *testing.T) {
	for name, example := range map[string][2]string{
		// Sections 3.2.2 and 3.2.3. YAML 1.1 knows neither \/ nor surrogate pairs: slash and smiley stand as they are.
		"strings and numbers": {
			`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/", "literals": [null, true, false]}`,
			"{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27]," +
				"\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
		},
		"key order": {
			"{\"\\u20ac\": 1, \"\\r\": 2, \"\\ufb33\": 3, \"1\": 4, \"😀\": 5, \"\\u0080\": 6, \"\\u00f6\": 7}",
			"{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
		},
	} {
		if got := canonical(t, checksum.YAML, example[0]); got != example[1] {
			t.Errorf("%s: got\n%s, want\n%s", name, got, example[1])
		}
	}
}

func TestCanonicalReadsAsHelmDoes(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 `null`,
		"# comment\n":                      `null`,
		"---\n":                            `null`,
		"---\na: 1\n...\n":                 `{"a":1}`,
		"\ufeffa: 1\r\n":                   `{"a":1}`,
		"yes: no":                          `{"true":false}`,
		"a: 0777":                          `{"a":511}`,
		"a: 1\na: 2":                       `{"a":2}`,
		"1: a\n2.5: b":                     `{"1":"a","2.5":"b"}`,
		"a: 2001-01-01":                    `{"a":"2001-01-01"}`,
		"a: !custom x":                     `{"a":"x"}`,
		"a: -0.0":                          `{"a":0}`,
		"a: &a {x: 1}\nb: {<<: *a, z: 2}":  `{"a":{"x":1},"b":{"x":1,"z":2}}`,
		"cron: '* * * * *'\nurl: a?b&c":    `{"cron":"* * * * *","url":"a?b&c"}`,
		"a: \"<&>\\u2028\\x7f\"":           "{\"a\":\"<&>\u2028\u007f\"}",
		"a: [12345678901234567, 1e400, ~]": `{"a":[12345678901234568,"1e400",null]}`,
	} {
		if got := canonical(t, checksum.YAML, text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestCanonicalSOPSLeavesOutItsMetadata(t *testing.T) {
	for text, want := range map[string]string{
		"sops: {mac: x}\na: ENC[1]\n":    `{"a":"ENC[1]"}`,
		"a: {sops: kept}\n\"sops\": ~\n": `{"a":{"sops":"kept"}}`,
		"sops: x":                        `{}`,
		"- sops":                         `["sops"]`,
		"sops":                           `"sops"`,
		"":                               `null`,
	} {
		if got := canonical(t, checksum.SOPS, text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestCanonicalBytesAreTheFile(t *testing.T) {
	if got := canonical(t, checksum.Bytes, "a:  1 # [\n---\n"); got != "a:  1 # [\n---\n" {
		t.Errorf("got %q", got)
	}
}

func TestCanonicalRefuses(t *testing.T) {
	const manyDocuments = "holds more than one YAML document, expected one: Helm would read the first alone"
	const equalKeys = `two keys of one map are the same key in JSON, such as 1 and "1"`
	const notFinite = "a number that is .nan or .inf, which JSON cannot write"
	const badKey = "a map key that is null or too large a number, expected text"
	const selfAlias = "an anchor whose value contains itself"
	const badTag = "a value that does not fit its tag"
	for text, want := range map[string]string{
		"a: 1\n---\nb: 2\n":          manyDocuments,
		"a: 1\n---\n":                manyDocuments,
		"[a] b":                      "not valid YAML: did not find expected <document start>",
		"a: 1\nb: [\n":               "line 2: not valid YAML: did not find expected node content",
		"a: 1\nb: 2: 3\n":            "line 2: not valid YAML: mapping values are not allowed in this context",
		"a: \x01":                    "not valid YAML: control characters are not allowed",
		"a: .nan":                    notFinite,
		"a: [1, -.Inf]":              notFinite,
		"1: a\n\"1\": b":             equalKeys,
		"1.1: a\n1.10000000001: b":   equalKeys,
		".nan: a\n.NaN: b":           equalKeys,
		"~: a":                       badKey,
		"18446744073709551615: a":    badKey,
		"1: .nan\n\"1\": b\n~: .nan": badKey,
		"? [hunter2]\n: b":           "a map key that is a list or a map, expected text",
		"password: *hunter2":         "an alias (*name) without an anchor (&name) before it; text that begins with * must be quoted",
		"password: !!int hunter2":    badTag,
		"password: !!float hunter2":  badTag,
		"a: &a [*a]":                 "line 1: " + selfAlias,
		"a: &a\n  <<: *a\n  b: 1\n":  "line 2: " + selfAlias,
		"&a : *b":                    "an alias (*name) without an anchor (&name) before it; text that begins with * must be quoted",
		"a: \"\\q\"\n":               "not valid YAML: found unknown escape character",
		"a: !!binary '%%'":           "not valid YAML: !!binary value contains invalid base64 data",
		"<<: hunter2":                "not valid YAML: map merge requires map or sequence of maps as the value",
	} {
		_, err := checksum.Canonical(checksum.YAML, []byte(text))
		wantContentError(t, err, want)
	}
}

func TestCanonicalRefusesBombs(t *testing.T) {
	const tooLarge = "expands through its aliases to more than 8 MiB, expected no more than that for content: yaml or sops"
	const tooDeep = "nests too deep, expected at most 10000 levels"
	fat := "a: &a " + strings.Repeat("x", 1<<20) + "\n"
	for name, bomb := range map[string][2]string{
		"billion laughs":      {billionLaughs(), tooLarge},
		"one large text":      {fat + "b: [" + strings.Repeat("*a,", 100) + "]", tooLarge},
		"in a key":            {fat + "? [" + strings.Repeat("*a,", 100) + "]\n: b", tooLarge},
		"many small":          {"a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [" + strings.Repeat("*a,", 1000) + "]\nc: [" + strings.Repeat("*b,", 1000) + "]", tooLarge},
		"brackets":            {strings.Repeat("[", 100_000), tooDeep},
		"closed brackets":     {strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), tooDeep},
		"braces":              {strings.Repeat("{a: ", 100_000), tooDeep},
		"dashes":              {strings.Repeat("- ", 100_000), tooDeep},
		"question marks":      {strings.Repeat("? ", 100_000), tooDeep},
		"dashes and brackets": {strings.Repeat("- ", 9000) + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), tooDeep},
		"chain of aliases":    {chain(300, 100), tooDeep},
	} {
		_, err := checksum.Canonical(checksum.YAML, []byte(bomb[0]))
		t.Log(name)
		wantContentError(t, err, bomb[1])
	}
}

func TestCanonicalAcceptsTheDeepestDocument(t *testing.T) {
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	if got := canonical(t, checksum.SOPS, deep); got != deep {
		t.Error("10000 levels changed")
	}
}

func billionLaughs() string {
	text := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		text += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
	}
	return text
}

// chain is a list of anchored values, each levels deeper than the one before, which it names.
func chain(links, levels int) string {
	text := "- &a0 x\n"
	for i := range links {
		text += fmt.Sprintf("- &a%d %s*a%d%s\n", i+1, strings.Repeat("[", levels), i, strings.Repeat("]", levels))
	}
	return text
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		"", "a: 1\nb: [x, 'y', \"z\\n\"]\n", "a: &a {x: 1}\nb: {<<: *a}\n", "yes: no\n1.5: ~\n", "a: |\n  x\n  y\n", "sops: {}\n\"<<\": 1",
		"😀: \"\\x7f\\u2028\\U0001F600\"", "a: 1e400\nb: -0.0\nc: 1:30\nd: 0b11\ne: 1_0\n", "a: !!binary /w==\n", "- - - 1\n", "--- a\n--- b", "? a\n", ".inf: 1",
		"? " + strings.Repeat("k", 300) + "\n: 1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := checksum.Canonical(checksum.YAML, data)
		again, errAgain := checksum.Canonical(checksum.YAML, data)
		if !bytes.Equal(first, again) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
			t.Fatalf("differs from run to run: %q, %v and %q, %v", first, err, again, errAgain)
		}
		if err != nil {
			mustBeContentError(t, err)
			return
		}
		checkAgainstHelm(t, data, first)
		checkCanonicalOfCanonical(t, first)
	})
}

// checkAgainstHelm reads data as Helm does; the canonical form must say the same and lose no key.
func checkAgainstHelm(t *testing.T, data, got []byte) {
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		t.Fatalf("%q: Helm refuses what was accepted: %v", data, err)
	}
	plain, _ := json.Marshal(value)
	if want, err := jcs.Transform(plain); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%q: got %s, want %s, %v", data, got, want, err)
	}
	var tree any
	yamlv2.Unmarshal(data, &tree)
	if countKeys(tree) != countKeys(value) {
		t.Fatalf("%q: a key was lost in %s", data, got)
	}
}

func countKeys(value any) (n int) {
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			n += 1 + countKeys(v)
		}
	case map[any]any:
		for _, v := range value {
			n += 1 + countKeys(v)
		}
	case []any:
		for _, v := range value {
			n += countKeys(v)
		}
	}
	return n
}

// checkCanonicalOfCanonical writes the value anew with other white space, key order, escapes and comments.
func checkCanonicalOfCanonical(t *testing.T, want []byte) {
	if again, err := jcs.Transform(want); err != nil || !bytes.Equal(again, want) {
		t.Fatalf("canonical of %s: got %s, %v", want, again, err)
	}
	var value any
	json.Unmarshal(want, &value)
	written := "# comment\n" + rewrite(value, " ") + " # comment"
	if again, err := checksum.Canonical(checksum.YAML, []byte(written)); err != nil || !bytes.Equal(again, want) {
		t.Fatalf("canonical of\n%s\ngot  %s, %v\nwant %s", written, again, err, want)
	}
}

// rewrite writes a value as flow YAML over many lines, keys backwards, with comments and needless escapes.
// Keys are explicit (? key : value), since YAML allows an implicit one no more than 1024 characters.
func rewrite(value any, indent string) string {
	parts := []string{}
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Backward(slices.Sorted(maps.Keys(value))) {
			parts = append(parts, "? "+rewrite(key, "")+" : "+rewrite(value[key], indent+"  "))
		}
		return "{ # comment\n" + indent + strings.Join(parts, ", # comment\n"+indent) + "}"
	case []any:
		for _, v := range value {
			parts = append(parts, rewrite(v, indent+"  "))
		}
		return "[ # comment\n" + indent + strings.Join(parts, " ,\n"+indent) + "]"
	case string:
		for _, r := range value {
			parts = append(parts, fmt.Sprintf(`\U%08x`, r))
		}
		return `"` + strings.Join(parts, "") + `"`
	case float64:
		return strconv.FormatFloat(value, 'e', -1, 64)
	}
	plain, _ := json.Marshal(value)
	return string(plain)
}

func canonical(t *testing.T, content checksum.Content, text string) string {
	t.Helper()
	got, err := checksum.Canonical(content, []byte(text))
	if err != nil {
		t.Errorf("%.60q: %v", text, err)
	}
	return string(got)
}

func mustBeContentError(t *testing.T, err error) {
	t.Helper()
	var found *checksum.ContentError
	if !errors.As(err, &found) || found.Msg == "" {
		t.Fatalf("got %T %v, want a ContentError", err, err)
	}
}

func wantContentError(t *testing.T, err error, want string) {
	t.Helper()
	wantError(t, err, want)
	if err != nil {
		mustBeContentError(t, err)
	}
}

func BenchmarkCanonical(b *testing.B) {
	data := bytes.Repeat([]byte("- name: some-key # comment\n  value: 'some value'\n"), 100)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := checksum.Canonical(checksum.YAML, data); err != nil {
			b.Fatal(err)
		}
	}
}
