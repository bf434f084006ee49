package delta

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// hunksOf are those of the unified diff of two texts, with three lines around each
// change; "" when they are equal.
func hunksOf(old, new []byte) string {
	text := string(diff.Diff("a", old, "b", new))
	for range 3 { // the names
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// count counts the lines that hunks add and remove.
func count(hunks string) (added, removed int) {
	for line := range strings.SplitSeq(hunks, "\n") {
		switch {
		case strings.HasPrefix(line, "+"):
			added++
		case strings.HasPrefix(line, "-"):
			removed++
		}
	}
	return added, removed
}

// Patch is the change of a file as `git apply` takes it; names are from the top
// of the repository. The mode of the file stays as it is.
func Patch(name string, old, new []byte) string {
	hunks := hunksOf(old, new)
	if hunks == "" {
		return ""
	}
	from, to := quote("a/"+name), quote("b/"+name)
	return "diff --git " + from + " " + to + "\n--- " + ended(from) + "\n+++ " + ended(to) + "\n" + hunks
}

// ended marks the end of a name that holds spaces, as git does (diff.c,
// emit_rewrite_diff): what follows a tab is a date to other programs.
func ended(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
