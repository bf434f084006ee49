package fluxsum

import "io/fs"

// What the fs.FS of a tree may offer beyond fs.FS.

// Storing is a tree whose files Git stores in another form than they have
// there: a worktree, with its line endings and filters.
type Storing interface {
	fs.FS
	// Sources tells which files will be opened with OpenStored.
	Sources(names []string)
	// OpenStored opens a file with the bytes that Git stores.
	OpenStored(name string) (fs.File, error)
	// Store returns what Git would store of a file with this text.
	Store(name string, text []byte) ([]byte, error)
}

// Tracking is a tree that knows which of its files Git tracks.
type Tracking interface {
	fs.FS
	Tracked(name string) bool
}

// Absenter is a tree that knows why a file is not there: what is wrong with
// it, and what to do, if it knows that.
type Absenter interface {
	fs.FS
	Absent(name string) (message, hint string)
}

// Blob identifies the content of a file. The FileInfo of a file may return one
// from Sys: files of the same Blob have the same bytes.
type Blob string

// FileError is what a tree says of a file that it cannot open. The message
// follows the name of the file.
type FileError struct{ Message, Hint string }

// Error returns the message.
func (e *FileError) Error() string { return e.Message }
