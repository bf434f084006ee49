package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// modulePath is that of this module.
const modulePath = "github.com/fluxsum/fluxsum"

// committedAt is the date of the commit below, elsewhere than in UTC.
const committedAt, committedAtUTC = "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05Z"

// TestVersion builds fluxsum in each way in which people do, and compares all
// that `fluxsum version` says.
func TestVersion(t *testing.T) {
	onlyOnce(t)
	if testing.Short() {
		t.Skip("-short: builds fluxsum several times")
	}
	clone := commitSources(t)
	id := strings.TrimSpace(runIn(t, clone, "git", "rev-parse", "HEAD"))
	pseudo := "v0.0.0-20260102030405-" + id[:12]

	t.Run("clone", func(t *testing.T) {
		holdVersion(t, buildIn(t, clone), built{Version: pseudo, Commit: id, Date: committedAtUTC},
			fmt.Sprintf("fluxsum %s (commit %s, %s, %s)\n", pseudo, id, committedAtUTC, runtime.Version()))
	})
	runIn(t, clone, "git", "tag", "v1.2.3")
	t.Run("tag", func(t *testing.T) {
		holdVersion(t, buildIn(t, clone), built{Version: "v1.2.3", Commit: id, Date: committedAtUTC},
			fmt.Sprintf("fluxsum v1.2.3 (commit %s, %s, %s)\n", id, committedAtUTC, runtime.Version()))
	})
	t.Run("archive", func(t *testing.T) {
		holdVersion(t, buildIn(t, archiveOf(t, clone)), built{Version: "v1.2.3", Commit: id, Date: committedAtUTC},
			fmt.Sprintf("fluxsum v1.2.3 (commit %s, %s, %s)\n", id, committedAtUTC, runtime.Version()))
	})
	t.Run("copy", func(t *testing.T) {
		holdVersion(t, buildIn(t, copySources(t)), built{Version: "devel"},
			fmt.Sprintf("fluxsum devel (commit not recorded, %s)\n", runtime.Version()))
	})
	t.Run("changed", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(clone, "LICENSE"), []byte("mine\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		holdVersion(t, buildIn(t, clone), built{Version: "v1.2.3+dirty", Commit: id, Date: committedAtUTC, Modified: true},
			fmt.Sprintf("fluxsum v1.2.3+dirty (commit %s with uncommitted changes, %s, %s)\n", id, committedAtUTC, runtime.Version()))
	})
}

// TestVersionInstalled installs fluxsum from a module proxy: a pseudo-version
// tells commit and date; a tag tells what is in the module, and nothing of a commit.
func TestVersionInstalled(t *testing.T) {
	onlyOnce(t)
	if testing.Short() {
		t.Skip("-short: builds fluxsum twice")
	}
	const pseudo = "v1.2.4-0.20260102030405-0123456789ab"
	proxy, cache := t.TempDir(), t.TempDir()
	serve(t, proxy, "v1.2.3")
	serve(t, proxy, pseudo)
	tagged, other := installFrom(t, proxy, cache, "v1.2.3"), installFrom(t, proxy, cache, pseudo)

	sum := versionOf(t, tagged).Sum
	if !strings.HasPrefix(sum, "h1:") {
		t.Errorf("the module's checksum is %q", sum)
	}
	holdVersion(t, tagged, built{Version: "v1.2.3", Sum: sum},
		fmt.Sprintf("fluxsum v1.2.3 (commit of the tag v1.2.3, module %s, %s)\n", sum, runtime.Version()))
	holdVersion(t, other, built{Version: pseudo, Commit: "0123456789ab", Date: committedAtUTC, Sum: versionOf(t, other).Sum},
		fmt.Sprintf("fluxsum %s (commit 0123456789ab, %s, %s)\n", pseudo, committedAtUTC, runtime.Version()))
}

// TestReproducible builds the same commit in two folders: the same bytes, in which
// neither folder is named.
func TestReproducible(t *testing.T) {
	onlyOnce(t)
	if testing.Short() {
		t.Skip("-short: builds fluxsum twice")
	}
	first := commitSources(t)
	second := filepath.Join(t.TempDir(), "elsewhere", "clone")
	runIn(t, first, "git", "clone", "-q", first, second)
	one, other := readFile(t, buildIn(t, first)), readFile(t, buildIn(t, second))
	if !bytes.Equal(one, other) {
		t.Error("two builds of one commit differ")
	}
	if bytes.Contains(one, []byte(first)) {
		t.Errorf("the binary names the folder %s", first)
	}
}

