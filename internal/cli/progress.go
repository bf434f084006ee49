package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// progress shows how far work is that takes its time. It is safe for concurrent
// use; nil shows nothing.
type progress struct {
	out  io.Writer
	what string
	next time.Time // when it is shown, or shown anew

	mu    sync.Mutex
	width int // of what is on the screen
}

// progressAgain is the time between two looks of it.
const progressAgain = 100 * time.Millisecond

// progress is that of some work, from now on: nil where nobody would see it, in
// pipes and in CI.
func (a *app) progress(what string) *progress {
	if a.settings.quiet || !a.settings.terminal(a.stderr) || os.Getenv("TERM") == "dumb" || os.Getenv("CI") != "" {
		return nil
	}
	return &progress{out: a.stderr, what: what, next: time.Now().Add(progressDelay())}
}

// progressDelay is that of git, if it is set, else a second.
func progressDelay() time.Duration {
	if n, err := strconv.Atoi(os.Getenv("GIT_PROGRESS_DELAY")); err == nil && n >= 0 {
		return time.Duration(n) * time.Second
	}
	return time.Second
}

// of is for what is done of a total. Of no progress it is no function, so that those
// who work need not count for nobody.
func (p *progress) of() func(done, total int) {
	if p == nil {
		return nil
	}
	return p.show
}

// show shows how much is done; of a total, when that is known.
func (p *progress) show(done, total int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.next) {
		return
	}
	text := fmt.Sprintf("%s: %d", p.what, done)
	if total > 0 {
		text = fmt.Sprintf("%s: %3d%% (%d/%d)", p.what, 100*done/total, done, total)
	}
	fmt.Fprint(p.out, "\r"+text+strings.Repeat(" ", max(p.width-len(text), 0)))
	p.width, p.next = len(text), time.Now().Add(progressAgain)
}

// clear takes it off the screen, for what is to be printed there.
func (p *progress) clear() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width > 0 {
		fmt.Fprint(p.out, "\r"+strings.Repeat(" ", p.width)+"\r")
	}
	p.width = 0
}
