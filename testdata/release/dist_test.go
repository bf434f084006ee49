// Package release holds what goreleaser makes to what a release must hold. It is a
// module of its own, since the readers of packages are of no use elsewhere.
package release

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const (
	top  = "../.."
	dist = top + "/dist" // where make release-check has goreleaser build
)

func TestMain(m *testing.M) {
	if _, err := os.Stat(dist); err != nil {
		panic("no snapshot in dist: make release-check builds one, and runs these tests")
	}
	os.Exit(m.Run())
}

// TestArchives: the program, license, README, completions and man pages.
func TestArchives(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, machine := range []string{"amd64", "arm64"} {
			t.Run(system+"_"+machine, func(t *testing.T) {
				suffix, program := ".tar.gz", "fluxsum"
				if system == "windows" {
					suffix, program = ".zip", "fluxsum.exe"
				}
				want := map[string]string{program: "", "LICENSE": "LICENSE", "README.md": "README.md"}
				for _, file := range source(t, "completions/*") {
					want[file] = file
				}
				for _, page := range source(t, "docs/man/*.1") {
					want["man/"+path.Base(page)] = page
				}
				files, _ := unpack(t, one(t, "fluxsum_*_"+system+"_"+machine+suffix))
				hold(t, files, want)
			})
		}
	}
}

// TestPackages: the same where each system has it, with Git recommended where the
// format can say so.
func TestPackages(t *testing.T) {
	for _, p := range []struct{ pattern, license, zsh, control string }{
		{"fluxsum_*_%.deb", "usr/share/doc/fluxsum/copyright", "vendor-completions", "\nRecommends: git\n"},
		{"fluxsum-*.%.rpm", "usr/share/licenses/fluxsum/LICENSE", "site-functions", "Recommends: git\n"},
		{"fluxsum_*_%.apk", "usr/share/licenses/fluxsum/LICENSE", "site-functions", "\nlicense = Apache-2.0\n"},
	} {
		machines := []string{"x86_64", "aarch64"}
		if path.Ext(p.pattern) == ".deb" {
			machines = []string{"amd64", "arm64"}
		}
		for _, machine := range machines {
			name := strings.Replace(p.pattern, "%", machine, 1)
			t.Run(name, func(t *testing.T) {
				want := map[string]string{
					"usr/bin/fluxsum": "",
					p.license:         "LICENSE",
					"usr/share/bash-completion/completions/fluxsum":    "completions/fluxsum.bash",
					"usr/share/fish/vendor_completions.d/fluxsum.fish": "completions/fluxsum.fish",
					"usr/share/zsh/" + p.zsh + "/_fluxsum":             "completions/_fluxsum",
					"usr/share/doc/fluxsum/README.md":                  "README.md",
				}
				for _, page := range source(t, "docs/man/*.1") {
					want["usr/share/man/man1/"+path.Base(page)+".gz"] = page
				}
				files, control := unpack(t, one(t, name))
				hold(t, files, want)
				if !strings.Contains(control, p.control) {
					t.Errorf("the package says\n%s\nexpected %q", control, p.control)
				}
			})
		}
	}
}

// TestChecksums: checksums.txt holds each archive and package, and is true.
func TestChecksums(t *testing.T) {
	listed := map[string]string{}
	for line := range strings.Lines(string(read(t, dist+"/checksums.txt"))) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		listed[name] = sum
	}
	for _, pattern := range []string{"*.tar.gz", "*.zip", "*.deb", "*.rpm", "*.apk"} {
		for _, file := range glob(t, dist, pattern) {
			sum := sha256.Sum256(read(t, file))
			if name := filepath.Base(file); listed[name] != hex.EncodeToString(sum[:]) {
				t.Errorf("checksums.txt has %q for %s, expected %x", listed[name], name, sum)
			}
		}
	}
}

// TestCask: what the cask of Homebrew links to is in the archives, with its checksum.
func TestCask(t *testing.T) {
	cask := string(read(t, dist+"/homebrew/Casks/fluxsum.rb"))
	checksums := string(read(t, dist+"/checksums.txt"))
	sums := regexp.MustCompile(`sha256 "(.*)"`).FindAllStringSubmatch(cask, -1)
	if len(sums) != 4 {
		t.Errorf("%d archives in the cask, expected 4", len(sums))
	}
	for _, sum := range sums {
		if !strings.Contains(checksums, sum[1]) {
			t.Errorf("no archive has the checksum %s", sum[1])
		}
	}
	archive, _ := unpack(t, one(t, "fluxsum_*_darwin_arm64.tar.gz"))
	var pages []string
	for _, link := range regexp.MustCompile(`(?m)^  (binary|manpage|bash_completion|fish_completion|zsh_completion) "(.*)"$`).FindAllStringSubmatch(cask, -1) {
		if _, ok := archive[link[2]]; !ok {
			t.Errorf("the cask links to %s, which is not in the archive", link[2])
		}
		if link[1] == "manpage" {
			pages = append(pages, "docs/"+link[2])
		}
	}
	if want := source(t, "docs/man/*.1"); !slices.Equal(pages, want) {
		t.Errorf("the cask has the pages %q, expected %q: homebrew_casks in .goreleaser.yaml lists them", pages, want)
	}
}

