package hook

import (
	"os"
	"time"
)

// clockError is how much earlier than its process a file may seem to be: it is
// named after the whole second, and clocks are set.
const clockError = 2 * time.Second

// ancestors returns what tells whether something written at a time, by a process
// of an id, was written by one that led to this one. Where that is not known,
// every process that runs counts.
func ancestors() func(pid int, written time.Time) bool {
	began := map[int]time.Time{}
	for pid := os.Getppid(); pid > 1; {
		parent, at, ok := lookUp(pid)
		if !ok {
			return func(pid int, _ time.Time) bool { return isRunning(pid) }
		}
		began[pid], pid = at, parent
	}
	return func(pid int, written time.Time) bool {
		at, ok := began[pid]
		return ok && written.After(at.Add(-clockError))
	}
}
