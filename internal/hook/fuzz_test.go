package hook

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/fluxsum/fluxsum/internal/git"
)

// odd are names that a shell, YAML or git takes for something else.
var odd = []string{"", "a", "a b", "it's", `'\''`, "$(touch x)", "`touch x`", "a: b #c", "-x", "a\nb", "x'\nfluxsum='y'\nexec \"$fluxsum\" hooks run", " --config 'z'", "ä\xff", "*", "~", "\\", "\""}

// isName says whether a file may have a name; a carriage return would be taken for
// an end of line.
func isName(s string) bool { return !strings.ContainsAny(s, "\x00\r") && len(s) < 1000 }

// run has a shell run a script in an empty folder, with a stub of a program on PATH
// that prints a listing. It returns the words that the stub was given, and the
// status.
func run(t *testing.T, program, listing, script string) (words []string, status int) {
	t.Helper()
	bin, dir := t.TempDir(), t.TempDir()
	stub := "#!/bin/sh\nprintf '%s\\0' \"$@\" >\"$STUB/words\"\nwhile IFS= read -r line; do printf '%s\\n' \"$line\"; done <\"$STUB/listing\"\n"
	for name, text := range map[string]string{program: stub, "script": script, "listing": listing} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", filepath.Join(bin, "script"))
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + bin, "STUB=" + bin}
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Fatalf("the script wrote %q:\n%s", left[0].Name(), script)
	}
	said, _ := os.ReadFile(filepath.Join(bin, "words"))
	return strings.Split(strings.TrimSuffix(string(said), "\x00"), "\x00"), cmd.ProcessState.ExitCode()
}

