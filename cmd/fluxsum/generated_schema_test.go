package main

import (
	"encoding/json"
	"iter"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// schemaFile is where editors find the schema, on the main branch.
var schemaFile = strings.TrimPrefix(fluxsum.SchemaURL, "https://raw.githubusercontent.com/fluxsum/fluxsum/main/")

// configSchema is the JSON Schema of .fluxsum.yaml: keys, descriptions, defaults
// and examples from the types, and what the reader wants of them beyond a type.
// It is of draft 7, the one that all editors know.
func configSchema(t *testing.T) map[string]string {
	s := reflectConfig(t)
	s.Version, s.ID = "http://json-schema.org/draft-07/schema#", jsonschema.ID(fluxsum.SchemaURL)
	s.Title = fluxsum.ConfigName
	s.Definitions["Path"] = pathSchema()
	s.Definitions["Path"].Description = "A path, or a glob, from the folder of " + fluxsum.ConfigName + " on."
	restrictConfig(s)
	restrictRule(s.Definitions["Rule"])
	restrictTarget(s.Definitions["Target"])
	restrictIgnore(s.Definitions["Ignore"])
	describeKeys(t, s)
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	// Draft 7 has another name for them.
	return map[string]string{schemaFile: strings.ReplaceAll(string(text), "$defs", "definitions") + "\n"}
}

// reflectConfig is the schema that the types and their comments give.
func reflectConfig(t *testing.T) *jsonschema.Schema {
	r := &jsonschema.Reflector{ExpandedStruct: true, Mapper: fewWords}
	if err := r.AddGoComments("github.com/fluxsum/fluxsum/cmd/fluxsum", "../../pkg/fluxsum", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	return r.Reflect(&fluxsum.Config{})
}

// fewWords are the types that have few values.
func fewWords(of reflect.Type) *jsonschema.Schema {
	switch of {
	case reflect.TypeFor[checksum.Algorithm]():
		return oneOf(checksum.Algorithms())
	case reflect.TypeFor[checksum.Content]():
		return oneOf(checksum.Contents())
	}
	return nil
}

func oneOf[T ~string](all []T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, word := range all {
		s.Enum = append(s.Enum, word)
	}
	return s
}

func restrictConfig(s *jsonschema.Schema) {
	keyOf(s, "version").Const = fluxsum.Version
	ignore := keyOf(s, "ignore")
	oneOrList(ignore, ignore.Items)
}

func restrictRule(s *jsonschema.Schema) {
	restrict(keyOf(s, "name"), ruleName, "letters, digits and ._/- with a letter or digit first")
	keyOf(s, "annotation").MinLength = atLeast(1)
	oneOrList(keyOf(s, "files"), pathRef)
	targets := keyOf(s, "targets")
	oneOrList(targets, pathRef, targets.Items)
	s.AllOf = []*jsonschema.Schema{
		{If: targetsHold(without("marker")), Then: &jsonschema.Schema{Required: []string{"annotation"}}},
		{If: targetsHold(inAnnotations()), Then: having("annotation", restrict(&jsonschema.Schema{}, annotationKey, "[DNS-NAME/]NAME, the name of letters, digits and -_. with a letter or digit at both ends"))},
		{If: without("name"), Then: having("annotation", restrict(&jsonschema.Schema{}, ruleName, "letters, digits and ._/- with a letter or digit first, or the key name beside it"))},
	}
}

func restrictTarget(s *jsonschema.Schema) {
	for _, name := range []string{"kind", "name", "namespace"} {
		keyOf(s, name).MinLength = atLeast(1)
	}
	*keyOf(s, "file") = *describedAs(pathSchema(), keyOf(s, "file"))
	restrict(keyOf(s, "path"), fieldPath, "keys with dots between them, as in spec.template.metadata.annotations")
	restrict(keyOf(s, "marker"), markerText, "one line without # and without space at its ends")
	alone := jsonschema.NewProperties()
	for _, name := range []string{"kind", "name", "namespace", "path"} {
		alone.Set(name, jsonschema.FalseSchema)
	}
	s.If, s.Then = &jsonschema.Schema{Required: []string{"marker"}}, &jsonschema.Schema{Properties: alone}
}

func restrictIgnore(s *jsonschema.Schema) {
	keyOf(s, "finding").Enum = oneOf(fluxsum.Findings()).Enum
	*keyOf(s, "file") = *describedAs(pathSchema(), keyOf(s, "file"))
	keyOf(s, "reason").MinLength = atLeast(1)
}

// What the reader wants of strings, as far as it can be said in the expressions
// that are the same in JavaScript and in Go.
const (
	ruleName          = `^[A-Za-z0-9][A-Za-z0-9._/-]*$`
	annotationKey     = `^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`
	fieldPath         = `^[^/.]`
	markerText        = `^[^ \t\r\n#]([^\r\n#]*[^ \t\r\n#])?$`
	belowRoot         = `^(\./+)*(\.?($|[^./])|\.\.[^/])`
	endsInAnnotations = `^(.*[^\\]\.)?metadata\.annotations$`
)

var pathRef = &jsonschema.Schema{Ref: "#/$defs/Path"}

// pathSchema is a path or glob that does not begin outside of the root.
func pathSchema() *jsonschema.Schema {
	return restrict(&jsonschema.Schema{Type: "string"}, belowRoot, "a path or glob below the folder of "+fluxsum.ConfigName+", neither absolute nor with .. in front")
}

// restrict wants a string, not empty, of the pattern; an editor says otherwise
// what was expected.
func restrict(s *jsonschema.Schema, pattern, expected string) *jsonschema.Schema {
	s.Pattern, s.MinLength = pattern, atLeast(1)
	s.Extras = map[string]any{"patternErrorMessage": "expected " + expected}
	return s
}

// describedAs is s with what the types say of a key.
func describedAs(s, key *jsonschema.Schema) *jsonschema.Schema {
	s.Description, s.Examples = key.Description, key.Examples
	return s
}

// oneOrList makes of a list one that takes one entry without the list, too.
func oneOrList(s *jsonschema.Schema, entries ...*jsonschema.Schema) {
	entry := &jsonschema.Schema{AnyOf: entries}
	if len(entries) == 1 {
		entry = entries[0]
	}
	s.Type, s.Items = "", nil
	s.AnyOf = append(entries, &jsonschema.Schema{Type: "array", Items: entry, MinItems: atLeast(1)})
}

// targetsHold is true of a rule with a target for which what is true.
func targetsHold(what *jsonschema.Schema) *jsonschema.Schema {
	some := &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, what}}
	s := having("targets", &jsonschema.Schema{AnyOf: append(some.AnyOf, &jsonschema.Schema{Type: "array", Contains: some})})
	s.Required = []string{"targets"}
	return s
}

