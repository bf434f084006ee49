package checksum

import (
	"slices"
	"strings"
)

// AlgorithmOf tells from the length of a digest in hexadecimal which algorithm
// gives such ones; ok is false when none does.
func AlgorithmOf(digest string) (a Algorithm, ok bool) {
	if strings.Trim(digest, "0123456789abcdefABCDEF") != "" {
		return "", false
	}
	all := Algorithms()
	i := slices.IndexFunc(all, func(a Algorithm) bool { return len(digest) == 2*a.New().Size() })
	if i < 0 {
		return "", false
	}
	return all[i], true
}

// Stands says for what of some files, whose digests the entries hold, a digest of
// the algorithm stands: for the listing of all of them, or for a single one.
// Digests compare in either case.
func (a Algorithm) Stands(digest string, entries []Entry) (of []Entry, ok bool) {
	digest = strings.ToLower(digest)
	for i := range entries {
		if entries[i].Sum == digest {
			return entries[i : i+1], true
		}
	}
	whole := !slices.ContainsFunc(entries, func(e Entry) bool { return e.Sum == "" })
	if len(entries) > 0 && whole && a.SumListing(entries) == digest {
		return entries, true
	}
	return nil, false
}
