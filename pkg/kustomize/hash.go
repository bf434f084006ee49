package kustomize

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

func at(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

// BuiltName is the name of an object with the hash of its content, where it has
// one.
func (b *Builder) BuiltName(o *Object) (string, error) {
	if !o.Hash {
		return o.Name, nil
	}
	hash, err := b.hash(o)
	return o.Name + "-" + hash, err
}

// hash is what kustomize appends to the name of a generated object.
// Source: sigs.k8s.io/kustomize/api/hasher. (The name is looked up under a key
// that never exists, and so is always empty.)
func (b *Builder) hash(o *Object) (string, error) {
	content := map[string]any{"kind": o.Kind, "name": ""}
	var err error
	if o.lazy {
		err = b.entryContent(o, content)
	} else {
		err = nodeContent(o, content)
	}
	if err != nil {
		return "", err
	}
	encoded, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded)
	return hashLetters.Replace(hex.EncodeToString(sum[:])[:10]), nil
}

// entryContent is what the hash is made of, from the entries of an object.
func (b *Builder) entryContent(o *Object, content map[string]any) error {
	content["data"] = ""
	if o.Kind == "Secret" {
		content["type"] = o.kind
		if !o.noData {
			content["data"] = map[string]string{}
		}
	}
	for _, e := range o.Entries {
		if e.binary && o.Kind == "Secret" {
			continue // a Secret has no binaryData, whatever a patch says
		}
		under, value, err := b.stored(o, e)
		if err != nil {
			return err
		}
		if _, ok := content[under].(map[string]string); !ok {
			content[under] = map[string]string{}
		}
		content[under].(map[string]string)[e.Key] = value
	}
	return nil
}

// stored is how an entry stands in the object, and under what.
func (b *Builder) stored(o *Object, e Entry) (under, value string, err error) {
	under = "data"
	if e.binary {
		under = "binaryData"
	}
	if e.Base64 {
		return under, e.Value, nil
	}
	raw, err := b.Value(e)
	switch {
	case err != nil:
		return "", "", err
	case o.Kind == "Secret":
		return under, encodeBase64(raw), nil
	case utf8.Valid(raw):
		return under, string(raw), nil
	}
	return "binaryData", encodeBase64(raw), nil
}

// encodeBase64 writes base64 as kustomize does, in lines of 70 characters where
// there is more than one.
// Source: sigs.k8s.io/kustomize/kyaml/yaml encodeBase64.
func encodeBase64(raw []byte) string {
	const width = 70
	text := base64.StdEncoding.EncodeToString(raw)
	if len(text) < width {
		return text
	}
	var lines strings.Builder
	for len(text) > 0 {
		n := min(width, len(text))
		lines.WriteString(text[:n])
		lines.WriteByte('\n')
		text = text[n:]
	}
	return lines.String()
}

// nodeContent is what the hash is made of, from an object with its data.
func nodeContent(o *Object, content map[string]any) error {
	fields := []string{"data", "binaryData"}
	if o.Kind == "Secret" {
		fields = []string{"type", "data", "stringData"}
	}
	for _, field := range fields {
		n := get(o.node, field)
		value := any("")
		switch {
		case n == nil:
		case n.Kind == yaml.ScalarNode:
			value = n.Value
		default:
			m := map[string]any(nil)
			if err := n.Decode(&m); err != nil {
				return fmt.Errorf("its %s cannot be read", field)
			}
			value = m
		}
		if _, isMap := value.(map[string]any); isMap || field == "data" || field == "type" {
			content[field] = value
		}
	}
	return nil
}

// hashLetters keeps hashes from spelling words.
var hashLetters = strings.NewReplacer("0", "g", "1", "h", "3", "k", "a", "m", "e", "t")
