//go:build !linux && !darwin

package repo

import (
	"errors"
	"io/fs"
	"os"
)

// nonblock is not needed where folders hold no named pipes.
const nonblock = 0

// openIn has no short way here.
func openIn(*os.File, string) (fs.File, error) { return nil, errors.ErrUnsupported }