// TestVersion: the program knows the commit that it was built from.
func TestVersion(t *testing.T) {
	program := filepath.Join(t.TempDir(), "fluxsum")
	if err := os.WriteFile(program, host(t), 0o755); err != nil {
		t.Fatal(err)
	}
	out := run(t, program, "version", "-o", "json")
	var version struct{ Commit, Date string }
	if err := json.Unmarshal([]byte(out), &version); err != nil {
		t.Fatal(err)
	}
	if head := strings.TrimSpace(run(t, "git", "rev-parse", "HEAD")); version.Commit != head || version.Date == "" {
		t.Errorf("%sexpected the commit %s", out, head)
	}
}

// TestReproducible: whoever builds the commit elsewhere, as docs/install.md says,
// gets the program of the release.
func TestReproducible(t *testing.T) {
	released := host(t)
	clone := filepath.Join(t.TempDir(), "clone")
	run(t, "git", "clone", "-q", top, clone)
	t.Chdir(clone)
	run(t, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "./cmd/fluxsum")
	if !bytes.Equal(read(t, "fluxsum"), released) {
		t.Error("a build in another folder gives other bytes")
	}
}

// host is the program for this machine. Where Go records no commit, or the clone holds
// changes beside it, there is nothing to compare it with.
func host(t *testing.T) []byte {
	t.Helper()
	if info, err := os.Stat(top + "/.git"); err != nil || !info.IsDir() {
		t.Skip("not in a clone of its own: in a linked worktree Go records no commit")
	}
	if run(t, "git", "-C", top, "status", "--porcelain") != "" {
		t.Skip("the clone has uncommitted changes")
	}
	files, _ := unpack(t, one(t, "fluxsum_*_"+runtime.GOOS+"_"+runtime.GOARCH+".tar.gz"))
	return files["fluxsum"].text
}

func run(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return string(out)
}

// hold checks that these are the files, each with the text of its source, or with
// any where it is the program, and that all are root's.
func hold(t *testing.T, files entries, want map[string]string) {
	t.Helper()
	for name, file := range files {
		from, known := want[name]
		mode := fs.FileMode(0o644)
		switch {
		case !known:
			t.Errorf("%s is too much", name)
		case from == "":
			mode = 0o755
		case !bytes.Equal(plain(t, name, file.text), read(t, filepath.Join(top, from))):
			t.Errorf("%s is not %s", name, from)
		}
		if file.mode != mode || file.owner != "root:root" {
			t.Errorf("%s has %v and %s, expected %v and root:root", name, file.mode, file.owner, mode)
		}
	}
	for name := range want {
		if len(files[name].text) == 0 {
			t.Errorf("%s is missing or empty", name)
		}
	}
}

// plain is the text of a man page, which packages hold compressed, without a date.
func plain(t *testing.T, name string, text []byte) []byte {
	t.Helper()
	if path.Ext(name) != ".gz" {
		return text
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(name, err)
	}
	if !r.ModTime.IsZero() {
		t.Errorf("%s holds the date %v", name, r.ModTime)
	}
	if text, err = io.ReadAll(r); err != nil {
		t.Fatal(name, err)
	}
	return text
}

// source are files of the repository, as paths from its top.
func source(t *testing.T, pattern string) []string {
	t.Helper()
	files := glob(t, top, pattern)
	for i, file := range files {
		files[i] = strings.TrimPrefix(filepath.ToSlash(file), top+"/")
	}
	return files
}

// one is the only file of dist that matches.
func one(t *testing.T, pattern string) string {
	t.Helper()
	files := glob(t, dist, pattern)
	if len(files) != 1 {
		t.Fatalf("%d files are named %s in dist, expected 1", len(files), pattern)
	}
	return files[0]
}

// glob fails where nothing matches.
func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing in %s is named %s: %v", dir, pattern, err)
	}
	return files
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
