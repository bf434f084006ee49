package rollout

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/fluxsum/fluxsum/pkg/checksum"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Manual returns the lines of a shell script (POSIX, for Linux and macOS) that
// does for a rule what fluxsum update and a commit do, with nothing but the
// tools of the system and Git. Plan is that of this rule alone, tree the one
// that it was made of; top is the folder of the tree in its repository.
func Manual(plan *fluxsum.Plan, rule *fluxsum.Rule, tree fs.FS, top string) []string {
	m := &manual{plan: plan, rule: rule, tree: tree}
	m.say("# %s, by hand", rule.Name)
	cd := `"$(git rev-parse --show-toplevel)"`
	if top != "" && top != "." {
		cd += "/" + quoted(top)
	}
	m.say("cd %s", cd)
	m.compute()
	for i := range plan.Results {
		m.edit(&plan.Results[i])
	}
	m.commit()
	return m.lines
}

type manual struct {
	plan  *fluxsum.Plan
	rule  *fluxsum.Rule
	tree  fs.FS
	lines []string
}

func (m *manual) say(format string, args ...any) {
	m.lines = append(m.lines, fmt.Sprintf(format, args...))
}

// tools are the programs for a digest on Linux and on macOS.
var tools = map[checksum.Algorithm][2]string{
	checksum.MD5:    {"md5sum", "md5 -r"},
	checksum.SHA1:   {"sha1sum", "shasum"},
	checksum.SHA256: {"sha256sum", "shasum -a 256"},
	checksum.SHA512: {"sha512sum", "shasum -a 512"},
}

// compute sets $sum.
func (m *manual) compute() {
	r := &m.plan.Results[0]
	tool := tools[r.Algorithm]
	cut := fmt.Sprintf("cut -c1-%d", len(r.Computed))
	switch {
	case m.rule.Content != checksum.Bytes:
		m.say("# content: %s hashes canonical JSON, for which the system has no tool: this is the", m.rule.Content)
		m.say("# checksum of the files as they are now")
		m.say("sum=%s", r.Computed)
	case slices.ContainsFunc(r.Files, odd):
		m.say("# the checksum of the files as they are now")
		m.say("sum=%s", r.Computed)
	case m.single():
		m.say("digest() { %s \"$@\" 2>/dev/null || %s \"$@\"; }", tool[0], tool[1])
		m.say("sum=$(%s | %s)", m.read(r.Files[0]), cut)
	default:
		m.say("digest() { %s \"$@\" 2>/dev/null || %s \"$@\"; }", tool[0], tool[1])
		m.say("sum=$(digest %s |", words(r.Files))
		m.say("  sed 's/^\\([0-9a-f]*\\)  */\\1  /' | digest | %s)", cut)
	}
}

func (m *manual) single() bool {
	return len(m.rule.Files) == 1 && len(m.plan.Results[0].Files) == 1 && m.rule.Files[0] == m.plan.Results[0].Files[0]
}

// read hands the bytes of a file to the digest: those that Git stores.
func (m *manual) read(file string) string {
	text, err := fs.ReadFile(m.tree, file)
	if err == nil {
		if sum, err := m.plan.Results[0].Algorithm.Sum(checksum.Bytes, bytes.NewReader(text)); err == nil && sum != m.plan.Results[0].Computed {
			return "git add -- " + quoted(file) + " && git cat-file blob " + quoted(":./"+file) + " | digest"
		}
	}
	return "digest < " + quoted(file)
}

// odd says whether coreutils escape a name, or sed would take it for another.
func odd(name string) bool {
	return strings.ContainsAny(name, "\\\n\r") || strings.HasPrefix(name, " ")
}

// edit writes $sum into a target.
func (m *manual) edit(r *fluxsum.Result) {
	what := r.Annotation
	if what == "" {
		what = r.Marker()
	}
	line, ok := m.lineOf(r)
	if !ok || r.State == fluxsum.Missing || strings.Count(line, r.Recorded) != 1 || !hexadecimal(r.Recorded) {
		m.patch(r)
		return
	}
	sum := `'"$sum"'`
	if i := strings.Index(line, r.Recorded); isYAML(r.Target.File) && !strings.ContainsAny(line[max(0, i-1):i], `"'`) {
		sum = `"'"$sum"'"`
	}
	m.say("# %s:%d: %s", r.Target.File, r.Target.Line, what)
	m.say("sed -i.bak '%ds/%s/%s/' %s && rm %s", r.Target.Line, r.Recorded, sum, quoted(r.Target.File), quoted(r.Target.File+".bak"))
}

func isYAML(file string) bool {
	ext := path.Ext(file)
	return ext == ".yaml" || ext == ".yml" || ext == ".json"
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

// patch makes an edit that sed cannot make, once for each file.
func (m *manual) patch(r *fluxsum.Result) {
	for _, c := range m.plan.Changes {
		if c.File != r.Target.File || slices.Contains(m.lines, "# "+c.File) {
			continue
		}
		m.say("# %s", c.File)
		m.say("git apply <<'EOF'")
		m.lines = append(m.lines, strings.Split(strings.TrimSuffix(string(diff.Diff("a/"+c.File, c.Before, "b/"+c.File, c.After)), "\n"), "\n")...)
		m.say("EOF")
	}
}

// commit commits the files, when the checksum stands in each target.
func (m *manual) commit() {
	var names, targets []string
	for i := range m.plan.Results {
		r := &m.plan.Results[i]
		names = append(append(names, r.Files...), r.Target.File)
		targets = append(targets, r.Target.File)
	}
	slices.Sort(targets)
	for _, file := range slices.Compact(targets) {
		m.say(`grep -q "$sum" %s &&`, quoted(file))
	}
	slices.Sort(names)
	m.say("git add -- %s &&", words(slices.Compact(names)))
	m.say("git commit -m %s &&", quoted("Update the checksum of "+m.rule.Name))
	m.say("git push")
}

func words(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = quoted(name)
	}
	return strings.Join(all, " ")
}

// quoted is a word of a shell; - at its start is no option.
func quoted(s string) string {
	if strings.HasPrefix(s, "-") {
		s = "./" + s
	}
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:-+,@") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
