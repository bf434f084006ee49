package checksum_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// files are sources with names that coreutils escapes, and one that bytewise sorting puts last.
var files = map[string]string{"a": "hello\n", "b b": "", "c\\d\ne\rf": "x", "é": "z"}

// What coreutils 9.1 printed for files with LC_ALL=C: md5sum -- *, and then for each algorithm XXXsum -- * | XXXsum.
const md5Listing = `b1946ac92492d2347c6235b4d2611184  a
d41d8cd98f00b204e9800998ecf8427e  b b
\9dd4e461268c8034f5c8564e155c67a6  c\\d\ne\rf
fbade9e36a3f36d3d676c1b808451dd7  é
`

var listingSums = map[checksum.Algorithm]string{
	checksum.MD5:    "74a95396dff4bfad3ea9ed5aad9620e5",
	checksum.SHA1:   "e0175ad87fb2ea526e0511716b6d6abe4e0c61b8",
	checksum.SHA256: "517ffd76a1a8b0d729057793c364dcd752a064a85879e36cacc6935a21966589",
	checksum.SHA512: "8fe0d3639a1600ed5ad0ac78825e1f97eaa12022edacad40bc446dec1e2e63ec9ce77ae85680e2f51362069ec395fa838adb4439e533da9a5979bd7fd44582d4",
}

func TestListingIsThatOfCoreutils(t *testing.T) {
	if got := string(checksum.Listing(entries(t, checksum.MD5, files))); got != md5Listing {
		t.Errorf("got\n%swant\n%s", got, md5Listing)
	}
	for a, want := range listingSums {
		if got := a.SumListing(entries(t, a, files)); got != want {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
	}
}

func TestListingLeavesItsInputAlone(t *testing.T) {
	in := []checksum.Entry{{Path: "b", Sum: "1"}, {Path: "a", Sum: "2"}}
	if got := string(checksum.Listing(in)); got != "2  a\n1  b\n" || in[0].Path != "b" {
		t.Errorf("got %q from %v", got, in)
	}
	if got := checksum.MD5.SumListing(nil); got != "d41d8cd98f00b204e9800998ecf8427e" {
		t.Errorf("empty listing: got %s", got)
	}
}

func TestSumsAreThoseOfTheInstalledCoreutils(t *testing.T) {
	for _, a := range checksum.Algorithms() {
		t.Run(string(a)+"sum", func(t *testing.T) { compareWithProgram(t, a) })
	}
}

func compareWithProgram(t *testing.T, a checksum.Algorithm) {
	program, err := exec.LookPath(string(a) + "sum")
	if err != nil {
		t.Skipf("%ssum is not on PATH", a)
	}
	odd := map[string]string{
		"a/deep/file.yaml": "a: 1\n", " lead": "1", "-dash": "2", "*star": "3", "tab\there": "4", "\xffbytes": "5",
		"\\": "6", "\n": "7", "\r\n": "8", `\n`: "9", "A": "10", "ä": "11", "~": "12", "big": strings.Repeat("x\n", 1<<17),
	}
	run := exec.Command(program, append([]string{"--"}, sortedNames(odd)...)...)
	run.Dir = writeFiles(t, odd)
	want, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := checksum.Listing(entries(t, a, odd)); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\n%s prints\n%s", got, program, want)
	}
}

func entries(t *testing.T, a checksum.Algorithm, contents map[string]string) (list []checksum.Entry) {
	for name, content := range contents {
		sum, err := a.Sum(checksum.Bytes, strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, checksum.Entry{Path: name, Sum: sum})
	}
	return list
}

func sortedNames(contents map[string]string) (names []string) {
	for name := range contents {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func writeFiles(t *testing.T, contents map[string]string) string {
	dir := t.TempDir()
	for name, content := range contents {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		err := os.WriteFile(path, []byte(content), 0o644)
		switch {
		case err != nil && runtime.GOOS == "linux": // whose file systems hold any name
			t.Fatal(err)
		case err != nil:
			t.Skipf("the file system of %s cannot hold %q: %v", runtime.GOOS, name, err)
		}
	}
	return dir
}