// built is what `fluxsum version -o json` holds.
type built struct {
	Version, Commit, Date string
	Modified              bool
	Sum, Go               string
}

func holdVersion(t *testing.T, program string, want built, text string) {
	t.Helper()
	want.Go = runtime.Version()
	if got := versionOf(t, program); got != want {
		t.Errorf("version -o json: %+v, expected %+v", got, want)
	}
	for _, word := range []string{"version", "--version"} {
		if got := runIn(t, ".", program, word); got != text {
			t.Errorf("%s: %q, expected %q", word, got, text)
		}
	}
}

func versionOf(t *testing.T, program string) (b built) {
	t.Helper()
	if err := json.Unmarshal([]byte(runIn(t, ".", program, "version", "-o", "json")), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// copySources copies what is needed for a build, and is not in a clone then.
func copySources(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{".gitattributes", "go.mod", "go.sum", "LICENSE"} {
		if err := os.WriteFile(filepath.Join(dir, name), readFile(t, filepath.Join("../..", name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cmd", "internal", "pkg"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// commitSources makes a clone of one commit of them.
func commitSources(t *testing.T) string {
	t.Helper()
	dir := copySources(t)
	runIn(t, dir, "git", "init", "-q")
	runIn(t, dir, "git", "add", "-A")
	runIn(t, dir, "git", "commit", "-q", "-m", "one")
	return dir
}

// archiveOf unpacks what GitHub would serve as the source of the commit.
func archiveOf(t *testing.T, clone string) string {
	t.Helper()
	dir := t.TempDir()
	archive := filepath.Join(dir, "source.tar")
	runIn(t, clone, "git", "archive", "--output", archive, "HEAD")
	runIn(t, dir, "tar", "-xf", archive)
	return dir
}

// buildIn builds fluxsum as a release is built.
func buildIn(t *testing.T, dir string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "fluxsum.exe")
	runIn(t, dir, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", program, "./cmd/fluxsum")
	return program
}

// serve puts a version of the module into the folder of a module proxy.
func serve(t *testing.T, proxy, version string) {
	t.Helper()
	dir := filepath.Join(proxy, filepath.FromSlash(modulePath), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	if err := zip.CreateFromDir(&packed, module.Version{Path: modulePath, Version: version}, copySources(t)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"list":            []byte("v1.2.3\n"),
		version + ".info": fmt.Appendf(nil, `{"Version": %q, "Time": %q}`, version, committedAtUTC),
		version + ".mod":  readFile(t, "../../go.mod"),
		version + ".zip":  packed.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// installFrom runs `go install` with a module cache of the test: that of the machine
// must never hold this module. The others come from there, or from where they came from.
func installFrom(t *testing.T, proxy, cache, version string) (program string) {
	t.Helper()
	env := strings.Split(strings.TrimSpace(runIn(t, ".", "go", "env", "GOMODCACHE", "GOPROXY")), "\n")
	bin := t.TempDir()
	cmd := inTest(".", "go", "install", modulePath+"/cmd/fluxsum@"+version)
	cmd.Env = append(cmd.Env, "GOBIN="+bin, "GOMODCACHE="+cache, "GOFLAGS=-trimpath -modcacherw", "GOSUMDB=off", "GOWORK=off",
		"GOPROXY="+fileURL(proxy)+","+fileURL(filepath.Join(env[0], "cache", "download"))+","+env[1])
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return filepath.Join(bin, "fluxsum"+exeSuffix())
}

// fileURL: file:///C:/folder on Windows.
func fileURL(path string) string {
	return "file:///" + strings.TrimPrefix(filepath.ToSlash(path), "/")
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// inTest is a command without the settings of whoever runs the tests.
func inTest(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=Test", "GIT_AUTHOR_EMAIL=test@example.org", "GIT_COMMITTER_NAME=Test", "GIT_COMMITTER_EMAIL=test@example.org",
		"GIT_AUTHOR_DATE="+committedAt, "GIT_COMMITTER_DATE="+committedAt)
	return cmd
}

func runIn(t *testing.T, dir string, args ...string) (stdout string) {
	t.Helper()
	cmd := inTest(dir, args...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, errors.String())
	}
	return string(out)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
