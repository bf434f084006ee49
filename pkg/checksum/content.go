package checksum

import "slices"

// Content says what of a file is hashed, as .fluxsum.yaml spells it.
type Content string

const (
	// Bytes hashes the file as it is.
	Bytes Content = "bytes"
	// YAML hashes the canonical JSON of the file: comments, key order, quoting and white space do not count.
	YAML Content = "yaml"
	// SOPS is YAML without the top-level "sops" key, where SOPS keeps its keys, MAC and times.
	SOPS Content = "sops"
)

// Contents returns every kind of content, always in the same order.
func Contents() []Content {
	return []Content{Bytes, YAML, SOPS}
}

// Valid tells whether c is one of Contents.
func (c Content) Valid() bool {
	return slices.Contains(Contents(), c)
}
