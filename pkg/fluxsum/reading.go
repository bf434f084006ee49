package fluxsum

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// What the fs.FS of a tree returns for a path that leaves the root through a
// symlink, or for links that lead in a circle. ErrSymlink is for a target that
// is a link.
var (
	ErrOutsideRoot = errors.New("leads out of the root through a symlink")
	ErrLinkLoop    = errors.New("is a symlink that leads to itself")
	ErrSymlink     = errors.New("is a symlink, expected the file itself")
)

// irregularError is the refusal of what is no regular file.
type irregularError struct{ mode fs.FileMode }

func (e *irregularError) Error() string {
	switch {
	case e.mode.IsDir():
		return "is a folder, expected a file"
	case e.mode&fs.ModeNamedPipe != 0:
		return "is a named pipe, expected a file"
	case e.mode&fs.ModeSocket != 0:
		return "is a socket, expected a file"
	case e.mode&fs.ModeDevice != 0:
		return "is a device, expected a file"
	}
	return "is no regular file"
}

// reading turns an error of reading a file into a problem. At is the place in
// the config that names the file: it is used where the file itself has none.
func (t *tree) reading(name string, err error, at *Problem) *Problem {
	var conflict *checksum.ConflictError
	var content *checksum.ContentError
	switch {
	case errors.As(err, &conflict):
		return newProblem(name, conflict.Line, 1, ConflictMessage, "resolve the conflict first")
	case errors.As(err, &content):
		return contentProblem(name, content)
	}
	p := *at
	message, hint := t.fault(name, err)
	p.Message, p.Hint = name+" "+message, hint
	if at.File == name { // the config itself
		p.Message = message
	}
	return &p
}

// ConflictMessage is that of a problem with a merge conflict in a file.
const ConflictMessage = "a merge conflict marker stands here"

const missingHint = "restore the file, or correct the path: it starts at the folder of " + ConfigName

// fault says what is wrong with a file that cannot be read, and what to do.
func (t *tree) fault(name string, err error) (message, hint string) {
	var irregular *irregularError
	var known *FileError
	switch {
	case errors.As(err, &known):
		return known.Message, known.Hint
	case errors.As(err, &irregular) && irregular.mode.IsDir():
		return irregular.Error(), fmt.Sprintf("name its files with a glob, e.g. %s/**", name)
	case errors.As(err, &irregular):
		return irregular.Error(), ""
	case errors.Is(err, fs.ErrNotExist):
		return t.notThere(name)
	case errors.Is(err, ErrOutsideRoot):
		return ErrOutsideRoot.Error(), "keep the file below the folder of " + ConfigName
	case errors.Is(err, ErrLinkLoop):
		return ErrLinkLoop.Error(), missingHint
	case errors.Is(err, ErrSymlink):
		return ErrSymlink.Error(), "name the file that the link leads to"
	case errors.Is(err, fs.ErrPermission):
		return "cannot be read: permission denied", "check the mode of the file and of its folders"
	}
	return reason(err), ""
}

// reason is the innermost message of an error, without the path and the call
// around it.
func reason(err error) string {
	var pathError *fs.PathError
	for errors.As(err, &pathError) {
		err = pathError.Err
	}
	return err.Error()
}

func contentProblem(name string, e *checksum.ContentError) *Problem {
	column := min(e.Line, 1)
	return newProblem(name, e.Line, column, e.Msg, e.Hint)
}

func (t *tree) notThere(name string) (message, hint string) {
	if info, err := fs.Lstat(t.FS, name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return "is a symlink to a file that does not exist", missingHint
	}
	message, hint = "does not exist", missingHint
	if t, ok := t.FS.(Absenter); ok {
		if message, hint = t.Absent(name); hint != "" {
			return message, hint
		}
	}
	if near := Nearest(path.Base(name), t.siblings(name)); near != "" {
		return message, fmt.Sprintf("did you mean %q?", path.Join(path.Dir(name), near))
	}
	return message, missingHint
}

// maxNames bounds the names that are searched for a hint.
const maxNames = 200

// siblings returns the names that stand beside a path, without the config and
// hidden files, and none when there are very many.
func (t *tree) siblings(name string) []string {
	dir := path.Dir(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	if names, ok := t.names[dir]; ok {
		return names
	}
	entries, _ := fs.ReadDir(t.FS, dir)
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && len(entries) <= maxNames {
			names = append(names, e.Name())
		}
	}
	t.names[dir] = names
	return names
}
