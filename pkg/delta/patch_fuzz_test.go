package delta

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/secret"
)

// FuzzPatch: git makes of the old content the new one, whatever the file is called;
// and no line of a document with something secret is shown without being told.
func FuzzPatch(f *testing.F) {
	if _, err := exec.LookPath("git"); err != nil {
		f.Skip("git is not installed")
	}
	const manifest = "kind: Secret\ndata: {p: Q0FOQVJZ}\n"
	for _, name := range []string{"a", "a b/c d", "ä", "a\"b", `a\b`, "a\tb", "a\nb", " a ", "a -> b", "b/a", "dev/null", "\xff", "-", "a b/a b", "x /x"} {
		f.Add(name, "1\n2\n3\n", "1\nx\n3")
		f.Add(name, "a: b\n---\n"+manifest+"---\nc: d\n", "a: b\n---\n"+manifest+"---\nc: e\n")
		f.Add(name, "a\r\n\x0cb\n", "a\n")
	}
	f.Fuzz(func(t *testing.T, name, old, new string) {
		if !isFileName(name) || len(old)+len(new) > 4000 || old == "" || new == "" {
			return
		}
		patch := Patch(name, []byte(old), []byte(new))
		if got := gitApplied(t, name, old, patch); got != new {
			t.Fatalf("%q and\n%s give %q, expected %q", old, patch, got, new)
		}
		if why := secret.Why([]byte(patch)); why == "a Secret" && secret.Why([]byte(old)) != "" && strings.Contains(patch, "Q0FOQVJZ") && SecretBeside(patch, []byte(old)) == 0 && !strings.Contains(new, "Q0FOQVJZ") {
			t.Fatalf("shows a Secret:\n%s", patch)
		}
	})
}

// isFileName says whether git takes a name for that of a file.
func isFileName(name string) bool {
	parts := strings.Split(name, "/")
	return name != "." && !strings.ContainsAny(name, "\x00") && !slices.ContainsFunc(parts, func(p string) bool {
		return p == "" || p == "." || p == ".." || len(p) > 100 || strings.HasPrefix(strings.ToLower(p), ".git") || strings.HasPrefix(strings.ToLower(p), "git~")
	}) && len(parts) < 10 && (fs.ValidPath(name) || !strings.HasPrefix(name, "/"))
}

func gitApplied(t *testing.T, name, old, patch string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	if patch != "" {
		cmd := exec.Command("git", "apply", "--whitespace=nowarn", "-")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(patch)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s\n%q", out, patch)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
