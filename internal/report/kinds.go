package report

import (
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// home is where the documentation stands.
const home = "https://github.com/fluxsum/fluxsum"

// kind describes a code for the tools that list what they may be told: in a sentence, at
// length, and what to do.
type kind struct{ code, level, says, full, cure, help string }

const (
	aboutChecksums = home + "/blob/main/docs/troubleshooting.md#verify-fails-in-ci"
	aboutFindings  = home + "/blob/main/docs/flux.md#findings"
)

// kinds are all codes of issues.
func kinds() []kind {
	all := []kind{
		aboutChecksum(staleChecksum, "A recorded checksum is not that of its files"),
		aboutChecksum(missingChecksum, "A resource lacks the annotation for a checksum"),
		aboutChecksum(notVerified, "A checksum could not be verified"),
	}
	for _, m := range fluxsum.Meanings() {
		all = append(all, kind{m.Code, m.Level, m.Title, sentence(m.When) + " " + sentence(m.Why), sentence(m.Cure) + " " + aboutFindings, aboutFindings})
	}
	return all
}

func aboutChecksum(code, says string) kind {
	return kind{code, levelError, says, says + ".", aboutChecksums, aboutChecksums}
}

// sentence makes one of a text of ours, which is written as a part of a line.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
