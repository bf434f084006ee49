// Command fluxsum keeps checksums of files true in annotations that roll out
// a change with Flux.
package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/fluxsum/fluxsum/internal/cli"
)

func main() {
	sparingCollector()
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
}

// freeHeap is the size in bytes that the heap reaches in hardly any run.
const freeHeap = 512 << 20

// sparingCollector keeps the garbage collector off until the heap reaches
// freeHeap, since a run is over before its garbage is worth collecting. The
// first collection frees the object below, which switches back to normal.
func sparingCollector() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(freeHeap)
	runtime.SetFinalizer(&struct{ b [16]byte }{}, func(any) {
		debug.SetMemoryLimit(math.MaxInt64)
		debug.SetGCPercent(100)
	})
}
