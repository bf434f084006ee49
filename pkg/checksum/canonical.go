package checksum

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
	"sigs.k8s.io/yaml"
)

// MaxCanonical is the largest file, in bytes, that YAML and SOPS read: they hold it in memory as a whole.
// It also bounds what the aliases of a file may expand to.
const MaxCanonical = 8 << 20

// sopsKey is the top-level key under which SOPS keeps its metadata.
const sopsKey = "sops"

// Canonical returns what of data is hashed: for Bytes data itself, for YAML the canonical JSON (RFC 8785) of the
// document as Helm parses it, for SOPS the same without the top-level "sops" key. An empty document gives null.
// Numbers are IEEE doubles, as the RFC and Helm have them.
//
// A *ContentError says why there is no such form: no valid YAML, more than one document, a value that JSON cannot
// hold, or a document that is too large, too deep or grows too large when its aliases are expanded.
func Canonical(content Content, data []byte) ([]byte, error) {
	if content == Bytes {
		return data, nil
	}
	if err := checkDocument(data); err != nil {
		return nil, err
	}
	object, err := yaml.YAMLToJSON(data)
	if err != nil {
		return nil, notJSON()
	}
	if content == SOPS {
		object = withoutKey(object, sopsKey)
	}
	return transform(object)
}

// canonicals are the canonical forms of a text that is YAML. Without metadata of
// SOPS they are one.
func canonicals(data []byte) map[Content][]byte {
	canonical, err := Canonical(YAML, data)
	if err != nil {
		return nil
	}
	all := map[Content][]byte{YAML: canonical, SOPS: canonical}
	if bytes.Contains(data, []byte(sopsKey)) {
		all[SOPS], _ = transform(withoutKey(canonical, sopsKey))
	}
	return all
}

// withoutKey returns the JSON object without one of its top-level keys, and any other JSON value as it is.
func withoutKey(object []byte, key string) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || members == nil {
		return object
	}
	delete(members, key)
	rest, err := json.Marshal(members)
	if err != nil {
		return object
	}
	return rest
}

// transform writes JSON by RFC 8785.
func transform(object []byte) ([]byte, error) {
	canonical, err := jcs.Transform(object)
	if err != nil {
		return nil, notJSON()
	}
	return canonical, nil
}

// notJSON stands in for errors that checkDocument leaves no room for. The libraries' own texts quote the document,
// which may be secret.
func notJSON() error {
	return &ContentError{Msg: "cannot be written as canonical JSON", Hint: bytesHint}
}

// tooLarge is the refusal of files beyond MaxCanonical; verb says how the file comes to be that large.
func tooLarge(verb string) error {
	return &ContentError{
		Msg:  fmt.Sprintf("%s more than %d MiB, expected no more than that for content: yaml or sops", verb, MaxCanonical>>20),
		Hint: bytesHint,
	}
}
