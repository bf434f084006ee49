package rollout

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// FuzzManual: whatever the files are called and hold, a shell that runs the steps
// without fluxsum leaves all checksums true, and runs nothing that stands in a name;
// and names that init writes into a config read back.
func FuzzManual(f *testing.F) {
	const object = "kind: HelmRelease\nmetadata:\n  name: r\n  annotations:\n    sum: d41d8cd98f00b204e9800998ecf8427e\n"
	for _, name := range []string{"a", "a b", "it's", "$(touch x)", "`touch x`", "-n", "a;touch x", "a\\b", "ä", "a|b", "#a", "~", "a/b c", "!!", "a'$(touch x)'", " a", "*", "a&b", "%s", "EOF", "\\g\u0085\x00g", ".git", ".git/a", "a/.git/b", ".GIT", "git", "sh", "md5sum"} {
		f.Add(name, "x\n", name+".yaml", object)
		f.Add(name+".bak", "x\n", name, object)
		f.Add(name, "y", "t.yaml", strings.Replace(object, "    sum: d41d8cd98f00b204e9800998ecf8427e\n", "    it's: $(touch x)\n    b: EOF\n", 1))
	}
	f.Fuzz(func(t *testing.T, source, content, target, text string) {
		scalarReads(t, source)
		if len(text) > 1000 {
			return
		}
		if !inCommit(source) || !inCommit(target) || len(source)+len(target) > 100 {
			return
		}
		tree := fstest.MapFS{source: {Data: []byte(content), Mode: 0o644}}
		if !free(tree, target) {
			return
		}
		tree[target] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		checkManual(t, tree, source, target)
	})
}

// inCommit says whether a file of a commit can have a name: on no system may one lead
// into what could be Git's own folder.
func inCommit(name string) bool {
	whole := "/" + strings.ToLower(name)
	return fs.ValidPath(name) && name != "." && !strings.Contains(whole, "/.git") && !strings.Contains(whole, "/git~")
}

// scalarReads writes a string into YAML, as init does.
func scalarReads(t *testing.T, s string) {
	t.Helper()
	var got struct{ A any }
	if text := comment("# ", s) + "a: " + scalar(s) + "\n"; strings.ToValidUTF8(s, "") == s {
		if err := yaml.Unmarshal([]byte(text), &got); err != nil || got.A != s {
			t.Fatalf("%q is written as %q, and read as %v, %v", s, text, got.A, err)
		}
	}
}

// literally writes a name so that a config does not take it for a glob.
var literally = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`, `\`, `\\`)

func checkManual(t *testing.T, tree fstest.MapFS, source, target string) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"version": 1, "rules": []any{map[string]any{"name": "r", "annotation": "sum", "files": literally.Replace(source), "targets": literally.Replace(target)}}})
	if err != nil {
		t.Fatal(err)
	}
	config, err := fluxsum.ReadConfig(fluxsum.ConfigName, text)
	if err != nil {
		return // for names that no config can hold
	}
	plan, err := fluxsum.Build(context.Background(), config, tree)
	if err != nil || len(plan.Problems()) > 0 || plan.InSync() {
		return
	}
	lines, err := Manual(plan, &config.Rules[0], tree, ".")
	if err != nil {
		return // and says why
	}
	dir := byHand(t, tree, strings.Join(lines, "\n")+"\n")
	if again, err := fluxsum.Build(context.Background(), config, os.DirFS(dir)); err != nil || !again.InSync() {
		t.Fatalf("after the steps: %v %+v\n%s", err, again, strings.Join(lines, "\n"))
	}
}

// byHand runs a script on a tree, with a git that only applies patches and tells where
// it is.
func byHand(t *testing.T, tree fstest.MapFS, script string) (dir string) {
	t.Helper()
	dir, bin := t.TempDir(), t.TempDir()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	for name, file := range tree {
		writeFile(t, filepath.Join(dir, name), file.Data)
	}
	writeFile(t, filepath.Join(bin, "git"), []byte("#!/bin/sh\ncase $1 in rev-parse) pwd ;; cat-file) cat \"${3#:}\" ;; apply) exec \"$REAL_GIT\" \"$@\" ;; commit) : >\"$DONE\" ;; esac\n"))
	cmd := exec.Command("sh", "-s")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(script)
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "REAL_GIT="+git, "DONE="+filepath.Join(bin, "done"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	out, err := cmd.CombinedOutput()
	if _, missing := os.Stat(filepath.Join(bin, "done")); err != nil || missing != nil {
		t.Fatalf("%v: %s\n%s", err, out, script)
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if _, err := fs.Stat(tree, e.Name()); err != nil {
			t.Fatalf("the script made %q:\n%s", e.Name(), script)
		}
	}
	return dir
}

func writeFile(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
}
