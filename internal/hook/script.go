package hook

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
)

// mark stands in the second line of our scripts.
const mark = "# fluxsum hook:"

// previousSuffix is that of a hook which was there before ours.
const previousSuffix = ".fluxsum-previous"

// script is a hook for POSIX shells: those of Linux and macOS, and the one that
// comes with Git for Windows.
type script struct {
	hook   string
	binary string // fluxsum, when PATH does not lead to one
	config string // from the top of the worktree; empty: .fluxsum.yaml there

	newFolder bool // there was no folder for hooks before
}

// folderLine tells uninstall that the folder is ours too.
const folderLine = "# The folder of this file was made for it.\n"

// text is the whole script. It runs the hook that was there before, then takes
// the short way out when the index is known to be true, then runs fluxsum.
func (s script) text() []byte {
	config := ""
	if s.config != "" {
		config = " --config " + quote(s.config)
	}
	folder := ""
	if s.newFolder {
		folder = folderLine
	}
	return signed(fmt.Appendf(nil, `#!/bin/sh
%s %s
# Made by "fluxsum hooks install"; "fluxsum hooks uninstall" puts back what was here.
%s
# The hook that was here before runs first; its failure stops the commit.
if [ -x "$0%s" ]; then
	"$0%s" "$@" || exit
fi

case ${FLUXSUM_SKIP:-0} in
0 | false) ;;
quiet) exit 0 ;;
*)
	echo "fluxsum: skipped, because FLUXSUM_SKIP is set" >&2
	exit 0
	;;
esac

# Nothing to do while the index holds what it held when all checksums were true.
known=${GIT_DIR:-.git}/%s
case ${GIT_INDEX_FILE##*/} in next-index-*) known= ;; esac
if [ -z "${FLUXSUM_CONFIG:-}" ] && [ -r "$known" ]; then
	. "$known"
	if fluxsum_known "$known"; then exit 0; fi
fi

fluxsum=%s
if command -v fluxsum >/dev/null 2>&1; then
	fluxsum=fluxsum
elif [ ! -x "$fluxsum" ]; then
	echo "fluxsum: is neither on PATH nor at $fluxsum, so the checksums cannot be kept; nothing was committed" >&2
	echo "hint: install it and run \"fluxsum hooks install\" again; FLUXSUM_SKIP=1 in front of the command skips this check once" >&2
	exit 1
fi
%s=$PPID
export %s
exec "$fluxsum" hooks run %s%s
`, mark, s.hook, folder, previousSuffix, previousSuffix, knownFile, quote(filepath.ToSlash(s.binary)), parentVariable, parentVariable, s.hook, config))
}

// sumMark begins the end of the second line: the checksum of all the rest, by
// which an edit shows.
const sumMark = ", sum "

func signed(text []byte) []byte {
	head, rest, _ := bytes.Cut(text, []byte("\n# Made by"))
	return fmt.Appendf(nil, "%s%s%s\n# Made by%s", head, sumMark, scriptSum(head, rest), rest)
}

func scriptSum(head, rest []byte) string {
	return fmt.Sprintf("%x", sha256.Sum256(append(head[:len(head):len(head)], rest...)))[:16]
}

// isEdited says whether a script of ours is not as it was made; line endings do
// not count.
func isEdited(text []byte) bool {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	head, rest, _ := bytes.Cut(text, []byte("\n# Made by"))
	head, sum, ok := bytes.Cut(head, []byte(sumMark))
	return !ok || string(sum) != scriptSum(head, rest)
}

// isOurs says whether a hook was made by fluxsum.
func isOurs(text []byte) bool {
	lines := bytes.SplitN(text, []byte("\n"), 3)
	return len(lines) == 3 && bytes.HasPrefix(lines[1], []byte(mark))
}

// recorded returns the path of fluxsum that a script of ours was made with.
func recorded(text []byte) string {
	binary, _ := binaryIn(string(text))
	return binary
}

// madeFor returns the config that a script of ours was made for; empty for the
// usual one.
func madeFor(text []byte) string {
	_, rest := binaryIn(string(text)) // whose name may hold what is looked for
	_, args, _ := strings.Cut(rest, "\nexec \"$fluxsum\" hooks run ")
	_, args, ok := strings.Cut(args, " --config ")
	if !ok {
		return ""
	}
	config, _ := unquoted(args)
	return config
}

func binaryIn(text string) (binary, rest string) {
	_, rest, _ = strings.Cut(text, "\nfluxsum=")
	return unquoted(rest)
}
