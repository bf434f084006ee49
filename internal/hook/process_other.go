//go:build !linux && !darwin

package hook

import "time"

// lookUp is told on Linux and macOS alone.
func lookUp(int) (parent int, began time.Time, ok bool) { return 0, began, false }
