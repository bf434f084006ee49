package cli

import (
	"bytes"
	"io"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// pointers are the first bytes of files that Git does not store as they are in
// the worktree (git-lfs spec; git-crypt's file header).
var pointers = map[string]string{
	"version https://git-lfs.github.com/spec/": "Git LFS stores a pointer in its place",
	"\x00GITCRYPT\x00":                         "git-crypt stores it encrypted",
}

// warnPointers tells of sources whose bytes Flux does not see: their new
// checksums are right, but what Flux makes of such files is not.
func (a *app) warnPointers(p *project, plan *fluxsum.Plan) {
	told := map[string]bool{}
	for _, r := range plan.Results {
		for _, name := range r.Files {
			if (r.State != fluxsum.Stale && r.State != fluxsum.Missing) || told[name] {
				continue
			}
			told[name] = true
			if why := pointer(p, name); why != "" {
				a.warn(&fluxsum.Problem{File: name, Message: why + ", which is what Flux sees and what the checksum is of"})
			}
		}
	}
}

// pointer says what Git stores in the place of a file; empty when it stores the
// file.
func pointer(p *project, name string) string {
	open := p.tree.Open
	if s, ok := p.tree.(fluxsum.Storing); ok {
		open = s.OpenStored
	}
	f, err := open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	start := make([]byte, 64)
	n, _ := io.ReadFull(f, start)
	for head, why := range pointers {
		if bytes.HasPrefix(start[:n], []byte(head)) {
			return why
		}
	}
	return ""
}
