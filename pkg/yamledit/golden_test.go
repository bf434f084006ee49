package yamledit

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

// replacements: the scalar OLD of in becomes value. The bytes that no text
// file shows well stand here, the shapes in testdata/golden.
var replacements = []struct{ name, in, value, want string }{
	{"number", "a: OLD # c\n", "12345678", "a: \"12345678\" # c\n"},
	{"number in flow", "{a: OLD, b: c}", "12345678", "{a: \"12345678\", b: c}"},
	{"float", "a: OLD\n", "12e34567", "a: \"12e34567\"\n"},
	{"float of YAML 1.1", "a: OLD\n", "1_2.3", "a: \"1_2.3\"\n"},
	{"octal", "a: OLD\n", "0777", "a: \"0777\"\n"},
	{"hexadecimal", "a: OLD\n", "0xdeadbeef", "a: \"0xdeadbeef\"\n"},
	{"base 60", "a: OLD\n", "1:30", "a: \"1:30\"\n"},
	{"date", "a: OLD\n", "2026-01-02", "a: \"2026-01-02\"\n"},
	{"boolean", "a: OLD\n", "false", "a: \"false\"\n"},
	{"boolean of YAML 1.1", "a: OLD\n", "off", "a: \"off\"\n"},
	{"null", "a: OLD\n", "null", "a: \"null\"\n"},
	{"infinity", "a: OLD\n", ".inf", "a: \".inf\"\n"},
	{"word", "a: OLD\n", "1e2f3g", "a: 1e2f3g\n"},
	{"number, quoted", "a: 'OLD'\n", "12e34567", "a: '12e34567'\n"},
	{"number in a patch", "a: |\n  - b: OLD\n", "12345678", "a: |\n  - b: \"12345678\"\n"},
	{"number in quotes in quotes", `a: "{\"b\": \"OLD\"}"`, "12345678", `a: "{\"b\": \"12345678\"}"`},
	{"plain number in double quotes", `a: "{b: OLD}"`, "12345678", `a: "{b: \"12345678\"}"`},
	{"plain number in single quotes", `a: '{b: OLD}'`, "12345678", `a: '{b: "12345678"}'`},
	{"tag", "a: !!str OLD\n", "12345678", "a: !!str \"12345678\"\n"},
	{"CRLF", "x: |\r\n  y\r\na: OLD\r\n", "n1", "x: |\r\n  y\r\na: n1\r\n"},
	{"CR", "x: y\ra: OLD\rb: c\r", "n1", "x: y\ra: n1\rb: c\r"},
	{"mixed breaks", "x: y\ra: \"OLD\"\r\nb: c\n", "n1", "x: y\ra: \"n1\"\r\nb: c\n"},
	{"NEL, LS, PS", "x: y\u0085# \u2028\u2029a: OLD\u0085b: c", "n1", "x: y\u0085# \u2028\u2029a: n1\u0085b: c"},
	{"BOM", "\ufeffa: OLD\n", "n1", "\ufeffa: n1\n"},
	{"BOM and flow", "\ufeff{ü: x, a: OLD}", "n1", "\ufeff{ü: x, a: n1}"},
	{"tabs", "a:\tOLD\t# c\n", "n1", "a:\tn1\t# c\n"},
	{"beyond the basic plane", "{😀: 👩‍👩‍👧, é: OLD}\n", "n1", "{😀: 👩‍👩‍👧, é: n1}\n"},
	{"no final newline in a patch", "a: |\n  b: OLD", "n1", "a: |\n  b: n1"},
	{"CRLF in a patch in a patch", "a: |\r\n  b: |\r\n    c: OLD\r\n\r\n", "n1", "a: |\r\n  b: |\r\n    c: n1\r\n\r\n"},
}

func TestReplaceGolden(t *testing.T) {
	for _, c := range replacements {
		t.Run(c.name, func(t *testing.T) {
			got, err := replaceOld([]byte(c.in), c.value)
			if err != nil || string(got) != c.want {
				t.Errorf("got %q, error %v, want %q", got, err, c.want)
			}
		})
	}
}

// replaceOld gives the scalar OLD a new value.
func replaceOld(text []byte, value string) ([]byte, error) {
	file, err := Parse(text)
	if err != nil {
		return nil, err
	}
	edits := NewEdits(file)
	scalars(file, func(f *File, n *yaml.Node) {
		if n.Value == "OLD" && err == nil {
			err = edits.Replace(f, n, value)
		}
	})
	if err != nil {
		return nil, err
	}
	return edits.Bytes()
}