// FuzzScript: whatever the program and the config are called, a hook that was made
// for them runs just that, and tells what it was made for; it shows an edit, and no
// edit where there is none.
func FuzzScript(f *testing.F) {
	for i, name := range odd {
		f.Add(name, odd[len(odd)-1-i], uint(i*100))
	}
	f.Fuzz(func(t *testing.T, binary, config string, at uint) {
		if !isName(binary) || !isName(config) || strings.Contains(binary, `\`) {
			return
		}
		text := script{hook: PreCommit, binary: binary, config: config}.text()
		if !isOurs(text) || isEdited(text) || isEdited(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))) {
			t.Fatalf("not taken for ours:\n%s", text)
		}
		if recorded(text) != binary || madeFor(text) != config {
			t.Fatalf("made for %q and %q, told as %q and %q", binary, config, recorded(text), madeFor(text))
		}
		want := []string{"hooks", "run", PreCommit}
		if config != "" {
			want = append(want, "--config", config)
		}
		if words, status := run(t, "fluxsum", "", string(text)); status != 0 || !slices.Equal(words, want) {
			t.Fatalf("status %d, ran %q, expected %q", status, words, want)
		}
		text[at%uint(len(text))] ^= 1
		if isOurs(text) && !isEdited(text) {
			t.Fatalf("an edit of byte %d does not show", at%uint(len(text)))
		}
	})
}

// FuzzNote: a note asks git for the paths, each as one word, and knows the listing
// that git gives, and no other.
func FuzzNote(f *testing.F) {
	for i, name := range odd {
		f.Add(name, odd[len(odd)-1-i], uint32(git.ModeFile), "0123")
	}
	f.Fuzz(func(t *testing.T, one, two string, mode uint32, id string) {
		paths := []string{one, two}
		if !isName(one) || !isName(two) || strings.Trim(id, "0123456789abcdef") != "" {
			return
		}
		text, ok := note(paths, []git.Entry{{Mode: mode, ID: id, Path: one}, {Mode: mode, ID: id, Path: two}})
		if !ok {
			return // git is asked by fluxsum
		}
		listing := listed(mode, id, one) + listed(mode, id, two)
		script := text + "fluxsum_known \"$0\"\n"
		want := append([]string{"--literal-pathspecs", "ls-files", "-s", "--"}, paths...)
		if words, status := run(t, "git", listing, script); status != 0 || !slices.Equal(words, want) {
			t.Fatalf("status %d, asked for %q, expected %q", status, words, want)
		}
		if _, status := run(t, "git", strings.Replace(listing, " 0\t", " 1\t", 1), script); status == 0 {
			t.Fatalf("knows another listing:\n%s", text)
		}
	})
}

// listed is an entry as `git ls-files -s` prints it.
func listed(mode uint32, id, path string) string {
	return strconv.FormatUint(uint64(mode), 8) + " " + id + " 0\t" + path + "\n"
}

// FuzzSnippet: lines that are to be appended to the config of a tool leave what it
// has, and have the tool run fluxsum with the config, whatever that is called.
func FuzzSnippet(f *testing.F) {
	for _, name := range odd {
		f.Add([]byte(nil), name, true)
		f.Add([]byte(nil), name, false)
	}
	for i, text := range []string{"", "a: b", "pre-push:\n  commands: {}\n", "repos: []\n", "repos:\n- repo: x\n  hooks: [{id: y}]\n", "repos:\n    - repo: x\n", "a: &a b\n---\n", "# c\n\n...\n", "{}\n", "a: |\n  b\n\n", "- a\n", "a: b\n...\n#", "repos:\n- a: >\n   b\n"} {
		f.Add([]byte(text), odd[i], i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, existing []byte, config string, lefthook bool) {
		var before map[string]any
		ended := append(existing[:len(existing):len(existing)], '\n') // which a block scalar at the end may count
		if !isName(config) || !utf8.ValidString(config) || yaml.Unmarshal(ended, &before) != nil {
			return
		}
		manager := "pre-commit"
		if lefthook {
			manager = "lefthook"
		}
		after := appended(t, manager, existing, config)
		if after == nil {
			return // it is said why that cannot be
		}
		checkKept(t, before, after)
		want := []string{"hooks", "run", PreCommit}
		if config != "" {
			want = append(want, "--config", config)
		}
		line := commandIn(manager, after)
		if words, status := run(t, "fluxsum", "", line); status != 0 || !slices.Equal(words, want) {
			t.Fatalf("%q runs %q, expected %q, in %v", line, words, want, after)
		}
	})
}

// appended is the config of a tool with our lines at its end; nil where they cannot
// just be appended.
func appended(t *testing.T, manager string, existing []byte, config string) map[string]any {
	t.Helper()
	top := t.TempDir()
	file := DefaultFile(manager)
	if err := os.WriteFile(filepath.Join(top, file), existing, 0o600); err != nil {
		t.Fatal(err)
	}
	s := SnippetFor(manager, file, top, config)
	if s.Reason != "" {
		return nil
	}
	var after map[string]any
	text := string(existing) + s.Text
	if err := yaml.Unmarshal([]byte(text), &after); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if !runsFluxsum([]byte(text)) {
		t.Fatalf("is not taken to run fluxsum:\n%s", text)
	}
	return after
}

// checkKept: each key is as it was, or a list that has grown.
func checkKept(t *testing.T, before, after map[string]any) {
	t.Helper()
	for key, was := range before {
		is := after[key]
		old, wasList := was.([]any)
		if now, isList := is.([]any); wasList && isList && len(now) > len(old) {
			is = now[:len(old)]
		}
		if !reflect.DeepEqual(was, is) {
			t.Fatalf("%s was %v, is %v", key, was, is)
		}
	}
}

// commandIn is the line that runs fluxsum: lefthook's, or that of the last hook of
// pre-commit.
func commandIn(manager string, config map[string]any) string {
	if manager == "lefthook" {
		return fmt.Sprint(below(config, PreCommit, "commands", "fluxsum", "run"))
	}
	repos, _ := config["repos"].([]any)
	if len(repos) == 0 {
		return ""
	}
	hooks, _ := below(repos[len(repos)-1], "hooks").([]any)
	if len(hooks) == 0 {
		return ""
	}
	return fmt.Sprint(below(hooks[0], "entry"))
}

// below is the value under keys of maps; nil when there is none.
func below(value any, keys ...string) any {
	for _, key := range keys {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}
