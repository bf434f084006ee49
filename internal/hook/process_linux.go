package hook

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// tick is the unit of times in proc(5), USER_HZ: on each platform of Go it is this.
const tick = time.Second / 100

// lookUp returns the parent of a process, and when it began.
func lookUp(pid int) (parent int, began time.Time, ok bool) {
	stat := statOf(pid)
	if len(stat) < 20 {
		return 0, began, false
	}
	parent, err := strconv.Atoi(stat[1])
	ticks, errTicks := strconv.ParseInt(stat[19], 10, 64)
	var now unix.Timespec // since boot, as the ticks are
	errClock := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
	age := time.Duration(now.Nano()) - time.Duration(ticks)*tick
	return parent, time.Now().Add(-age), err == nil && errTicks == nil && errClock == nil
}
