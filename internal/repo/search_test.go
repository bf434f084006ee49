package repo

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/fluxsum/fluxsum/pkg/checksum"
)

// past is a made-up history: what each commit has of the sources, its parents and
// its time.
type past struct {
	states  []map[string]string
	parents [][]int
	times   []int
}

// TestSearchFindsWhatHistoryHas compares the search with a look at every commit of
// random histories: with merges, files that come and go, and clocks that go back.
func TestSearchFindsWhatHistoryHas(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	for seed := range 40 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewSource(int64(seed)))
			p := randomPast(r)
			dir, ids := p.repository(t)
			wanted := r.Intn(len(p.states))
			digest := p.digest(wanted)
			found := search(t, dir, digest)
			if found.Found == nil {
				t.Fatalf("%s of commit %d was not found", digest, wanted)
			}
			got := slices.Index(ids, found.Found.Commit.ID)
			if p.digest(got) != digest || !p.brings(got) {
				t.Errorf("found commit %d, which does not bring %s", got, digest)
			}
			for i := range p.states {
				if i != got && p.digest(i) == digest && p.brings(i) && p.leadsTo(i, got) {
					t.Errorf("found commit %d, and %d after it brings the same", got, i)
				}
			}
		})
	}
}

var watched = []string{"s/a.yaml", "s/b.yaml", "s/d/c.yaml"}

func randomPast(r *rand.Rand) *past {
	p := &past{}
	content := func() string { return fmt.Sprintf("a: %d\n", r.Intn(4)) }
	for i := range 5 + r.Intn(20) {
		state := map[string]string{}
		var parents []int
		switch {
		case i == 0:
			for _, name := range watched {
				state[name] = content()
			}
		case i > 3 && r.Intn(3) == 0:
			parents = r.Perm(i)[:2]
		default:
			parents = []int{max(0, i-1-r.Intn(2))}
		}
		for _, parent := range parents {
			for name, text := range p.states[parent] {
				if len(parents) == 1 || r.Intn(2) == 0 {
					state[name] = text
				}
			}
		}
		name := watched[r.Intn(len(watched))]
		switch r.Intn(6) {
		case 0:
			delete(state, name)
		case 1, 2, 3:
			state[name] = content()
		}
		if len(state) == 0 {
			state[name] = content()
		}
		p.states, p.parents = append(p.states, state), append(p.parents, parents)
		p.times = append(p.times, 1700000000+60*i-r.Intn(2)*r.Intn(1000))
	}
	return p
}

// repository makes it real, with all that the last commit leads to on main.
func (p *past) repository(t *testing.T) (dir string, ids []string) {
	t.Helper()
	dir = t.TempDir()
	git := func(stdin string, args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	git("", "init", "-q", "-b", "main")
	var stream strings.Builder
	for i, state := range p.states {
		fmt.Fprintf(&stream, "commit refs/heads/c%d\nmark :%d\ncommitter T <t@t> %d +0000\ndata 1\nx\n", i, i+1, p.times[i])
		for k, parent := range p.parents[i] {
			fmt.Fprintf(&stream, "%s :%d\n", []string{"from", "merge"}[min(k, 1)], parent+1)
		}
		stream.WriteString("deleteall\n")
		for _, name := range slices.Sorted(maps.Keys(state)) {
			fmt.Fprintf(&stream, "M 100644 inline %s\ndata %d\n%s\n", name, len(state[name]), state[name])
		}
		fmt.Fprintf(&stream, "M 100644 inline noise\ndata 1\n%d\n", i%3)
	}
	git(stream.String(), "fast-import", "--quiet")
	for i := range p.states {
		ids = append(ids, strings.TrimSpace(git("", "rev-parse", fmt.Sprintf("c%d", i))))
	}
	merge := []string{"-c", "user.name=T", "-c", "user.email=t@t", "commit-tree", "-m", "all", ids[0] + "^{tree}"}
	for _, id := range ids {
		merge = append(merge, "-p", id)
	}
	git("", "update-ref", "refs/heads/main", strings.TrimSpace(git("", merge...)))
	return dir, ids
}

func search(t *testing.T, dir, digest string) *Sought {
	t.Helper()
	r, err := Discover(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := r.OpenHistory(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	head, err := h.Resolve("main")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sought{Digest: digest, Content: checksum.Bytes, Paths: []string{"s"}, Name: func(path string) string {
		if strings.HasPrefix(path, "s/") {
			return path
		}
		return ""
	}}
	if err := (&Search{History: h, Most: 1000}).Find(context.Background(), head, []*Sought{s}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (p *past) digest(i int) string {
	var entries []checksum.Entry
	for name, text := range p.states[i] {
		sum, _ := checksum.SHA1.Sum(checksum.Bytes, strings.NewReader(text))
		entries = append(entries, checksum.Entry{Path: name, Sum: sum})
	}
	return checksum.SHA1.SumListing(entries)
}

// brings says whether no parent of a commit has the same.
func (p *past) brings(i int) bool {
	return !slices.ContainsFunc(p.parents[i], func(parent int) bool { return maps.Equal(p.states[parent], p.states[i]) })
}

// leadsTo says whether a commit leads back to another.
func (p *past) leadsTo(from, to int) bool {
	return slices.ContainsFunc(p.parents[from], func(parent int) bool { return parent == to || p.leadsTo(parent, to) })
}
