package torture_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// TestDigestsAgainstCoreutils has fluxsum update write the checksums of random files
// with random names, and the programs of coreutils compute them: of one file, of a list
// and of a glob.
func TestDigestsAgainstCoreutils(t *testing.T) {
	needCoreutils(t)
	var compared atomic.Int64
	t.Cleanup(func() { figure("checksums of random files compared with coreutils", int(compared.Load())) })
	for seed := range times(3, 100) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			t.Parallel()
			d := &digests{t: t, rand: rand.New(rand.NewPCG(uint64(seed), 1)), dir: t.TempDir()}
			d.check()
			compared.Add(int64(len(d.rules)))
		})
	}
}

// digests is a folder of random files, and the rules for them.
type digests struct {
	t     *testing.T
	rand  *rand.Rand
	dir   string
	names []string
	rules []digestRule
}

// digestRule is one with the files that it stands for, sorted bytewise.
type digestRule struct {
	algorithm string
	files     []string // as in the config
	matched   []string
	single    bool
}

func (d *digests) check() {
	for range 2 + d.rand.IntN(8) {
		d.file()
	}
	slices.Sort(d.names)
	d.names = slices.Compact(d.names)
	for _, algorithm := range []string{"md5", "sha1", "sha256", "sha512"} {
		d.plan(algorithm)
	}
	d.put(configName, d.config())
	d.put("checksums.env", d.target())
	d.fluxsum("update")
	d.fluxsum("verify")
	text, err := os.ReadFile(filepath.Join(d.dir, "checksums.env"))
	if err != nil {
		d.t.Fatal(err)
	}
	for n, r := range d.rules {
		found := regexp.MustCompile(fmt.Sprintf(`(?m)^SUM=(\w+) # r%d$`, n)).FindSubmatch(text)
		if want := d.coreutils(r); found == nil || string(found[1]) != want {
			d.t.Errorf("%s of %q: wrote %q, coreutils have %s", r.algorithm, r.files, found, want)
		}
	}
}

// letters are what names are made of.
var letters = []string{"a", "B", "0", " ", "\n", "\\", "\t", "\r", "ä", "漢", "\xff", "\xc3", "*", "?", "[", "]", "{", "}", ",", "'", "\"", "-", "~", "#", ":", "\x01", "\u2028", "😀"}

// file makes a file.
func (d *digests) file() {
	name := pick(d.rand, []string{"conf/", "conf/deep/", "other/"}) + "n"
	for range d.rand.IntN(6) {
		name += pick(d.rand, letters)
	}
	size := pick(d.rand, []int{0, 1, 10, 100, 5000, 1 << 20})
	text := make([]byte, size)
	for i := range text {
		text[i] = byte(d.rand.Uint32())
	}
	d.put(name, string(text))
	d.names = append(d.names, name)
}

func (d *digests) put(name, text string) {
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	err := os.WriteFile(path, []byte(text), 0o644)
	switch {
	case err != nil && runtime.GOOS == "linux": // whose file systems hold any name
		d.t.Fatal(err)
	case err != nil:
		d.t.Skipf("the file system of %s cannot hold %q: %v", runtime.GOOS, name, err)
	}
}

// plan makes a rule of each kind: one file, a list, globs.
func (d *digests) plan(algorithm string) {
	var plain []string // a config is UTF-8, and so are the names in it
	for _, name := range d.names {
		if strings.ToValidUTF8(name, "") == name {
			plain = append(plain, name)
		}
	}
	if len(plain) > 0 {
		one, two := pick(d.rand, plain), pick(d.rand, plain)
		d.rules = append(d.rules, digestRule{algorithm, []string{one}, []string{one}, true})
		if one != two {
			d.rules = append(d.rules, digestRule{algorithm, []string{two, one}, sorted(one, two), false})
		}
	}
	for glob, folder := range map[string]string{"conf/**": "conf/", "**/n*": "", "other/*": "other/"} {
		matched := slices.DeleteFunc(slices.Clone(d.names), func(n string) bool { return !strings.HasPrefix(n, folder) })
		if len(matched) > 0 {
			d.rules = append(d.rules, digestRule{algorithm, []string{glob}, matched, false})
		}
	}
}

func sorted(names ...string) []string { slices.Sort(names); return names }

// config writes the rules. In a path, what would make it a glob stands for itself.
func (d *digests) config() string {
	text := "version: 1\nrules:\n"
	for n, r := range d.rules {
		var files []string
		for _, name := range r.files {
			if slices.Contains(r.matched, name) {
				name = regexp.MustCompile(`[*?\[\]{}\\]`).ReplaceAllString(name, `\$0`)
			}
			files = append(files, quoted(name))
		}
		text += fmt.Sprintf("  - algorithm: %s\n    files: [%s]\n    targets: {file: checksums.env, marker: r%d}\n", r.algorithm, strings.Join(files, ", "), n)
	}
	return text
}

// quoted is a text as YAML.
func quoted(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func (d *digests) target() string {
	text := ""
	for n := range d.rules {
		text += fmt.Sprintf("SUM=none # r%d\n", n)
	}
	return text
}

func (d *digests) fluxsum(verb string) {
	cmd := exec.Command(binary, verb, "-q")
	cmd.Dir = d.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("fluxsum %s: %v\n%s", verb, err, out)
	}
}

// coreutils computes a rule by hand.
func (d *digests) coreutils(r digestRule) string {
	cmd := exec.Command(r.algorithm+"sum", append([]string{"--"}, r.matched...)...)
	cmd.Dir = d.dir
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatal(err)
	}
	if !r.single {
		return digest(r.algorithm, string(out))
	}
	sum, _, _ := strings.Cut(strings.TrimPrefix(string(out), `\`), " ") // which marks an escaped name
	return sum
}
