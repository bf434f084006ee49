package fluxsum

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// FuzzWhole: in a tree of several rules, globs, chains, patches in texts in texts
// and marked lines, an update changes the checksums and nothing else, writes what
// md5sum and its like would say, and leaves nothing to do. A spoilt tree may be
// refused.
func FuzzWhole(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(choices(seed), []byte(nil))
		f.Add(choices(seed), choices(seed + 100)[:12])
	}
	f.Fuzz(func(t *testing.T, choices, spoiling []byte) {
		if len(choices) > 400 || len(spoiling) > 60 {
			return
		}
		m := made(choices)
		m.spoil(spoiling)
		m.check(t, len(spoiling) == 0)
	})
}

func choices(seed uint64) []byte {
	all := make([]byte, 120)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range all {
		all[i] = byte(r.Uint32())
	}
	return all
}

// spoil changes bytes of the targets: which, where, and what becomes of it.
func (m *maker) spoil(how dice) {
	for len(how) >= 4 {
		file := m.tree[m.targets[how.roll(len(m.targets))].name]
		at := how.roll(256) * (len(file.Data) + 1) / 256
		with := how.of("", " ", "\n", "\r", "\t", ":", "#", "'", `"`, "\\", "{", "}", "[", "]", "-", "---\n", "|", ">", "&a ", "*a", "!!int ", "\x00", "\xff", "\u2028", "\u0085", "~", "${X}", "{{ x }}", "<<: *a\n", "<<<<<<< ", "sum", "kind: Secret\n")
		end := min(len(file.Data), at+how.roll(4))
		file.Data = slices.Concat(file.Data[:at], []byte(with), file.Data[end:])
	}
}

func (m *maker) check(t *testing.T, whole bool) {
	before := m.copied()
	plan, err := buildTree(m.tree)
	if again, errAgain := buildTree(m.tree); !same(plan, again) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
		t.Fatalf("two plans of one tree differ:\n%v %v\n%v %v", outcome(plan, err), err, outcome(again, errAgain), errAgain)
	}
	if !reflect.DeepEqual(before, m.copied()) {
		t.Fatal("a plan has changed the tree")
	}
	if err == nil && len(plan.Problems()) > 0 {
		err = plan.Problems()
	}
	if err != nil {
		if whole {
			t.Fatalf("%v\n%s", err, m)
		}
		return // then nothing is written
	}
	m.apply(plan)
	m.checkSums(t, plan)
	m.checkAgain(t)
	if whole {
		m.checkBytes(t, before, plan)
		m.checkTransfer(t, plan)
	}
}

// same compares what is told of two plans.
func same(a, b *Plan) bool {
	if a == nil || b == nil {
		return a == b
	}
	return reflect.DeepEqual(outcome(a, nil), outcome(b, nil)) && reflect.DeepEqual(a.Changes, b.Changes)
}

func (m *maker) copied() map[string]string {
	all := map[string]string{}
	for name, file := range m.tree {
		all[name] = string(file.Data)
	}
	return all
}

// String is the tree, to be read.
func (m *maker) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m.tree)) {
		fmt.Fprintf(&b, "-- %s --\n%s\n", name, m.tree[name].Data)
	}
	return b.String()
}

func (m *maker) apply(plan *Plan) {
	for _, c := range plan.Changes {
		m.tree[c.File] = &fstest.MapFile{Data: c.After, Mode: 0o644}
	}
}

// checkSums computes all checksums anew, from what the tree holds now.
func (m *maker) checkSums(t *testing.T, plan *Plan) {
	for i := range plan.Results {
		r := &plan.Results[i]
		if want := m.sum(t, r, plan.config.Rule(r.Rule)); r.Computed != want {
			t.Fatalf("%s: computed %s, expected %s\n%s", r.Rule, r.Computed, want, m)
		}
	}
}

var hashes = map[checksum.Algorithm]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

func (m *maker) sum(t *testing.T, r *Result, rule *Rule) string {
	digest := func(text []byte) string {
		h := hashes[r.Algorithm]()
		h.Write(text)
		return fmt.Sprintf("%x", h.Sum(nil))
	}
	listing := ""
	for _, name := range slices.Sorted(slices.Values(r.Files)) {
		text, err := fs.ReadFile(m.tree, name)
		if err == nil && rule.Content != checksum.Bytes {
			text, err = checksum.Canonical(rule.Content, text)
		}
		if err != nil {
			t.Fatal(err)
		}
		if rule.Single() {
			return digest(text)
		}
		escaped := strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\r", "\\r").Replace(name)
		if escaped != name {
			listing += "\\"
		}
		listing += digest(text) + "  " + escaped + "\n"
	}
	return digest([]byte(listing))
}

// checkAgain: nothing is left to do.
func (m *maker) checkAgain(t *testing.T) {
	again, err := buildTree(m.tree)
	if err != nil || len(again.Changes) > 0 || !again.InSync() {
		t.Fatalf("after update: %v\n%s\n%s", err, outcome(again, err)[0].Data, m)
	}
}

// checkBytes: around the checksums each byte is as it was; where some were missing,
// none of the bytes is gone.
func (m *maker) checkBytes(t *testing.T, before map[string]string, plan *Plan) {
	computed := map[string]string{}
	for i := range plan.Results {
		computed[plan.Results[i].Rule] = plan.Results[i].Computed
	}
	for name, text := range before {
		i := slices.IndexFunc(m.targets, func(f *madeFile) bool { return f.name == name })
		after := string(m.tree[name].Data)
		switch {
		case i < 0 && after != text:
			t.Fatalf("%s changed, and is no target", name)
		case i >= 0 && !m.targets[i].holds(after, computed):
			t.Fatalf("%s: more than checksums changed:\n%q\n%q", name, text, after)
		}
	}
}

// holds says whether a text is that of the file with the computed checksums in their
// places, in whatever quotes.
func (f *madeFile) holds(after string, computed map[string]string) bool {
	pattern := regexp.QuoteMeta(f.text)
	for _, p := range f.places {
		pattern = strings.ReplaceAll(pattern, p.token, `[\\"']{0,4}`+computed[p.rule]+`[\\"']{0,4}`)
		if p.absent && !strings.Contains(after, computed[p.rule]) {
			return false
		}
	}
	if !slices.ContainsFunc(f.places, func(p *madePlace) bool { return p.absent }) {
		return regexp.MustCompile(`(?s)^` + pattern + `$`).MatchString(after)
	}
	return f.within(after, computed)
}

// within says whether the text of the file is left when something is taken out of
// another one.
func (f *madeFile) within(after string, computed map[string]string) bool {
	text := strings.ReplaceAll(f.text, "null", "") // a map may take its place
	for _, p := range f.places {
		text = strings.ReplaceAll(text, p.token, computed[p.rule])
	}
	for i := range len(text) {
		at := strings.IndexByte(after, text[i])
		if at < 0 {
			return false
		}
		after = after[at+1:]
	}
	return true
}

// checkTransfer: the same edits can be made in another version of a target.
func (m *maker) checkTransfer(t *testing.T, plan *Plan) {
	head := []byte("# another line\n")
	for _, c := range plan.Changes {
		if bytes.HasPrefix(c.Before, []byte("\ufeff")) {
			continue // it stands first, or is none
		}
		after, left := plan.Transfer(context.Background(), c.File, slices.Concat(head, c.Before))
		if len(left) > 0 || !bytes.Equal(after, slices.Concat(head, c.After)) {
			t.Fatalf("%s: transferred as\n%q, expected\n%q, left %v", c.File, after, c.After, left)
		}
	}
}
