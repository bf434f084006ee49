// Package checksum turns the bytes of source files into the checksums that fluxsum records.
//
// Every checksum can be redone by hand: a single file gives what md5sum FILE (or sha1sum, sha256sum,
// sha512sum) prints, several files give what md5sum A B | md5sum prints, and canonical content is the
// JSON of RFC 8785. The package is pure: it reads what it is handed, and no disk, no Git, no terminal.
package checksum

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"slices"
)

// Algorithm names a digest, as .fluxsum.yaml spells it.
type Algorithm string

// The algorithms, each named after its coreutils program without the "sum".
const (
	MD5    Algorithm = "md5"
	SHA1   Algorithm = "sha1"
	SHA256 Algorithm = "sha256"
	SHA512 Algorithm = "sha512"
)

// Algorithms returns every algorithm, always in the same order, shortest digest first.
func Algorithms() []Algorithm {
	return []Algorithm{MD5, SHA1, SHA256, SHA512}
}

// Valid tells whether a is one of Algorithms.
func (a Algorithm) Valid() bool {
	return slices.Contains(Algorithms(), a)
}

// New returns an empty hash of the algorithm, or nil when a is not Valid.
func (a Algorithm) New() hash.Hash {
	switch a {
	case MD5:
		return md5.New()
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	case SHA512:
		return sha512.New()
	}
	return nil
}
