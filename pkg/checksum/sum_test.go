package checksum_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

const conflict = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> topic\n"

func TestSumFindsConflicts(t *testing.T) {
	for text, want := range map[string]int{
		conflict: 2,
		strings.ReplaceAll(conflict, "\n", "\r\n"):                       2,
		strings.TrimSuffix(conflict, "\n"):                               2,
		"<<<<<<< a\n||||||| base\n=======\n>>>>>>> b\n":                  1,
		"<<<<<<< stray\n" + conflict:                                     3,
		strings.Repeat("x\n", 1<<17) + conflict:                          1<<17 + 2,
		strings.Repeat("x", 1<<17) + "\n" + conflict:                     3,
		"x <<<<<<< \n<<<<<<<< \n" + conflict:                             4,
		"<<<<<<< a\n=======\n>>>>>>> ":                                   1,
		"a\n" + strings.Repeat("x", 64<<10-2) + conflict[len("a: 1\n"):]: 0, // the buffer ends before the marker
		"x\ny <<<<<<< a\n=======\n>>>>>>> b\n":                           0,
		"":                                                               0,
		"<<<<<<<\n=======\n>>>>>>>\n":                                    0,
		"=======\n>>>>>>> b\n<<<<<<< a\n":                                0,
		"<<<<<<< a\n========\n>>>>>>> b\n":                               0,
		"<<<<<<< a\n=======\r\r\n>>>>>>> b\n":                            0,
		"<<<<<<< a\n======= \n>>>>>>> b\n":                               0,
		"<<<<<<< a\n=======\n":                                           0,
		"  <<<<<<< a\n  =======\n  >>>>>>> b\n":                          0,
		"<<<<<<< a\r=======\r>>>>>>> b\r":                                0,
		"a: |\n  >>>>>>> b\n=======\n<<<<<<< c\n>>>>>>> d\n=":            0,
	} {
		for _, content := range checksum.Contents() {
			_, err := checksum.MD5.Sum(content, strings.NewReader(text))
			if got := conflictLine(err); got != want {
				t.Errorf("%s of %.60q: got conflict at line %d, want %d", content, text, got, want)
			}
		}
	}
}

func TestConflictErrorNamesTheLine(t *testing.T) {
	_, err := checksum.SHA256.Sum(checksum.Bytes, strings.NewReader(conflict))
	wantError(t, err, "line 2: unresolved merge conflict")
}

func TestSumOfCanonicalContent(t *testing.T) {
	want, _ := checksum.SHA1.Sum(checksum.Bytes, strings.NewReader(`{"a":1,"b":"x"}`))
	for content, text := range map[checksum.Content]string{
		checksum.YAML: "# c\nb: 'x'\na: 0x1\n",
		checksum.SOPS: "b: x\nsops:\n  mac: y\na: 1.0\n",
	} {
		if got, err := checksum.SHA1.Sum(content, strings.NewReader(text)); got != want {
			t.Errorf("%s: got %s, %v, want %s", content, got, err, want)
		}
	}
}

func TestSumPassesOnReadErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, content := range checksum.Contents() {
		r := io.MultiReader(strings.NewReader("a: 1"), iotest.ErrReader(broken))
		if sum, err := checksum.MD5.Sum(content, r); sum != "" || err != broken {
			t.Errorf("%s: got %q, %v", content, sum, err)
		}
	}
	if _, err := checksum.MD5.Sum(checksum.Bytes, idleReader{}); err != io.ErrNoProgress {
		t.Errorf("idle reader: got %v", err)
	}
}

// idleReader never gives a byte nor an error.
type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

func TestSumRefusesLargeCanonicalContent(t *testing.T) {
	endless := io.LimitReader(&generator{}, 1<<40)
	_, err := checksum.MD5.Sum(checksum.YAML, endless)
	wantContentError(t, err, "holds more than 8 MiB, expected no more than that for content: yaml or sops")
}

func TestSumOfAHugeFileTakesLittleMemory(t *testing.T) {
	runtime.GC() // twice empties a sync.Pool, so that the buffer counts
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := checksum.MD5.Sum(checksum.Bytes, io.LimitReader(&generator{}, 256<<20)); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20 {
		t.Errorf("allocated %d bytes in all for 256 MiB", spent)
	}
}

