package hook

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fluxsum/fluxsum/internal/git"
)

// knownFile, in Git's own folder, holds the entries of the index that the rules
// depend on, as they were when all checksums were true. While the index holds
// the same, our script need not even start fluxsum.
const knownFile = "fluxsum-known"

// maxKnown bounds the note in bytes: a shell is no place for more.
const maxKnown = 32 << 10

// Remember writes the note for our script, when that has started us. Paths are
// those that the rules depend on, entries what the index holds there. It is
// only a matter of speed: what cannot be noted is not.
func Remember(gitDir string, paths []string, entries []git.Entry) {
	if !ByScript() || os.Getenv("FLUXSUM_CONFIG") != "" {
		return
	}
	name := filepath.Join(gitDir, knownFile)
	text, ok := note(paths, entries)
	if !ok {
		os.Remove(name)
		return
	}
	if old, err := os.ReadFile(name); err == nil && string(old) == text {
		_ = os.Chtimes(name, time.Time{}, time.Now()) // newer than the files again
		return
	}
	temp, err := os.CreateTemp(gitDir, "fluxsum-tmp-*")
	if err != nil {
		return
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(text)
	if closeErr := temp.Close(); err == nil && closeErr == nil {
		_ = os.Rename(temp.Name(), name)
	}
}

// note is a piece of shell: fluxsum_known says whether the index is as it was
// when every checksum was true. It does not ask git when one of the files is
// newer than the note: then hardly anything is as it was.
func note(paths []string, entries []git.Entry) (text string, ok bool) {
	var specs, lines strings.Builder
	for _, p := range paths {
		if p == "." || !isPlain(p) {
			return "", false
		}
		specs.WriteString(" " + quote(p))
	}
	for _, e := range entries {
		if !isPlain(e.Path) || e.Stage != 0 {
			return "", false // git would write it in another way
		}
		fmt.Fprintf(&lines, "%o %s 0\t%s\n", e.Mode, e.ID, e.Path)
	}
	text = "# Written by fluxsum: the index when all checksums were true. It may be removed.\n" +
		"fluxsum_known() {\n" +
		"\tfor file in" + specs.String() + "; do\n" +
		"\t\tif [ \"$file\" -nt \"$1\" ]; then return 1; fi\n" +
		"\tdone 2>/dev/null\n" +
		"\t[ \"$(exec git --literal-pathspecs ls-files -s --" + specs.String() + ")\" = " + quote(strings.TrimSuffix(lines.String(), "\n")) + " ]\n" +
		"}\n"
	return text, len(text) <= maxKnown
}

// isPlain says whether git writes a path as it is.
func isPlain(p string) bool {
	for i := range len(p) {
		if c := p[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// quote makes one word of a text for a POSIX shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// unquoted reads back the word of quote that a text begins with.
func unquoted(text string) (word, rest string) {
	text = strings.TrimPrefix(text, "'")
	for {
		part, after, _ := strings.Cut(text, "'")
		word += part
		if text, _ = strings.CutPrefix(after, `\''`); text == after {
			return word, after
		}
		word += "'"
	}
}
