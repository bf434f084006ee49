package checksum

import (
	"bytes"
	"slices"
	"strings"
)

// Entry is one line of a listing: a file and its checksum.
type Entry struct {
	// Path is relative to the root, with slashes.
	Path string
	// Sum is the digest of the file in lower-case hexadecimal.
	Sum string
}

// Listing returns what md5sum and its siblings print for the files, sorted bytewise by path.
func Listing(entries []Entry) []byte {
	sorted := slices.SortedFunc(slices.Values(entries), func(a, b Entry) int {
		return strings.Compare(a.Path, b.Path)
	})
	var listing bytes.Buffer
	for _, entry := range sorted {
		writeLine(&listing, entry)
	}
	return listing.Bytes()
}

// SumListing returns the digest of the listing, as md5sum A B | md5sum gives it, in lower-case hexadecimal.
// a must be Valid.
func (a Algorithm) SumListing(entries []Entry) string {
	h := a.New()
	h.Write(Listing(entries))
	return digest(h)
}

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// writeLine writes one line the way coreutils 9 does: a name that holds a backslash, a newline or a carriage return
// is escaped, and a backslash at the start of the line says so ("cksum output modes" in the coreutils manual).
func writeLine(w *bytes.Buffer, entry Entry) {
	escaped := escaper.Replace(entry.Path)
	if escaped != entry.Path {
		w.WriteByte('\\')
	}
	w.WriteString(entry.Sum)
	w.WriteString("  ")
	w.WriteString(escaped)
	w.WriteByte('\n')
}
