//go:build !linux

package git

import "io"

// shrunk returns how many bytes a pipe holds at most.
func shrunk(io.Writer) (holds int) { return maxPipe() }
