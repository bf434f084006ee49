package repo

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fluxsum/fluxsum/internal/git"
)

var errObject = errors.New("a Git object is damaged")

// parseTree reads a tree object, whose ids have this many bytes:
// "<mode> <name>\0<id>" for each entry (gitformat-pack, git-ls-tree).
func parseTree(text []byte, idLen int) (map[string]*node, error) {
	all := map[string]*node{}
	for len(text) > 0 {
		head, rest, ok := bytes.Cut(text, []byte{0})
		octal, name, spaced := strings.Cut(string(head), " ")
		mode, err := strconv.ParseUint(octal, 8, 32)
		if !ok || !spaced || err != nil || len(rest) < idLen {
			return nil, errObject
		}
		all[name] = &node{mode: canonical(uint32(mode)), id: hex.EncodeToString(rest[:idLen])}
		text = rest[idLen:]
	}
	return all, nil
}

// canonical maps the modes that old commits hold to those of today.
func canonical(mode uint32) uint32 {
	switch mode {
	case git.ModeTree, git.ModeSymlink, git.ModeSubmodule:
		return mode
	}
	if mode&0o100 != 0 {
		return git.ModeExec
	}
	return git.ModeFile
}

// Commit is what fluxsum needs to know of a commit.
type Commit struct {
	ID, Tree string
	Parents  []string
	Subject  string
	Date     time.Time // of the author, where he was
}

// authored is the time in "NAME <MAIL> SECONDS +HHMM"; zero where it is none.
func authored(line string) time.Time {
	words := strings.Fields(line[strings.LastIndexByte(line, '>')+1:])
	if len(words) != 2 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(words[0], 10, 64)
	zone, zoneErr := time.Parse("-0700", words[1])
	if err != nil || zoneErr != nil {
		return time.Time{}
	}
	_, offset := zone.Zone() // a location of that offset would have summers of its own
	return time.Unix(seconds, 0).In(time.FixedZone("", offset))
}

// latin1 reads what is not UTF-8 as the one other encoding that commits are likely
// to have (i18n.commitEncoding).
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// parseCommit reads a commit object: headers, an empty line, the message.
func parseCommit(id string, text []byte) (Commit, error) {
	c := Commit{ID: id}
	head, message, _ := strings.Cut(string(text), "\n\n")
	for line := range strings.SplitSeq(head, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.Tree = value
		case "parent":
			c.Parents = append(c.Parents, value)
		case "author":
			c.Date = authored(value)
		}
	}
	c.Subject, _, _ = strings.Cut(strings.TrimLeft(message, "\n"), "\n")
	if !utf8.ValidString(c.Subject) {
		c.Subject = latin1(c.Subject)
	}
	if c.Tree == "" {
		return c, errObject
	}
	return c, nil
}
