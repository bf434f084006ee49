package rollout

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Manual returns the lines of a shell script (POSIX, for Linux and macOS) that
// does for a rule what fluxsum update and a commit do, with nothing but the
// tools of the system and Git. Plan is that of this rule alone, tree the one
// that it was made of; top is the folder of the tree in its repository. Each
// step runs only when the one before it has worked. Comments stand at the top
// alone: zsh takes none among commands that are pasted.
//
// The error is Problems where there is no such script: for names that no shell
// takes, and for edits that would show what a Secret holds.
func Manual(plan *fluxsum.Plan, rule *fluxsum.Rule, tree fs.FS, top string) ([]string, error) {
	m := &manual{plan: plan, rule: rule, tree: tree}
	if err := m.refuse(); err != nil {
		return nil, err
	}
	m.say("# %s, by hand", rule.Name)
	m.digest()
	cd := `"$(git rev-parse --show-toplevel)"`
	if top != "" && top != "." {
		cd += "/" + quoted(top)
	}
	m.say("cd %s &&", cd)
	m.say("ls -- %s >/dev/null &&", words(m.files()))
	m.say("git add -- %s &&", words(m.files()))
	m.compute()
	for i := range plan.Results {
		m.edit(&plan.Results[i])
	}
	m.commit()
	return m.lines, nil
}

// refuse looks for what cannot be printed.
func (m *manual) refuse() error {
	const hint = "run `fluxsum update`"
	for i := range m.plan.Results {
		r := &m.plan.Results[i]
		for _, name := range append(slices.Clone(r.Files), r.Target.File) {
			if strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) }) {
				return fluxsum.Problems{{File: name, Message: "has a name that cannot be pasted into a shell", Hint: hint}}
			}
		}
		if text, err := fs.ReadFile(m.tree, r.Target.File); err == nil && !m.plain(r) && secretive().Match(text) {
			return fluxsum.Problems{{File: r.Target.File, Line: r.Target.Line, Column: r.Target.Column, Message: "the edit cannot be shown beside what the file keeps secret", Hint: hint + " once, which writes the annotation: from then on the steps are one line of it"}}
		}
	}
	return nil
}

// secretive is a file in which Secrets stand, or what becomes one.
var secretive = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`kind: *["']?Secret\b|secretGenerator|ENC\[AES256_GCM`)
})

type manual struct {
	plan    *fluxsum.Plan
	rule    *fluxsum.Rule
	tree    fs.FS
	lines   []string
	patched []string // files that a patch edits
}

func (m *manual) say(format string, args ...any) {
	m.lines = append(m.lines, fmt.Sprintf(format, args...))
}

// files are the sources of the rule; they are those of each result.
func (m *manual) files() []string { return m.plan.Results[0].Files }

// tools are the programs for a digest on Linux and on macOS.
var tools = map[checksum.Algorithm][2]string{
	checksum.MD5:    {"md5sum", "md5 -r"},
	checksum.SHA1:   {"sha1sum", "shasum"},
	checksum.SHA256: {"sha256sum", "shasum -a 256"},
	checksum.SHA512: {"sha512sum", "shasum -a 512"},
}

// computable says whether the tools of the system can compute the checksum.
func (m *manual) computable() bool {
	return m.rule.Content == checksum.Bytes && !slices.ContainsFunc(m.files(), odd)
}

// odd says whether coreutils escape a name, or sed would take it for another.
func odd(name string) bool {
	return strings.ContainsAny(name, "\\\n\r") || strings.HasPrefix(name, " ")
}

func (m *manual) digest() {
	if !m.computable() {
		m.say("# (no tool of the system computes this checksum: it is that of the files as they are now)")
	} else {
		tool := tools[m.plan.Results[0].Algorithm]
		m.say("digest() { if command -v %s >/dev/null; then %s \"$@\"; else %s \"$@\"; fi; }", tool[0], tool[0], tool[1])
	}
}

// compute sets $sum.
func (m *manual) compute() {
	r := &m.plan.Results[0]
	cut := fmt.Sprintf("cut -c1-%d", len(r.Computed))
	switch {
	case !m.computable():
		m.say("sum=%s &&", r.Computed)
	case m.rule.Single() && m.asOnDisk():
		m.say("sum=$(digest < %s | %s) &&", quoted(r.Files[0]), cut)
	case m.rule.Single():
		m.say("sum=$(git cat-file blob %s | digest | %s) &&", quoted(":./"+r.Files[0]), cut)
	case m.asOnDisk():
		m.say("sum=$(digest -- %s |", words(r.Files))
		m.say("  sed 's/^\\([0-9a-f]*\\)  */\\1  /' | digest | %s) &&", cut)
	default:
		m.say("sum=$(for file in %s; do", words(r.Files))
		m.say("  printf '%%s  %%s\\n' \"$(git cat-file blob \":./$file\" | digest | %s)\" \"$file\"", cut)
		m.say("done | digest | %s) &&", cut)
	}
}

