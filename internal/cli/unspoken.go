package cli

import (
	"io"
	"os"
)

// inGitHubActions says whether a runner of GitHub reads what is printed.
func inGitHubActions() bool { return os.Getenv("GITHUB_ACTIONS") == "true" }

// lines is standard output for lines that a person reads.
func (a *app) lines() io.Writer {
	if inGitHubActions() {
		return &unspoken{w: a.stdout}
	}
	return a.stdout
}

// unspoken takes out of a text what GitHub's runner would take for a command to
// itself: "::" at the beginning of a line, and "##[" anywhere. Names in it may come
// from a stranger's pull request.
type unspoken struct {
	w      io.Writer
	inLine bool // something but white space stands in the line already
	colon  bool // that is one colon
	hashes int  // that have just been written
}

// Write escapes the sign with which a command would be complete.
func (u *unspoken) Write(text []byte) (int, error) {
	safe := make([]byte, 0, len(text))
	for _, c := range text {
		safe = u.add(safe, c)
	}
	if _, err := u.w.Write(safe); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (u *unspoken) add(safe []byte, c byte) []byte {
	command := c == ':' && u.colon || c == '[' && u.hashes > 1
	u.colon = c == ':' && !u.inLine
	u.inLine = c != '\n' && (u.inLine || c != ' ' && c != '\t' && c != '\r')
	if c == '#' {
		u.hashes++
	} else {
		u.hashes = 0
	}
	if command {
		return append(safe, `\x`+string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])...)
	}
	return append(safe, c)
}
