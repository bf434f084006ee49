package git

import (
	"bufio"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// FuzzOutput: what git says of a path reads back as what it said, whatever the path;
// anything else is an error, and no panic.
func FuzzOutput(f *testing.F) {
	for _, path := range []string{"a", " a", "a\tb", "a\nb", ":100644", "ä\xff", "a -> b", "-", "\"a\"", "R100"} {
		f.Add(path, uint32(ModeFile), uint8(3), []byte("H 100644 0123 0\t"+path+"\x00"))
	}
	for _, text := range []string{"", ":", ":1 2 a b", ":100644 100644 a b R9\x00x\x00", "0123 blob -9\n", "0123 blob 99999999999999999999\n", "x missing\n", "120000 blob 0 ", "\n", "H 1 2", "\x00\x00"} {
		f.Add("a", uint32(ModeExec), uint8(0), []byte(text))
	}
	f.Fuzz(func(t *testing.T, path string, mode uint32, bits uint8, text []byte) {
		readOutput(t, text)
		if path == "" || strings.Contains(path, "\x00") {
			return
		}
		const id = "0123456789abcdef0123456789abcdef01234567"
		e := Entry{Mode: mode, ID: id, Path: path, Stage: int(bits % 4), SkipWorktree: bits&4 != 0, AssumeUnchanged: bits&8 != 0}
		want := []Entry{e, e}
		if got, err := parse(doubled("%s %06o %s %d\t%s\x00", tagOf(e), e.Mode, e.ID, e.Stage, e.Path), staged); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("ls-files: %+v, expected %+v (%v)", got, want, err)
		}
		want = []Entry{{Mode: mode, ID: id, Path: path}, {Mode: mode, ID: id, Path: path}}
		if got, err := parse(doubled("%06o blob %s\t%s\x00", e.Mode, e.ID, e.Path), committed); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("ls-tree: %+v, expected %+v (%v)", got, want, err)
		}
		c := Change{Path: path, Was: "was", From: mode, To: mode, Old: id, New: id}
		if got, err := rawChanges(reader(doubled(":%06o %06o %s %s R086\x00was\x00%s\x00", mode, mode, id, id, path))); err != nil || !reflect.DeepEqual(got, []Change{c, c}) {
			t.Fatalf("diff-tree: %+v, expected %+v twice (%v)", got, c, err)
		}
	})
}

// tagOf is what `git ls-files -v` puts before an entry.
func tagOf(e Entry) string {
	tag := "H"
	if e.SkipWorktree {
		tag = "S"
	}
	if e.AssumeUnchanged {
		tag = strings.ToLower(tag)
	}
	return tag
}

func doubled(format string, args ...any) []byte {
	return []byte(strings.Repeat(fmt.Sprintf(format, args...), 2))
}

func reader(text []byte) *bufio.Reader { return bufio.NewReader(strings.NewReader(string(text))) }

// readOutput reads bytes as each of git's answers.
func readOutput(t *testing.T, text []byte) {
	t.Helper()
	for _, read := range []func(string) (Entry, error){staged, committed} {
		entries, err := parse(text, read)
		for _, e := range entries {
			if err != nil || strings.Contains(e.Path, "\x00") || e.ID == "" {
				t.Fatalf("%+v %v", e, err)
			}
		}
	}
	changes, err := rawChanges(reader(text))
	for _, c := range changes {
		if err != nil || strings.Contains(c.Path+c.Was, "\x00") || c.Old == "" || c.New == "" {
			t.Fatalf("%+v %v", c, err)
		}
	}
	if _, size, err := batchHeader(reader(text)); err == nil && size < 0 {
		t.Fatalf("%d bytes in %q", size, text)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if s, err := step(line); err == nil && (s.Commit == "" || len(s.Parents) != len(strings.Fields(line))-1) {
			t.Fatalf("%+v in %q", s, line)
		}
	}
}