// asOnDisk says whether the bytes that Git stores of the files are those that
// they have in the tree.
func (m *manual) asOnDisk() bool {
	r := &m.plan.Results[0]
	var entries []checksum.Entry
	for _, file := range r.Files {
		text, err := fs.ReadFile(m.tree, file)
		if err != nil {
			return false
		}
		sum, err := r.Algorithm.Sum(checksum.Bytes, bytes.NewReader(text))
		if err != nil {
			return false
		}
		entries = append(entries, checksum.Entry{Path: file, Sum: sum})
	}
	if m.rule.Single() {
		return entries[0].Sum == r.Computed
	}
	return r.Algorithm.SumListing(entries) == r.Computed
}

// edit writes $sum into a target: by sed where the old checksum stands in one
// place of its line, else by a patch of the whole file.
func (m *manual) edit(r *fluxsum.Result) {
	if slices.ContainsFunc(m.plan.Results, func(other fluxsum.Result) bool { return other.Target.File == r.Target.File && !m.plain(&other) }) {
		m.patch(r.Target.File)
		return
	}
	line, _ := m.lineOf(r)
	sum := `'"$sum"'`
	if isYAML(r.Target.File) && !strings.ContainsAny(line, `"'`) && m.rule.Content == checksum.Bytes {
		sum = `"'"$sum"'"` // so that it is no number
	}
	suffix := m.backup(r.Target.File)
	m.say("sed -i%s '%ds/%s/%s/' %s && rm %s &&", suffix, r.Target.Line, r.Recorded, sum, quoted(r.Target.File), quoted(r.Target.File+suffix))
}

// backup is a suffix for the copy that sed leaves and that is removed after it: that of
// no file that is there.
func (m *manual) backup(file string) string {
	suffix := ".bak"
	for {
		if _, err := fs.Stat(m.tree, file+suffix); err != nil {
			return suffix
		}
		suffix += "-sed"
	}
}

// plain says whether sed can do an edit.
func (m *manual) plain(r *fluxsum.Result) bool {
	line, ok := m.lineOf(r)
	return ok && r.State != fluxsum.Missing && strings.Count(line, r.Recorded) == 1 && hexadecimal(r.Recorded)
}

func isYAML(file string) bool {
	ext := path.Ext(file)
	return ext == ".yaml" || ext == ".yml"
}

func hexadecimal(s string) bool { return s != "" && strings.Trim(s, "0123456789abcdefABCDEF") == "" }

func (m *manual) lineOf(r *fluxsum.Result) (string, bool) {
	text, err := fs.ReadFile(m.tree, r.Target.File)
	lines := strings.Split(string(text), "\n")
	if err != nil || r.Target.Line < 1 || r.Target.Line > len(lines) {
		return "", false
	}
	return lines[r.Target.Line-1], true
}

// patch makes all edits of a file, once.
func (m *manual) patch(file string) {
	i := slices.IndexFunc(m.plan.Changes, func(c fluxsum.Change) bool { return c.File == file })
	if i < 0 || slices.Contains(m.patched, file) {
		return
	}
	m.patched = append(m.patched, file)
	c := m.plan.Changes[i]
	m.say("git apply <<'EOF' &&")
	m.lines = append(m.lines, strings.Split(strings.TrimSuffix(string(diff.Diff("a/"+c.File, c.Before, "b/"+c.File, c.After)), "\n"), "\n")...)
	m.say("EOF")
}

// commit commits the files, when the checksum stands in each target.
func (m *manual) commit() {
	var targets []string
	for i := range m.plan.Results {
		targets = append(targets, m.plan.Results[i].Target.File)
	}
	slices.Sort(targets)
	targets = slices.Compact(targets)
	for _, file := range targets {
		m.say(`grep -q "$sum" %s &&`, quoted(file))
	}
	m.say("git add -- %s &&", words(targets))
	m.say("git commit -m %s &&", quoted("Update the checksum of "+m.rule.Name))
	m.say("git push")
}

func words(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = word(name)
	}
	return strings.Join(all, " ")
}

// quoted is a word of a shell that is no option.
func quoted(s string) string {
	if strings.HasPrefix(s, "-") {
		s = "./" + s
	}
	return word(s)
}

// word is a word of a shell.
func word(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:-+,@") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
