package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// The modes that Git gives to its entries.
const (
	ModeTree      = 0o040000
	ModeFile      = 0o100644
	ModeExec      = 0o100755
	ModeSymlink   = 0o120000
	ModeSubmodule = 0o160000
)

// Entry is a file of the index or of a commit.
type Entry struct {
	Mode  uint32
	ID    string // of the blob; of the commit for a submodule
	Path  string // from the top of the worktree
	Stage int    // of a conflict; 0: none

	SkipWorktree    bool
	AssumeUnchanged bool
	IntentToAdd     bool // told by an IndexFile alone
}

// MaxSpecs is the number of paths up to which git is asked for them one by one:
// it compares each with each entry.
const MaxSpecs = 64

// Index lists the entries of the index below some paths; all without any.
func (g Git) Index(ctx context.Context, paths []string) ([]Entry, error) {
	out, err := g.Run(ctx, nil, append([]string{"ls-files", "-s", "-v", "-z", "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	return parse(out, staged)
}

// staged reads "<tag> <mode> <id> <stage>".
func staged(head string) (e Entry, err error) {
	tag, rest, _ := strings.Cut(head, " ")
	words := strings.Fields(rest)
	if len(words) != 3 {
		return e, fmt.Errorf("git ls-files said %q", head)
	}
	e.SkipWorktree = strings.EqualFold(tag, "S")
	e.AssumeUnchanged = tag == strings.ToLower(tag)
	e.ID = words[1]
	e.Stage, _ = strconv.Atoi(words[2])
	e.Mode, err = mode(words[0])
	return e, err
}

// Tree lists the files of a commit below some paths; all without any.
func (g Git) Tree(ctx context.Context, commit string, paths []string) ([]Entry, error) {
	out, err := g.Run(ctx, nil, append([]string{"ls-tree", "-r", "-z", "--full-tree", commit, "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	return parse(out, committed)
}

// committed reads "<mode> <type> <id>".
func committed(head string) (e Entry, err error) {
	words := strings.Fields(head)
	if len(words) != 3 {
		return e, fmt.Errorf("git ls-tree said %q", head)
	}
	e.ID = words[2]
	e.Mode, err = mode(words[0])
	return e, err
}

func mode(octal string) (uint32, error) {
	m, err := strconv.ParseUint(octal, 8, 32)
	return uint32(m), err
}

// parse reads lines that end in NUL: what stands before the tab, and the path.
func parse(out []byte, read func(head string) (Entry, error)) ([]Entry, error) {
	var entries []Entry
	for line := range strings.SplitSeq(string(out), "\x00") {
		if line == "" {
			continue
		}
		head, path, _ := strings.Cut(line, "\t")
		e, err := read(head)
		if err != nil {
			return nil, err
		}
		e.Path = path
		entries = append(entries, e)
	}
	return entries, nil
}

// Names splits the output of a command that ends each name with NUL.
func Names(out []byte) []string {
	var names []string
	for name := range strings.SplitSeq(string(out), "\x00") {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// IntendedToAdd says whether an entry of the index is only announced, by
// `git add -N`.
func (g Git) IntendedToAdd(ctx context.Context, path string) (bool, error) {
	out, err := g.Line(ctx, "ls-files", "--debug", "--", path)
	if err != nil {
		return false, err
	}
	_, after, _ := strings.Cut(out, "flags: ")
	flags, _, _ := strings.Cut(after, "\n")
	bits, _ := strconv.ParseUint(strings.TrimSpace(flags), 16, 64)
	const intentToAdd = 1 << 29
	return bits&intentToAdd != 0, nil
}

// IgnoredBy returns the rule, "file:line:pattern", by which a path is ignored;
// empty when it is not.
func (g Git) IgnoredBy(ctx context.Context, path string) string {
	g.Env = append(g.Env[:len(g.Env):len(g.Env)], "GIT_LITERAL_PATHSPECS=0") // the command refuses it
	out, err := g.Run(ctx, []byte(path+"\x00"), "check-ignore", "-v", "-z", "--no-index", "--stdin")
	words := Names(out)
	if err != nil || len(words) < 3 {
		return ""
	}
	return strings.Join(words[:3], ":")
}
