// Package repo is all of fluxsum that touches the disk: it finds the root,
// shows its files as an fs.FS that cannot be left, and writes changes
// atomically.
package repo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// ErrNoConfig says that no folder from here up to the top of the repository
// holds a config.
var ErrNoConfig = errors.New("no " + fluxsum.ConfigName + " here or in a folder above, up to the top of the repository")

// Find returns the path of the nearest config: in dir or in a folder above it,
// but not above the top of the Git repository that dir is in.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		config := filepath.Join(dir, fluxsum.ConfigName)
		if _, err := os.Lstat(config); !errors.Is(err, fs.ErrNotExist) {
			return config, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir || isTop(dir) {
			return "", ErrNoConfig
		}
		dir = parent
	}
}

// isTop says whether dir is the top of a Git worktree: there .git is a folder,
// or a file in linked worktrees and submodules.
func isTop(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}
