package yamledit

import (
	"bytes"
	"fmt"
)

// maxSigns bounds what makes nodes in a text, of which each takes some 200 bytes: lines,
// commas, opening brackets, and ": ", "- " and "? ". A config of 100,000 rules has
// two million, the largest manifests that are handed around (CRDs) some ten thousand.
const maxSigns = 3_000_000

// checkSigns refuses a text that would take gigabytes when it is parsed.
func checkSigns(text []byte) error {
	if len(text) <= maxSigns {
		return nil
	}
	signs := 0
	for _, sign := range []string{"\n", ",", "[", "{", ": ", "- ", "? "} {
		signs += bytes.Count(text, []byte(sign))
	}
	if signs <= maxSigns {
		return nil
	}
	return &Error{Line: 1, Column: 1, Message: fmt.Sprintf("holds more lines and values than can be read: %d, expected at most %d", signs, maxSigns), Hint: "split the file"}
}
