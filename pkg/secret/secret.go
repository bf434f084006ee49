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
// what a JSON 6902 patch writes into one; and what stands in the
// secretGenerator of a kustomization. What may be a Secret counts as one.
func Why(text []byte) string {
	if isSOPS(text) {
		return "a SOPS file"
	}
	return search{}.text(string(text))
}

const (
	aSecret   = "a Secret"
	generated = "what a secretGenerator reads"
)

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

// search looks through a text and the texts inside of it.
type search struct {
	aim   aim
	depth int // how many texts are around
}

// maxDepth is that of texts inside of texts which are read as YAML; a deeper one
// is looked at as a whole.
const maxDepth = 8

func (s search) text(text string) string {
	docs, err := yamledit.Nodes([]byte(text), nil)
	for _, doc := range docs {
		why := ""
		if doc.Kind == yaml.ScalarNode {
			why = s.written(doc.Value)
		} else {
			why = s.within(doc)
		}
		if why != "" {
			return why
		}
	}
	if err != nil {
		return s.written(text)
	}
	return ""
}

// within looks through a document. Aliases are not followed: what they stand
// for is looked at where it stands.
func (s search) within(n *yaml.Node) string {
	switch n.Kind {
	case yaml.ScalarNode:
		return s.scalar(n.Value)
	case yaml.MappingNode:
		return s.object(n)
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if why := s.within(c); why != "" {
				return why
			}
		}
	}
	return ""
}

// scalar looks into a value, which may be YAML or JSON itself: a patch, or a file
// in a ConfigMap.
func (s search) scalar(value string) string {
	if s.depth < maxDepth && strings.ContainsAny(value, "\n{[") {
		return search{s.aim, s.depth + 1}.text(value)
	}
	return s.written(value)
}

// object looks at a map, and at what is in it.
func (s search) object(n *yaml.Node) string {
	of := fieldsOf(n)
	if why := of.why(s.aim); why != "" {
		return why
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		below, value := s, n.Content[i+1]
		if of.target != nil && resolve(n.Content[i]).Value == "patch" {
			below.aim, value = aimOf(of.target), resolve(value)
		}
		if why := s.within(n.Content[i]); why != "" {
			return why
		}
		if why := below.within(value); why != "" {
			return why
		}
	}
	return ""
}
