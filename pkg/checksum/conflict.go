package checksum

import "bytes"

// How git writes an unresolved conflict (git-merge, "How conflicts are presented"), with its default marker size of seven.
const (
	oursMarker   = "<<<<<<< "
	splitMarker  = "======="
	theirsMarker = ">>>>>>> "
)

// conflictState says which marker comes next.
type conflictState uint8

const (
	wantOurs conflictState = iota
	wantSplit
	wantTheirs
	conflicted
)

// conflictScanner looks for the three markers of a conflict in chunks of any size, in constant memory.
// Its zero value is ready for the first byte of a file.
type conflictScanner struct {
	state  conflictState
	lines  int // complete lines before the current one
	marker int // 1-based line of the "<<<<<<< " marker
	// head holds the first bytes of the current line: as much as decides "=======\r" against anything longer.
	head    [len(splitMarker) + 2]byte
	headLen int
}

// write takes the next bytes of the file.
func (s *conflictScanner) write(p []byte) {
	for len(p) > 0 && s.state != conflicted {
		p = s.endCurrentLine(p)
		if s.state == wantOurs {
			p = s.skipToOurs(p)
		}
	}
}

// err ends the file, whose last line may lack its newline, and returns a *ConflictError when a conflict was found.
func (s *conflictScanner) err() error {
	if s.headLen > 0 {
		s.classify()
	}
	if s.state != conflicted {
		return nil
	}
	return &ConflictError{Line: s.marker}
}

// endCurrentLine takes the rest of the current line out of p and returns what follows its newline.
func (s *conflictScanner) endCurrentLine(p []byte) []byte {
	end := bytes.IndexByte(p, '\n')
	if end < 0 {
		s.headLen += copy(s.head[s.headLen:], p)
		return nil
	}
	s.headLen += copy(s.head[s.headLen:], p[:end])
	s.classify()
	s.lines++
	return p[end+1:]
}

// skipToOurs returns p from the first line that begins with the "<<<<<<< " marker, or else what of its last line the
// next chunk may complete to one. p begins at a line.
// Most files hold no marker, so this is the only work they cost: two vectorised scans instead of a loop over lines.
func (s *conflictScanner) skipToOurs(p []byte) []byte {
	at := indexLine(p, oursMarker)
	if at < 0 {
		at = s.lastLine(p)
	}
	s.lines += bytes.Count(p[:at], []byte{'\n'})
	return p[at:]
}

// lastLine returns where the last line of p begins, or the end of p when that line is long enough to be known not to
// begin with a marker. To look no further back than that keeps files of very long lines cheap.
func (s *conflictScanner) lastLine(p []byte) int {
	tail := max(len(p)-len(oursMarker), 0)
	newline := bytes.LastIndexByte(p[tail:], '\n')
	if newline < 0 && tail > 0 {
		s.headLen = copy(s.head[:], "no marker")
		return len(p)
	}
	return tail + newline + 1
}

// indexLine returns the offset of the first line of p that begins with prefix, or -1.
func indexLine(p []byte, prefix string) int {
	for from := 0; ; {
		i := bytes.Index(p[from:], []byte(prefix))
		if i < 0 {
			return -1
		}
		at := from + i
		if at == 0 || p[at-1] == '\n' {
			return at
		}
		from = at + 1
	}
}

// classify moves the state by the line that has just ended. A second "<<<<<<< " before the "=======" is the better
// place to send the user to, so it replaces the first.
func (s *conflictScanner) classify() {
	line := s.head[:s.headLen]
	s.headLen = 0
	switch {
	case s.state <= wantSplit && bytes.HasPrefix(line, []byte(oursMarker)):
		s.state, s.marker = wantSplit, s.lines+1
	case s.state == wantSplit && string(bytes.TrimSuffix(line, []byte{'\r'})) == splitMarker:
		s.state = wantTheirs
	case s.state == wantTheirs && bytes.HasPrefix(line, []byte(theirsMarker)):
		s.state = conflicted
	}
}

// CheckConflicts returns a *ConflictError when text holds the markers of an unresolved merge conflict, else nil.
func CheckConflicts(text []byte) error {
	var scanner conflictScanner
	scanner.write(text)
	return scanner.err()
}
