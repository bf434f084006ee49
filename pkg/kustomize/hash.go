package kustomize

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
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
	content := map[string]any{"kind": o.Kind, "name": "", "data": ""}
	text, binary := map[string]string{}, map[string]string{}
	for _, e := range o.Entries {
		value, err := b.Value(e)
		switch {
		case err != nil:
			return "", err
		case o.Kind == "Secret":
			text[e.Key] = base64.StdEncoding.EncodeToString(value)
		case isText(value):
			text[e.Key] = string(value)
		default:
			binary[e.Key] = base64.StdEncoding.EncodeToString(value)
		}
	}
	if len(text) > 0 {
		content["data"] = text
	}
	if len(binary) > 0 {
		content["binaryData"] = binary
	}
	if o.Kind == "Secret" {
		content["type"] = o.kind
	}
	encoded, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded)
	return hashLetters.Replace(hex.EncodeToString(sum[:])[:10]), nil
}

// hashLetters keeps hashes from spelling words.
var hashLetters = strings.NewReplacer("0", "g", "1", "h", "3", "k", "a", "m", "e", "t")
