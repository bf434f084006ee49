//go:build !unix

package git

import "os"

func endGently(p *os.Process) error { return p.Kill() }