func TestSumOfASmallFileAllocatesLittle(t *testing.T) {
	data := bytes.Repeat([]byte("key: val\n"), 113)
	r := bytes.NewReader(data)
	allocs := testing.AllocsPerRun(100, func() {
		r.Reset(data)
		checksum.MD5.Sum(checksum.Bytes, r)
	})
	if allocs > 5 {
		t.Errorf("%v allocations, want the hash and its text alone", allocs)
	}
}

// generator gives lines of text without end, in full reads.
type generator struct{ at int }

func (g *generator) Read(p []byte) (int, error) {
	const line = "some-key: some value of usual length\n"
	for n := 0; n < len(p); {
		c := copy(p[n:], line[g.at:])
		g.at = (g.at + c) % len(line)
		n += c
	}
	return len(p), nil
}

func FuzzSum(f *testing.F) {
	f.Add([]byte(conflict), uint64(1))
	f.Add([]byte("<<<<<<< a\r\n<<<<<<< b\r\n=======\r\n>>>>>>> c"), uint64(2))
	f.Add([]byte("\n\n<<<<<<< \n=======\n=======\n>>>>>>> \n"), uint64(3))
	f.Add([]byte("<<<<<<<\n<<<<<<<< <<<<<<< \n======="), uint64(4))
	f.Add([]byte("x\nlonger than a marker <<<<<<< \n<<<<<<< a\n=======\n>>>>>>> b"), uint64(5))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		for name, r := range slowReaders(data, seed) {
			checkSum(t, name, data, r)
		}
	})
}

func slowReaders(data []byte, seed uint64) map[string]io.Reader {
	return map[string]io.Reader{
		"whole":    bytes.NewReader(data),
		"one byte": iotest.OneByteReader(bytes.NewReader(data)),
		"half":     iotest.HalfReader(bytes.NewReader(data)),
		"data err": iotest.DataErrReader(bytes.NewReader(data)),
		"random":   &randomReader{bytes.NewReader(data), rand.New(rand.NewPCG(seed, 0))},
	}
}

// randomReader reads up to 20 bytes at a time, a few more than the longest marker, and sometimes none.
type randomReader struct {
	r    io.Reader
	rand *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.r.Read(p[:min(len(p), r.rand.IntN(20))])
}

func checkSum(t *testing.T, name string, data []byte, r io.Reader) {
	sum, err := checksum.SHA256.Sum(checksum.Bytes, r)
	want := referenceConflict(data)
	if got := conflictLine(err); got != want {
		t.Fatalf("%s: got conflict at line %d (%v), want %d", name, got, err, want)
	}
	if want == 0 && sum != referenceSum(data) {
		t.Fatalf("%s: got sum %s", name, sum)
	}
}

func referenceSum(data []byte) string {
	h := checksum.SHA256.New()
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// referenceConflict is the scanner written plainly: over all lines of the whole file.
func referenceConflict(data []byte) (marker int) {
	split := false
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case !split && strings.HasPrefix(line, "<<<<<<< "):
			marker = i + 1
		case marker > 0 && !split && (line == "=======" || line == "=======\r"):
			split = true
		case split && strings.HasPrefix(line, ">>>>>>> "):
			return marker
		}
	}
	return 0
}

// conflictLine returns the line of a ConflictError, 0 for anything else.
func conflictLine(err error) int {
	var found *checksum.ConflictError
	if errors.As(err, &found) {
		return found.Line
	}
	return 0
}

func BenchmarkSum(b *testing.B) {
	for _, a := range checksum.Algorithms() {
		for _, size := range []int{1 << 10, 64 << 20} {
			b.Run(fmt.Sprintf("%s/%dKiB", a, size>>10), func(b *testing.B) { benchmarkSum(b, a, size) })
		}
	}
}

func benchmarkSum(b *testing.B, a checksum.Algorithm, size int) {
	data := make([]byte, size)
	(&generator{}).Read(data)
	r := bytes.NewReader(data)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(data)
		if _, err := a.Sum(checksum.Bytes, r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareMD5 is what hashing alone costs: the difference to BenchmarkSum is reading and looking for conflicts.
func BenchmarkBareMD5(b *testing.B) {
	data := make([]byte, 64<<20)
	(&generator{}).Read(data)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		checksum.MD5.New().Write(data)
	}
}
