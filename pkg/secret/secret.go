// Package secret tells from the bytes of a file whether it holds what must not
// be printed. The package is pure.
package secret

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/pkg/yamledit"
)

// Why says what in a text must not be printed, as in "a SOPS file"; "" when
// nothing in it is known to be secret.
//
// That is what SOPS has encrypted, be it as YAML, JSON, dotenv or ini; a Secret,
// also one inside of something else, as in a patch or in the values of a chart;
// and what stands in the secretGenerator of a kustomization.
func Why(text []byte) string {
	if isSOPS(text) {
		return "a SOPS file"
	}
	docs, err := yamledit.Nodes(text, nil)
	for _, doc := range docs {
		if why := within(doc); why != "" {
			return why
		}
	}
	if err != nil {
		return written(string(text))
	}
	return ""
}

// isSOPS says whether a text carries the metadata of SOPS, or a value that it
// has encrypted.
// Source: github.com/getsops/sops stores: the metadata has a MAC and stands
// under the key sops, or in variables that begin with sops_.
func isSOPS(text []byte) bool {
	return bytes.Contains(text, []byte("ENC[AES256_GCM,")) || bytes.Contains(text, []byte("mac")) && metadata().Match(text)
}

var metadata = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*[{,]?\s*["']?sops["']?\s*:|^sops_mac\s*=|^\[sops\]`)
})

// within looks through a document. Aliases are not followed: what they stand
// for is looked at where it stands.
func within(n *yaml.Node) string {
	switch n.Kind {
	case yaml.ScalarNode:
		return written(n.Value)
	case yaml.MappingNode:
		if why := ofMap(n); why != "" {
			return why
		}
	}
	for _, c := range n.Content {
		if why := within(c); why != "" {
			return why
		}
	}
	return ""
}

// ofMap says whether a map is a Secret, or holds the inputs of one.
func ofMap(n *yaml.Node) string {
	isSecret, hasData := false, false
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		switch key.Value {
		case "kind":
			isSecret = isSecret || strings.HasPrefix(value.Value, "Secret") && isData(value.Value)
		case "data", "stringData", "items":
			hasData = true
		case "secretGenerator":
			return generated
		}
	}
	if isSecret && hasData {
		return "a Secret"
	}
	return ""
}

const generated = "what a secretGenerator reads"

// isData says whether objects of a kind hold what is secret, and not only its
// name.
func isData(kind string) bool {
	return kind == "Secret" || kind == "SecretList" || kind == "SecretGenerator"
}

// written says whether a text that may be no YAML, such as a template or the
// text of a patch, looks like a Secret.
func written(text string) string {
	switch {
	case strings.Contains(text, "secretGenerator"):
		return generated
	case strings.Contains(text, "Secret") && manifest().MatchString(text) && fields().MatchString(text):
		return "a Secret"
	}
	return ""
}

var (
	manifest = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bkind["']?\s*:\s*["']?Secret\b`) })
	fields   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b(data|stringData)["']?\s*:`) })
)
