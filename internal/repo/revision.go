package repo

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// errRevision is a revision that takes git to read, or that names nothing.
var errRevision = errors.New("names no commit")

// revision reads a revision as git does (gitrevisions(7)) as far as CI without
// a git binary needs it: HEAD, a branch, a tag, the start of an id, and with ~N
// and ^N their ancestors.
func (h *History) revision(rev string) (Commit, error) {
	cut := strings.IndexAny(rev, "~^")
	if cut < 0 {
		cut = len(rev)
	}
	id, err := h.store.goGit.named(rev[:cut])
	if err != nil {
		return Commit{}, err
	}
	c, err := h.Commit(id)
	for steps := rev[cut:]; err == nil && steps != ""; {
		c, steps, err = h.step(c, steps)
	}
	return c, err
}

// step follows the first ~N or ^N.
func (h *History) step(c Commit, steps string) (Commit, string, error) {
	kind, rest := steps[0], steps[1:]
	if peeled, ok := strings.CutPrefix(rest, "{commit}"); ok && kind == '^' {
		return c, peeled, nil
	}
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	n, err := strconv.Atoi(rest[:digits])
	if digits == 0 {
		n, err = 1, nil
	}
	if err != nil || digits < len(rest) && rest[digits] != '~' && rest[digits] != '^' {
		return c, "", errRevision
	}
	c, err = h.ancestor(c, kind, n)
	return c, rest[digits:], err
}

// ancestor returns parent n of a commit (^), or its first parent's first
// parent and so on (~).
func (h *History) ancestor(c Commit, kind byte, n int) (Commit, error) {
	if kind == '^' {
		if n == 0 {
			return c, nil
		}
		return h.parent(c, n-1)
	}
	var err error
	for ; n > 0 && err == nil; n-- {
		c, err = h.parent(c, 0)
	}
	return c, err
}

func (h *History) parent(c Commit, i int) (Commit, error) {
	if i >= len(c.Parents) {
		return c, errRevision
	}
	if h.shallow[c.ID] {
		return c, &MissingHistory{c.ID}
	}
	return h.Commit(c.Parents[i])
}

// named returns the id that a name stands for, in git's order.
func (g *goGit) named(name string) (id string, err error) {
	if name == "@" {
		name = "HEAD"
	}
	for _, format := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := plumbing.ReferenceName(strings.Replace(format, "%s", name, 1))
		if name == "" || full.Validate() != nil && full != plumbing.HEAD {
			continue
		}
		if ref, err := storer.ResolveReference(g.storage, full); err == nil {
			return ref.Hash().String(), nil
		}
	}
	return g.abbreviated(name)
}

// abbreviated returns the one id that begins with some digits.
func (g *goGit) abbreviated(digits string) (string, error) {
	const least, all = 4, 40
	if len(digits) < least || len(digits) > all || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", errRevision
	}
	if len(digits) == all {
		return digits, nil
	}
	prefix, _ := hex.DecodeString(digits[:len(digits)/2*2])
	hashes, err := g.storage.HashesWithPrefix(prefix)
	if err != nil {
		return "", err
	}
	found := ""
	for _, h := range hashes {
		if id := h.String(); strings.HasPrefix(id, digits) && id != found {
			if found != "" {
				return "", errRevision
			}
			found = id
		}
	}
	if found == "" {
		return "", errRevision
	}
	return found, nil
}
