package delta

import (
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	const (
		web  = "kind: Service\nmetadata: {name: web}\nspec: {port: 80, type: a}\n"
		db   = "kind: Service\nmetadata: {name: db}\nspec: {port: 90}\n"
		ini  = "; of the shop\n[db]\nuser = bob\npassword = one\n[web]\nuser = bob\n[sops]\nmac = a\nversion = 1\n"
		vars = "# of the shop\nA=1\nB=two words\nexport C=3\nsops_mac=a\nsops_version=1\n"
		tmpl = "{{ if .a }}\nA=1\na: b\n{{ end }}\n"
	)
	for name, c := range map[string]struct {
		old, new string
		want     int
	}{
		"equal":                 {web, web, 0},
		"one value":             {web, "# new\nkind: Service\nmetadata: {name: web}\nspec: {type: a, port: 81}\n", 1},
		"added and removed":     {"a: 1\nb: 2\n", "b: 2\nc: 3\nd: 4\n", 3},
		"other type":            {"a: 1\n", "a: \"1\"\n", 1},
		"of nothing":            {"", "a: 1\nb: {c: 2}\n", 2},
		"to nothing":            {"a: 1\nb: {c: 2}\n", "# empty\n", 2},
		"list":                  {"a: [1, 2]\n", "a: [1, 3, 4]\n", 2},
		"empty map":             {"a: {}\n", "a: []\n", 1},
		"JSON":                  {`{"a": {"b": 1}, "c": 2}`, "{\n  \"a\": {\"b\": 3},\n  \"c\": 2\n}", 1},
		"SOPS":                  {"a: 1\nsops: {mac: x}\n", "a: 1\nsops: {mac: y, age: z}\n", 0},
		"key sops further down": {"a: {sops: 1}\n", "a: {sops: 2}\n", 1},

		"object in front":      {web, db + "---\n" + web, 3},
		"object in front away": {db + "---\n" + web, web, 3},
		"objects in order":     {db + "---\n" + web, web + "---\n" + db, 0},
		"object renamed":       {web, "kind: Service\nmetadata: {name: new}\nspec: {port: 80, type: a}\n", 1},
		"other namespace":      {web + "---\n" + web, "kind: Service\nmetadata: {name: web, namespace: b}\nspec: {port: 80, type: a}\n---\n" + web, 1},
		"twice the same":       {web + "---\n" + web, web + "---\n" + web, 0},
		"document in front":    {"a: 1\n---\nb: 2\n", "x: 1\ny: 2\n---\na: 1\n---\nb: 2\n", 2},
		"document behind":      {"a: 1\n---\nb: 2\n", "a: 1\n---\nb: 2\n---\nx: 1\n", 1},
		"empty documents":      {"---\na: 1\n", "---\n---\n# nothing\n---\na: 1\n---\n", 0},

		"dotenv":              {vars, "A=1\nB=two  words\nexport C=3\nsops_mac=b\nsops_version=2\n", 1},
		"dotenv like YAML":    {"A=x: y\nB=1\n", "A=x: z\nB=1\n", 1},
		"dotenv, one line":    {"A=\"x: y\"\n", "A=\"x: z\"\nB=1\n", 2},
		"dotenv, CRLF":        {"A=1\r\nB=2\r\n", "A=1\nB=3\n", 1},
		"dotenv, BOM":         {"\ufeffA=1\n", "A=1\n", 0},
		"dotenv, many lines":  {"A=\"one\ntwo\"\nB=1\n", "A=\"one\nthree\"\nB=1\n", 1},
		"dotenv, of nothing":  {"", vars, 3},
		"ini":                 {ini, "[db]\nuser = bob\npassword=two\n[web]\nuser = eve\n[sops]\nmac = b\nage = c\n", 2},
		"ini, other section":  {"[a]\nx=1\n", "[b]\nx=1\n", 2},
		"ini, key of words":   {"[a]\nx y=1\n", "[a]\nx y=2\n", 1},
		"variables from YAML": {"a: 1\n", "A=1\nB=2\n", 3},

		"no YAML any more": {"a: 1\nb: 2\n", tmpl, 0},
		"no YAML before":   {tmpl, "A=1\nB=2\n", 0},
		"no YAML":          {tmpl, tmpl + "x", 0},
		"words":            {"hello\n", "hello, world\n", 0},
		"not UTF-8":        {"a: \xff\n", "a: 1\n", 0},
		"a list":           {"[a]\n", "[b]\n", 1},
	} {
		if got := changedKeys([]byte(c.old), []byte(c.new)); got != c.want {
			t.Errorf("%s: %d, expected %d", name, got, c.want)
		}
		if got := changedKeys([]byte(c.new), []byte(c.old)); got != c.want {
			t.Errorf("%s, the other way: %d, expected %d", name, got, c.want)
		}
	}
}

// What is nested or continued to do harm costs no more than its size.
func TestKeysOfHarmfulTexts(t *testing.T) {
	nested := "? " + strings.Repeat("k", 20_000) + "\n: [" + strings.Repeat("0,", 100_000) + "0]\n"
	if got := changedKeys([]byte(nested), []byte(nested+"b: 1\n")); got != 0 {
		t.Errorf("%d keys, expected that none are told", got)
	}
	continued := "A=1\n" + strings.Repeat("x\n", 400_000)
	if got := changedKeys([]byte(continued), []byte(continued+"y\n")); got != 1 {
		t.Errorf("%d keys, expected 1", got)
	}
}
