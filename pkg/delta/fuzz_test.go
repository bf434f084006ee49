package delta

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func FuzzHunks(f *testing.F) {
	for _, c := range [][2]string{
		{"", ""}, {"", "a"}, {"a\n", "a"}, {"a\nb\nc\n", "a\nc\n"}, {"a\r\n", "a\n"}, {"\n\n", "\n"},
		{"--- a\n+++ b\n", "-- a\n@@ -1,1 +1,1 @@\n"}, {"\\ No newline at end of file\n", "\\ No newline at end of file"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "1\nx\n3\n4\n5\n6\n7\n8\n9\ny"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, old, new string) {
		hunks := hunksOf([]byte(old), []byte(new))
		got, added, removed, err := applied(old, hunks)
		if err != nil || got != new {
			t.Fatalf("%v: %q and\n%s give %q, expected %q", err, old, hunks, got, new)
		}
		if a, r := count(hunks); a != added || r != removed || (hunks == "") != (old == new) {
			t.Errorf("+%d -%d, counted +%d -%d in\n%s", added, removed, a, r, hunks)
		}
		if there, back := changedKeys([]byte(old), []byte(new)), changedKeys([]byte(new), []byte(old)); there != back {
			t.Errorf("%d keys differ, the other way %d", there, back)
		}
	})
}

// applier applies the hunks of a diff in the simplest way that there is: each
// line is held against the one that it names.
type applier struct {
	from           []string // lines of the old text that are left
	hunks          []string // lines of the diff that are left
	at             int      // lines of the old text that are done
	new            []string
	added, removed int
}

func applied(old, hunks string) (new string, added, removed int, err error) {
	a := &applier{from: slices.Collect(strings.Lines(old)), hunks: slices.Collect(strings.Lines(hunks))}
	for len(a.hunks) > 0 && err == nil {
		err = a.hunk()
	}
	return strings.Join(append(a.new, a.from...), ""), a.added, a.removed, err
}

func (a *applier) hunk() error {
	var start, length, newStart, newLength int
	if _, err := fmt.Sscanf(a.hunks[0], "@@ -%d,%d +%d,%d @@", &start, &length, &newStart, &newLength); err != nil {
		return fmt.Errorf("no hunk: %q", a.hunks[0])
	}
	a.hunks = a.hunks[1:]
	for a.at < start-min(length, 1) { // of no lines the one before is named
		a.keep()
	}
	if len(a.new)+min(newLength, 1) != newStart {
		return fmt.Errorf("a hunk for line %d behind line %d", newStart, len(a.new))
	}
	for end, newEnd := a.at+length, len(a.new)+newLength; a.at < end || len(a.new) < newEnd; {
		if err := a.line(a.next()); err != nil {
			return err
		}
	}
	return nil
}

// next takes a line of the hunk, without its end when it had none.
func (a *applier) next() string {
	line := a.hunks[0]
	if a.hunks = a.hunks[1:]; len(a.hunks) > 0 && strings.HasPrefix(a.hunks[0], `\`) {
		line, a.hunks = strings.TrimSuffix(line, "\n"), a.hunks[1:]
	}
	return line
}

func (a *applier) line(line string) error {
	if line[0] == '+' {
		a.new = append(a.new, line[1:])
		a.added++
		return nil
	}
	if len(a.from) == 0 || a.from[0] != line[1:] {
		return fmt.Errorf("line %d is not %q", a.at+1, line[1:])
	}
	a.keep()
	if line[0] == '-' {
		a.new = a.new[:len(a.new)-1]
		a.removed++
	}
	return nil
}

func (a *applier) keep() {
	a.new, a.from, a.at = append(a.new, a.from[0]), a.from[1:], a.at+1
}
