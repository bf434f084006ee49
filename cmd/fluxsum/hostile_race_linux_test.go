package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLinksSwappedInARace swaps a folder, and a file, with a symlink to the outside
// again and again while fluxsum runs: what lies outside is never read or written.
func TestLinksSwappedInARace(t *testing.T) {
	onlyOnce(t)
	for name, attributes := range map[string]string{"plain": "", "converted by git": "* text=auto\n"} {
		t.Run(name, func(t *testing.T) {
			r := newRace(t, attributes)
			swaps := r.swap(t)
			seen := 0
			for range 6 {
				out, _ := r.fluxsum("verify", "-o", "json")
				r.check(t, out)
				out, _ = r.fluxsum("update")
				r.check(t, out)
				seen += r.naive()
			}
			if swaps() == 0 || seen == 0 {
				t.Errorf("%d reads without care came to the outside: the race is none", seen)
			}
		})
	}
}

// race is a root with many sources, and the same names outside of it.
type race struct {
	root, outside string
	sums          []string // of what lies outside
	links         [2]string
}

// raced is how many files are in the folder that is swapped.
const raced = 20

func newRace(t *testing.T, attributes string) *race {
	t.Helper()
	dir := t.TempDir()
	r := &race{root: filepath.Join(dir, "root"), outside: filepath.Join(dir, "outside")}
	config, target := "version: 1\nrules:\n", "kind: HelmRelease\nmetadata:\n  name: app\n  annotations:\n"
	for i := range raced {
		name := fmt.Sprintf("conf/%02d.yaml", i)
		config += fmt.Sprintf("  - {name: r%d, files: %s, annotation: sum%d, targets: [app.yaml, conf/target.yaml]}\n", i, name, i)
		target += fmt.Sprintf("    sum%d: \"%032d\"\n", i, 0)
		outside := fmt.Sprintf("canary: %d\n", i)
		r.sums = append(r.sums, digest([]byte(outside)))
		writeFile(t, filepath.Join(r.root, name), fmt.Sprintf("inside: %d\n", i))
		writeFile(t, filepath.Join(r.outside, filepath.Base(name)), outside)
	}
	writeFile(t, filepath.Join(r.root, ".fluxsum.yaml"), config)
	if attributes != "" {
		writeFile(t, filepath.Join(r.root, ".gitattributes"), attributes)
	}
	for _, name := range []string{"root/app.yaml", "root/conf/target.yaml", "outside/target.yaml"} {
		writeFile(t, filepath.Join(dir, name), target)
	}
	runIn(t, r.root, "sh", "-e", "-c", "git init -q; git add -A; git commit -q -m start; for f in conf/[0-9]*; do echo '# edited' >>$f; done")
	r.links = [2]string{filepath.Join(dir, "folder"), filepath.Join(dir, "file")}
	for i, to := range []string{r.outside, filepath.Join(r.outside, "00.yaml")} {
		if err := os.Symlink(to, r.links[i]); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// swap exchanges the folder, and a file in it, with the links until the test ends.
func (r *race) swap(t *testing.T) (times func() int64) {
	var n atomic.Int64
	stop, done := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for i, place := range []string{"conf", "conf/01.yaml"} {
				out := exchange(r.links[i], filepath.Join(r.root, place))
				back := exchange(r.links[i], filepath.Join(r.root, place))
				if out == nil && back == nil {
					n.Add(1)
				}
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-done })
	return n.Load
}

func exchange(a, b string) error {
	return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
}

func (r *race) fluxsum(args ...string) ([]byte, error) {
	cmd := exec.Command(filepath.Join(binDir, "fluxsum"), args...)
	cmd.Dir = r.root
	return cmd.CombinedOutput()
}

// check looks for checksums of the outside, and for changes there.
func (r *race) check(t *testing.T, out []byte) {
	t.Helper()
	app, _ := os.ReadFile(filepath.Join(r.root, "app.yaml"))
	for i, sum := range r.sums {
		if bytes.Contains(out, []byte(sum[:8])) || bytes.Contains(app, []byte(sum)) {
			t.Fatalf("conf/%02d.yaml was read outside of the root: %s\n%s\n%s", i, sum, out, app)
		}
	}
	target, err := os.ReadFile(filepath.Join(r.outside, "target.yaml"))
	if err != nil || strings.Count(string(target), strings.Repeat("0", 30)) != raced {
		t.Fatalf("a file outside of the root was written: %v\n%s", err, target)
	}
}

// naive counts how often reading by the path alone comes to the outside.
func (r *race) naive() (seen int) {
	for range 10 {
		for i := range raced {
			text, _ := os.ReadFile(filepath.Join(r.root, fmt.Sprintf("conf/%02d.yaml", i)))
			if bytes.HasPrefix(text, []byte("canary")) {
				seen++
			}
		}
	}
	return seen
}
