// Package parallel spreads work over all cores.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Do calls do for 0 to n-1 on all cores, and stops early when ctx ends; then
// the error is that of ctx.
func Do(ctx context.Context, n int, do func(int)) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(n) && ctx.Err() == nil; i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}