// inAnnotations is a target in a metadata.annotations map.
func inAnnotations() *jsonschema.Schema {
	s := without("marker")
	s.Properties = having("path", &jsonschema.Schema{Pattern: endsInAnnotations}).Properties
	return s
}

func without(name string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", Not: &jsonschema.Schema{Required: []string{name}}}
}

func having(name string, s *jsonschema.Schema) *jsonschema.Schema {
	properties := jsonschema.NewProperties()
	properties.Set(name, s)
	return &jsonschema.Schema{Properties: properties}
}

// keysOf yields each key of the config as docs/config.md writes it.
func keysOf(s *jsonschema.Schema) iter.Seq2[string, *jsonschema.Schema] {
	return func(yield func(string, *jsonschema.Schema) bool) {
		for prefix, of := range map[string]*jsonschema.Schema{"": s, "rules[].": s.Definitions["Rule"], "targets[].": s.Definitions["Target"], "ignore[].": s.Definitions["Ignore"]} {
			for p := of.Properties.Oldest(); p != nil; p = p.Next() {
				if !yield(prefix+p.Key, p.Value) {
					return
				}
			}
		}
	}
}

// describeKeys writes what an editor shows of the config and of each key, with a link
// to its section. The lines of comments are no lines of a text.
func describeKeys(t *testing.T, s *jsonschema.Schema) {
	sections := sectionsOf(t, "../../docs/config.md")
	explain := func(s *jsonschema.Schema, anchor string) {
		s.Description = strings.ReplaceAll(s.Description, "\n", " ")
		if s.Extras == nil {
			s.Extras = map[string]any{}
		}
		s.Extras["markdownDescription"] = s.Description + " ([more](https://github.com/fluxsum/fluxsum/blob/main/docs/config.md" + anchor + "))"
	}
	explain(s, "")
	for name, property := range keysOf(s) {
		if sections[name] == "" {
			t.Errorf("docs/config.md has no section on `%s`", name)
		}
		explain(property, "#"+sections[name])
	}
	for _, definition := range s.Definitions {
		definition.Description = strings.ReplaceAll(definition.Description, "\n", " ")
	}
}

var (
	headingLine = regexp.MustCompile("(?m)^#+ (.*)$")
	inlineCode  = regexp.MustCompile("`([^`]+)`")
)

// sectionsOf are the anchors that GitHub gives the headings of a page, by the code
// in them.
func sectionsOf(t *testing.T, page string) map[string]string {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, h := range headingLine.FindAllStringSubmatch(string(text), -1) {
		for _, c := range inlineCode.FindAllStringSubmatch(h[1], -1) {
			all[c[1]] = slugOf(h[1])
		}
	}
	return all
}

func keyOf(s *jsonschema.Schema, name string) *jsonschema.Schema {
	property, ok := s.Properties.Get(name)
	if !ok {
		panic("no key " + name)
	}
	return property
}

func atLeast(n uint64) *uint64 { return &n }
