package repo

import (
	"testing"
	"time"
)

// The time of an author is that of his own zone, wherever it is read.
func TestAuthoredIsInTheZoneOfTheAuthor(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	for _, name := range []string{"UTC", "EST5EDT", "CET", "WET"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Skipf("no time zone database is installed: %v", err)
		}
		time.Local = zone
		for _, c := range []struct{ line, want string }{
			{"A <a@x> 1782864000 +0000", "2026-07-01T00:00:00+0000"},
			{"A <a@x> 1782864000 +0100", "2026-07-01T01:00:00+0100"},
			{"A <a@x> 1782864000 -0500", "2026-06-30T19:00:00-0500"},
		} {
			if got := authored(c.line).Format("2006-01-02T15:04:05-0700"); got != c.want {
				t.Errorf("%s in %s: %s, expected %s", c.line, name, got, c.want)
			}
		}
	}
	if !authored("A <a@x>").IsZero() || !authored("A <a@x> soon +0000").IsZero() {
		t.Error("a line without a time has one")
	}
}
