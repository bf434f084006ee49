package cli

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// readers are commands that only read, as long as no flag says otherwise.
var readers = [][]string{
	{"verify"}, {"diff"}, {"explain"}, {"update", "--dry-run"}, {"hooks", "status"}, {"hooks", "install", "--print"}, {"help"}, {"completion"}, {"__complete", "verify"}, {"version"},
}

// writers are what turns one of them into something that writes, colours or looks
// elsewhere, also when it is glued to another flag of one letter.
var writers = []string{"output-file", "chdir", "config", "color", "dry-run", "C", "c"}

// FuzzArguments: whatever stands behind a command, the exit status is 0, 1 or 2, with
// 2 it is said why, what is said steers no terminal, and no file has changed.
func FuzzArguments(f *testing.F) {
	dir := clone(f)
	for i, args := range []string{"", "-o\x00json", "-o\x00sarif", "--rev\x00HEAD", "--range\x00HEAD~..HEAD", "--range\x00..", "element-config", "nothing\x1b[31m", "-x", "--strct", "--\x00-o", "--staged\x00-v", "--patch", "--manual\x00element-config", "bash", "\u009b", "*", "[", "", "--rev=-x", "--rev\x00:/x", "-o\x00markdown", "lefthook"} {
		f.Add(uint8(i), args)
		f.Add(uint8(i%2), args)
	}
	f.Fuzz(func(t *testing.T, command uint8, rest string) {
		args := strings.Split(rest, "\x00")
		if len(args) > 6 || slices.ContainsFunc(args, writes) {
			return
		}
		checkEnds(t, args[0])
		t.Chdir(dir)
		before := worktreeState(t)
		var out, said bytes.Buffer
		args = append(slices.Clone(readers[int(command)%len(readers)]), args...)
		status := Main(args, &out, &said)
		if status < exitInSync || status > exitUnknown || status == exitUnknown && said.Len() == 0 {
			t.Fatalf("%q: status %d, %q", args, status, said.String())
		}
		for _, text := range []string{out.String(), said.String()} {
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }); i >= 0 {
				t.Fatalf("%q: shows %q", args, text[i:])
			}
		}
		if after := worktreeState(t); after != before {
			t.Fatalf("%q: changed the repository:\n%s", args, after)
		}
	})
}

func writes(arg string) bool {
	return strings.HasPrefix(arg, "-") && slices.ContainsFunc(writers, func(w string) bool { return strings.Contains(arg, w) })
}

// clone is a repository with the example, in which one source has changed.
func clone(f *testing.F) string {
	f.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		f.Skip("git is not installed")
	}
	dir := f.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/matrix-gitops")); err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"} {
		f.Setenv(name, os.DevNull)
	}
	cmd := exec.Command("sh", "-e", "-c", "git init -q; git add -A; git -c user.name=t -c user.email=t@t commit -qm one; echo >>apps/production/custom-configs/element-values.yaml")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	return dir
}

// worktreeState is what differs from the commit, and what is not tracked.
func worktreeState(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("git", "--no-optional-locks", "status", "--porcelain", "--ignored").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// checkEnds: what is taken for a range is two ends with two dots between them.
func checkEnds(t *testing.T, text string) {
	t.Helper()
	from, to, err := ends(text)
	if err == nil && (from+".."+to != text || from == "" || to == "" || strings.Contains(to, "..")) {
		t.Fatalf("%q is taken for %q and %q", text, from, to)
	}
}
