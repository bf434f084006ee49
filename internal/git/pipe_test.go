package git

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// fakeGit puts a program in the place of git.
func fakeGit(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a Unix system: sh in the place of git")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// What a git says that is not understood must not be waited for: it goes on talking.
func TestOddTalkIsAnError(t *testing.T) {
	fakeGit(t, "echo something odd here today\nexec yes")
	b, err := Git{}.Blobs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	b.Ask("x")
	if _, err := b.Next(); err == nil {
		t.Error("no error for a line that is no header")
	}
	if _, err := (Git{}).NamedIn(context.Background(), "HEAD", nil); err == nil {
		t.Error("no error for a name without an end")
	}
}

// A git that dies within a blob leaves it short.
func TestShortBlobIsAnError(t *testing.T) {
	fakeGit(t, "echo x blob 100\necho short")
	b, err := Git{}.Blobs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	b.Ask("x")
	text, err := b.Next()
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 200)
	for err == nil {
		_, err = text.Read(buffer)
	}
	if err.Error() != "unexpected EOF" {
		t.Errorf("%v, expected that the blob is too short", err)
	}
}
