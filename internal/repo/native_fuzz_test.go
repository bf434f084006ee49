package repo

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzNative: what is read without git of attributes, and of its settings, is what git
// reads; or it is said that git is needed.
func FuzzNative(f *testing.F) {
	dir := gitFolder(f)
	for _, line := range []string{"* text=auto", "*.yaml text eol=lf", "a/** -text", "/b binary", "!a text", "[attr]x text=auto -eol\n* x", "[attr] text", "[attr]", "a\\ b text", "\"a b\" text", "a text # c", "# a text", " a text", "a text !text", "*.y* filter=lfs", "a/b text\n*.yaml -text", "**/b eol=crlf", "a/ text", "[a-c].yaml text", "a? ident", "text\ttext", "\"\"", "a/ **", "[attr]x x\n* x", "[attr]x text\n* x\na* -x", "* x -x=y", "* -text=auto !eol=x", "a/**", "**", "/**", "* builtin_x", "* -", "* =x", "\vx text"} {
		f.Add(line, "a/b.yaml", "[core]\n\tautocrlf = true\n")
		f.Add(line+"\r\n"+line, "a", "[core \"x\"]\nautocrlf=input\n[CORE]\nautoCRLF\n")
		f.Add("* text\n"+line, "b", "[core]autocrlf=\"true\" ; c\n# x\n")
	}
	for _, text := range []string{"[core]autocrlf=\"tr\"ue ; c\n", "[core]\nautocrlf=\n", "[core]\nautocrlf=a\n[x]\n[core]\nautocrlf=b\n", "autocrlf=1", "[core] ; autocrlf=x\nautocrlf=y", "\ufeff[core]\nautocrlf=y"} {
		f.Add("", "a", text)
	}
	f.Fuzz(func(t *testing.T, lines, name, config string) {
		checkSettings(t, filepath.Join(dir, "settings"), config)
		if len(lines) > 500 || !isPlainPath(name) || strings.Contains(lines, "\x00") {
			return
		}
		var a attributes
		a.add("binary -diff -merge -text", ".", true)
		for line := range strings.SplitSeq(lines, "\n") {
			a.add(line, ".", false)
		}
		if a.unread() != "" {
			return // git is needed, and that is said
		}
		got, want := a.of(name), gitAttributes(t, dir, lines, name)
		for _, key := range converting {
			if got[key] != want[key] {
				t.Fatalf("%s of %s is %q, git says %q:\n%s", key, name, got[key], want[key], lines)
			}
		}
	})
}

// checkSettings leaves escapes out: go-git keeps a line break that git drops.
func checkSettings(t *testing.T, path, text string) {
	t.Helper()
	if strings.ContainsAny(text, "\\\x00") || !strings.Contains(text, "core") {
		return
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := readConfig(path, "autocrlf")
	if err != nil {
		return // then nothing is done without git
	}
	got := settings.Section("core").Option("autocrlf")
	out, err := exec.Command("git", "config", "-z", "--file", path, "--get", "core.autocrlf").Output()
	want := strings.TrimSuffix(string(out), "\x00")
	if words := strings.Fields; err == nil && !slices.Equal(words(got), words(want)) { // versions of git differ in blanks
		t.Fatalf("autocrlf is %q, git says %q:\n%q", got, want, text)
	}
}

func isPlainPath(name string) bool {
	return filepath.IsLocal(name) && filepath.Clean(name) == name && name != "." && !strings.ContainsAny(name, "\x00\n") && !strings.Contains(strings.ToLower(name), "git")
}

func gitFolder(f *testing.F) string {
	f.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		f.Skip("git is not installed")
	}
	dir := f.TempDir()
	if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"} {
		f.Setenv(name, os.DevNull)
	}
	f.Setenv("GIT_ATTR_NOSYSTEM", "1")
	return dir
}

// gitAttributes is what git says.
func gitAttributes(t *testing.T, dir, lines, name string) map[string]string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, ".gitattributes"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", append(append([]string{"check-attr", "-z"}, converting...), "--", name)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	words := strings.Split(string(out), "\x00")
	for i := 0; i+2 < len(words); i += 3 {
		values[words[i+1]] = map[string]string{"set": set, "unset": unset, "unspecified": ""}[words[i+2]]
		if _, special := map[string]bool{"set": true, "unset": true, "unspecified": true}[words[i+2]]; !special {
			values[words[i+1]] = words[i+2]
		}
	}
	return values
}
