package main

import (
	"bytes"
	"crypto"
	_ "crypto/md5"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// exits runs a command and checks its exit status: exits 2 fluxsum verify.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARG]...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	wantStatus(ts, args[0], got)
}

func wantStatus(ts *testscript.TestScript, want string, got int) {
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, expected %s", got, want)
	}
}

// snapshotFile keeps what snapshot saw; it stands outside of the work folder.
func snapshotFile(ts *testscript.TestScript) string { return ts.Getenv("WORK") + ".snapshot" }

// snapshot notes all files below the current folder: bytes, mode and time.
func snapshot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: snapshot")
	}
	var lines []string
	for name, state := range states(ts) {
		lines = append(lines, name+"\x00"+state)
	}
	ts.Check(os.WriteFile(snapshotFile(ts), []byte(strings.Join(lines, "\x01")), 0o600))
	ts.Defer(func() { os.Remove(snapshotFile(ts)) })
}

// changed checks that exactly these files differ from the snapshot, in bytes,
// mode or time, or are new or gone. Without files: nothing does.
func changed(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: changed [FILE]...")
	}
	text, err := os.ReadFile(snapshotFile(ts))
	ts.Check(err)
	before, after := map[string]string{}, states(ts)
	for _, line := range strings.Split(string(text), "\x01") {
		if name, state, ok := strings.Cut(line, "\x00"); ok {
			before[name] = state
		}
	}
	var differ []string
	for name, state := range after {
		if before[name] != state {
			differ = append(differ, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			differ = append(differ, name)
		}
	}
	slices.Sort(differ)
	slices.Sort(args)
	if !slices.Equal(differ, args) {
		ts.Fatalf("changed: %q, expected %q", differ, args)
	}
}

// states returns a line on every file below the current folder but Git's own.
func states(ts *testscript.TestScript) map[string]string {
	dir := ts.MkAbs(".")
	all := map[string]string{}
	ts.Check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == ".git" {
				return filepath.SkipDir
			}
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var text []byte
		if info.Mode().IsRegular() {
			if text, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = fmt.Sprintf("%v %v %x", info.Mode(), info.ModTime().UnixNano(), text)
		return nil
	}))
	return all
}

// holds checks that a file holds the digest of another: holds FILE md5 SOURCE.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: holds FILE md5|sha1|sha256|sha512 SOURCE")
	}
	h := map[string]crypto.Hash{"md5": crypto.MD5, "sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha512": crypto.SHA512}[args[1]].New()
	h.Write([]byte(ts.ReadFile(args[2])))
	digest := fmt.Sprintf("%x", h.Sum(nil))
	if bytes.Contains([]byte(ts.ReadFile(args[0])), []byte(digest)) == neg {
		ts.Fatalf("%s and the %s of %s, %s: expected %v", args[0], args[1], args[2], digest, !neg)
	}
}

// fits checks JSON against a schema of testdata: fits FILE SCHEMA.
func fits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fits FILE SCHEMA")
	}
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(ts.Getenv("TREES"), args[1]))
	ts.Check(err)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(schema.Validate(value))
}
