package hook

import (
	"encoding/json"
	"fmt"
	"io"
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
	if os.Getenv(parentVariable) == "" {
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
	temp, err := os.CreateTemp(gitDir, knownFile)
	if err != nil {
		return
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(text)
	if closeErr := temp.Close(); err == nil && closeErr == nil {
		_ = os.Rename(temp.Name(), name)
	}
}

// listVariable tells fluxsum that its standard input is what the note knows of
// the index.
const listVariable = "FLUXSUM_HOOK_INDEX"

// pathsLine begins the line of the note that holds the paths, as JSON.
const pathsLine = "# paths: "

// note is a piece of shell: fluxsum_index lists the entries that the rules
// depend on, fluxsum_known says whether all is as it was when every checksum was
// true. It does not ask git when one of the files is newer than the note: then
// hardly anything is as it was, and git can list the entries while fluxsum
// starts.
func note(paths []string, entries []git.Entry) (text string, ok bool) {
	var specs, lines strings.Builder
	for _, p := range paths {
		if p == "." || !isPlain(p) {
			return "", false
		}
		specs.WriteString(" " + quote(p))
	}
	for _, e := range entries {
		if !isPlain(e.Path) || e.Stage != 0 || e.SkipWorktree || e.AssumeUnchanged {
			return "", false // git would write it in another way
		}
		fmt.Fprintf(&lines, "H %o %s 0\t%s\n", e.Mode, e.ID, e.Path)
	}
	list, err := json.Marshal(paths)
	text = "# Written by fluxsum: the index when all checksums were true. It may be removed.\n" +
		pathsLine + string(list) + "\n" +
		"fluxsum_index() { exec git --literal-pathspecs ls-files -s -v --" + specs.String() + "; }\n" +
		"fluxsum_known() {\n" +
		"\tfor file in" + specs.String() + "; do\n" +
		"\t\tif [ \"$file\" -nt \"$1\" ]; then return 1; fi\n" +
		"\tdone 2>/dev/null\n" +
		"\t[ \"$(fluxsum_index)\" = " + quote(strings.TrimSuffix(lines.String(), "\n")) + " ]\n" +
		"}\n"
	return text, err == nil && len(text) <= maxKnown
}

// Index returns what our script knows of the index: all entries of these paths,
// as `git ls-files -s -v` lists them. The list is empty when it knows nothing.
func Index(gitDir string) (paths []string, list string) {
	if os.Getenv(listVariable) == "" {
		return nil, ""
	}
	os.Unsetenv(listVariable) // it is not for those that git starts
	input, err := io.ReadAll(os.Stdin)
	text, err2 := os.ReadFile(filepath.Join(gitDir, knownFile))
	if list = string(input); err != nil || err2 != nil || strings.Contains(list, "\"") { // a name in quotes
		return nil, ""
	}
	_, after, _ := strings.Cut(string(text), pathsLine)
	line, _, _ := strings.Cut(after, "\n")
	if json.Unmarshal([]byte(line), &paths) != nil {
		return nil, ""
	}
	return paths, list
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
