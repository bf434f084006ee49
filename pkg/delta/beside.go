package delta

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/secret"
)

// SecretBeside returns a line of the old text that the hunks of a patch would
// show and that stands in a document with something secret; 0 when there is
// none.
func SecretBeside(patch string, old []byte) int {
	if secret.Why(old) == "" {
		return 0
	}
	secrets := secretLines(old)
	for line := range strings.SplitSeq(patch, "\n") {
		var from, lines int
		if n, _ := fmt.Sscanf(line, "@@ -%d,%d ", &from, &lines); n != 2 {
			continue
		}
		for at := max(from, 1); at < from+lines; at++ {
			if secrets == nil || secrets[at] {
				return at
			}
		}
	}
	return 0
}

// secretLines are those of the documents with something secret; nil when no
// single document is known to be one.
func secretLines(text []byte) map[int]bool {
	var all map[int]bool
	lines := bytes.SplitAfter(text, []byte("\n"))
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && !startsDocument(lines[to]) {
			to++
		}
		if secret.Why(bytes.Join(lines[from:to], nil)) != "" {
			for at := from; at < to; at++ {
				if all == nil {
					all = map[int]bool{}
				}
				all[at+1] = true
			}
		}
		from = to
	}
	return all
}

// startsDocument says whether a line parts documents. What only begins like
// that, as a certificate does, stands in the middle of one.
func startsDocument(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	return ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}
