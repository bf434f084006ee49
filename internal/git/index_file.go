package git

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
)

// errOtherIndex is an index that only git reads: a split or a sparse one, say.
var errOtherIndex = errors.New("an index of a kind that is left to git")

// IndexFile is an index of one of the common kinds, versions 2 to 4 with SHA-1
// (gitformat-index(5)), which can be read without starting git.
type IndexFile struct {
	version, count uint32
	text           []byte // behind the header, without the checksum at the end
}

// OpenIndexFile reads an index. One of another kind, or that is not there, is an
// error: then Git.Index tells.
func OpenIndexFile(path string) (*IndexFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	const header, trailer = 12, 20
	if len(text) < header+trailer || string(text[:4]) != "DIRC" {
		return nil, errOtherIndex
	}
	f := &IndexFile{binary.BigEndian.Uint32(text[4:]), binary.BigEndian.Uint32(text[8:]), text[header : len(text)-trailer]}
	if f.version < 2 || f.version > 4 {
		return nil, errOtherIndex
	}
	return f, nil
}

// Entries lists the entries at and below some paths.
func (f *IndexFile) Entries(paths []string) ([]Entry, error) {
	wanted := map[string]bool{}
	for _, p := range paths {
		wanted[p] = true
	}
	var entries []Entry
	err := f.each(func(path []byte) bool { return isWanted(path, wanted) }, func(e *Entry) { entries = append(entries, *e) })
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// Named lists the paths of all entries of a name, whatever folder they are in.
func (f *IndexFile) Named(base string) (paths []string, err error) {
	err = f.each(func(path []byte) bool {
		return bytes.HasSuffix(path, []byte(base)) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
	}, func(e *Entry) { paths = append(paths, e.Path) })
	return paths, err
}

// each calls do for the entries whose paths are wanted.
func (f *IndexFile) each(wanted func(path []byte) bool, do func(*Entry)) error {
	r := &indexReader{rest: f.text, version: f.version}
	for range f.count {
		e, ok := r.entry(wanted)
		if !ok {
			return errOtherIndex
		}
		if e != nil {
			do(e)
		}
	}
	if !r.onlyKnownExtensions() {
		return errOtherIndex
	}
	return nil
}

// isWanted says whether a path, or a folder above it, is asked for.
func isWanted(path []byte, wanted map[string]bool) bool {
	if wanted["."] || wanted[string(path)] {
		return true
	}
	for i, c := range path {
		if c == '/' && wanted[string(path[:i])] {
			return true
		}
	}
	return false
}

// indexReader stands before an entry.
type indexReader struct {
	rest    []byte
	version uint32
	path    []byte // of the entry before
}

// The places of what is read of an entry, and its flags.
const (
	modeAt, idAt, flagsAt, nameAt = 24, 40, 60, 62

	flagAssumeValid = 1 << 15
	flagExtended    = 1 << 14
	flagStage       = 12        // a shift, of two bits
	flagLength      = 1<<12 - 1 // of the path, or more than that

	extendedSkipWorktree = 1 << 14
	extendedIntentToAdd  = 1 << 13
)

// entry reads an entry; it is nil when it is not wanted.
func (r *indexReader) entry(wanted func([]byte) bool) (e *Entry, ok bool) {
	b, at := r.rest, nameAt
	if len(b) < at+2 { // a name of one letter, and its NUL
		return nil, false
	}
	flags, extended := binary.BigEndian.Uint16(b[flagsAt:]), uint16(0)
	if flags&flagExtended != 0 {
		extended = binary.BigEndian.Uint16(b[at:])
		at += 2
	}
	if at, ok = r.name(at); !ok || len(r.path) == 0 || min(len(r.path), flagLength) != int(flags&flagLength) {
		return nil, false
	}
	r.rest = b[at:]
	mode := binary.BigEndian.Uint32(b[modeAt:])
	if !isKind(mode) {
		return nil, false
	}
	if !wanted(r.path) {
		return nil, true
	}
	return &Entry{
		Mode:            mode,
		ID:              hex.EncodeToString(b[idAt:flagsAt]),
		Path:            string(r.path),
		Stage:           int(flags>>flagStage) & 3,
		AssumeUnchanged: flags&flagAssumeValid != 0,
		SkipWorktree:    extended&extendedSkipWorktree != 0,
		IntentToAdd:     extended&extendedIntentToAdd != 0,
	}, true
}

// isKind says whether a mode is one of the kinds of entries: a file, a symbolic link,
// or a submodule. A folder is one of a sparse index.
func isKind(mode uint32) bool {
	switch mode >> 12 {
	case 0o10, 0o12, 0o16:
		return true
	}
	return false
}

// name reads the path of an entry, and returns where the next one begins.
func (r *indexReader) name(at int) (next int, ok bool) {
	kept, at, ok := r.prefix(at)
	if !ok {
		return 0, false
	}
	end := bytes.IndexByte(r.rest[at:], 0)
	if end < 0 {
		return 0, false
	}
	r.path = append(r.path[:kept], r.rest[at:at+end]...)
	if at += end + 1; r.version < 4 {
		at = (at + 7) / 8 * 8
	}
	return at, at <= len(r.rest)
}

// prefix returns how much version 4 takes over from the path before, and where
// the rest of the path begins. The number of bytes that it leaves out is written
// as in packs (gitformat-pack(5), OFS_DELTA).
func (r *indexReader) prefix(at int) (kept, next int, ok bool) {
	if r.version < 4 {
		return 0, at, true
	}
	cut := -1
	for more := true; more; at++ {
		if at >= len(r.rest) || cut > len(r.path) {
			return 0, at, false
		}
		c := r.rest[at]
		cut = (cut+1)<<7 | int(c&0x7f)
		more = c&0x80 != 0
	}
	return len(r.path) - cut, at, cut <= len(r.path)
}

// onlyKnownExtensions says whether what follows the entries changes nothing of
// them: extensions that do are named in small letters.
func (r *indexReader) onlyKnownExtensions() bool {
	for b := r.rest; len(b) > 0; {
		if len(b) < 8 || b[0] < 'A' || b[0] > 'Z' {
			return false
		}
		size := int(binary.BigEndian.Uint32(b[4:]))
		if size > len(b)-8 {
			return false
		}
		b = b[8+size:]
	}
	return true
}
