package torture_test

import (
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// place is where a rule has its checksum in a file.
type place struct{ rule, file string }

// verdict is what the oracle says of a place.
type verdict struct{ state, recorded, computed string }

// States beside those of fluxsum.
const (
	either  = "missing or error" // it depends on the shape of a patch whether one can be inserted
	unknown = "unknown"          // it depends on bytes that the oracle does not know
)

// judging is the work of the oracle on one tree.
type judging struct {
	tree     tree            // as it will be
	actual   tree            // what fluxsum has made of it, when that is known
	unknown  map[string]bool // files whose bytes are not known
	verdicts map[place]verdict
}

// judge computes the rules, those first that others read the targets of, and sets their
// checksums. Where one is inserted, actual tells how.
func judge(rules []rule, t, actual tree) *judging {
	j := &judging{tree: tree{}, actual: actual, unknown: map[string]bool{}, verdicts: map[place]verdict{}}
	for name, f := range t {
		j.tree[name] = f
		j.unknown[name] = f.mode == frozen
	}
	pending := slices.Clone(rules)
	for len(pending) > 0 {
		next := max(0, slices.IndexFunc(pending, func(r rule) bool { return !waits(r, pending) }))
		j.rule(pending[next])
		pending = slices.Delete(pending, next, next+1)
	}
	return j
}

// waits says whether a rule reads what another one writes.
func waits(r rule, others []rule) bool {
	return slices.ContainsFunc(others, func(o rule) bool { return o.Name != r.Name && follows(r, o) })
}

// follows says whether a rule reads a target of another one.
func follows(r, of rule) bool {
	return slices.ContainsFunc(of.Targets, func(t target) bool { return r.reads(t.File) })
}

func (j *judging) rule(r rule) {
	computed, err := r.sum(j.tree)
	for name, is := range j.unknown {
		if is && r.reads(name) {
			computed = unknown
		}
	}
	for _, t := range r.Targets {
		v := j.place(r, t)
		v.computed = computed
		switch {
		case err != nil:
			v.state = "error"
		case v.state == "" && computed == unknown:
			v.state = unknown
		case v.state == "" && v.recorded == computed:
			v.state = "ok"
		case v.state == "":
			v.state = "stale"
		}
		j.verdicts[place{r.Name, t.File}] = v
		j.set(r, t, v)
	}
}

// place reads a target: the state is empty when a checksum stands there.
func (j *judging) place(r rule, t target) verdict {
	f, ok := j.tree[t.File]
	var value any
	switch {
	case !ok, f.mode == leftOut, conflict.MatchString(f.text):
		return verdict{state: "error"}
	case t.Marker == "" && yaml.UnmarshalStrict([]byte(f.text), &value) != nil:
		return verdict{state: "error"}
	}
	recorded, ok := r.recorded(t, f.text)
	switch {
	case ok:
		return verdict{recorded: recorded}
	case len(r.spans(t, f.text)) > 1 || t.Marker != "":
		return verdict{state: "error"}
	case path.Base(t.File) != "release.yaml":
		return verdict{state: either}
	}
	return verdict{state: "missing"}
}

// set makes a checksum true.
func (j *judging) set(r rule, t target, v verdict) {
	f := j.tree[t.File]
	switch v.state {
	case "stale":
		f.text = r.replaced(t, f.text, v.computed)
		j.tree[t.File] = f
	case "missing", either:
		if now, ok := j.actual[t.File]; ok {
			if value, ok := r.recorded(t, now.text); ok && value == v.computed {
				f.text = inserted(r, f.text, now.text)
				j.tree[t.File] = f
				return
			}
		}
		j.unknown[t.File] = true
	case unknown, "error":
		j.unknown[t.File] = true
	}
}

// inserted returns the text with the lines that another one has for a rule.
func inserted(r rule, before, after string) string {
	old, new := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
	var out []string
	for _, line := range new {
		switch {
		case len(old) > 0 && sameLine(line, old[0]):
			out, old = append(out, old[0]), old[1:]
		case insertion(r, line):
			out = append(out, line)
		}
	}
	return strings.Join(append(out, old...), "")
}

// sameLine says whether two lines differ at most in a checksum.
func sameLine(a, b string) bool { return withoutDigests(a) == withoutDigests(b) }

func withoutDigests(text string) string { return regular(`[0-9a-z]{4,128}`).ReplaceAllString(text, "") }

// insertion says whether a line may stand there for a checksum that was missing.
func insertion(r rule, line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, r.Annotation+`: "`) || line == "- op: add" || strings.HasPrefix(line, `value: "`) ||
		line == "path: /metadata/annotations/"+strings.ReplaceAll(r.Annotation, "/", "~1")
}

// touched returns the rules that a commit of a tree on another one touches.
func touched(rules []rule, t, head tree) []rule {
	if t[configName] != head[configName] {
		return rules
	}
	changed := map[string]bool{}
	for name := range t {
		changed[name] = t[name] != head[name]
	}
	for name := range head {
		if _, ok := t[name]; !ok {
			changed[name] = true
		}
	}
	return closure(rules, changed)
}

// closure adds the rules that read the target of a touched one. A rule that has its
// checksum in the same file as a touched one is not touched by that.
func closure(rules []rule, changed map[string]bool) (all []rule) {
	in := map[string]bool{}
	for more := true; more; {
		more = false
		for _, r := range rules {
			reads := slices.ContainsFunc(rules, func(o rule) bool { return in[o.Name] && follows(r, o) })
			if !in[r.Name] && (reads || isTouched(r, changed)) {
				in[r.Name], more = true, true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return !in[r.Name] })
}

func isTouched(r rule, changed map[string]bool) bool {
	for name, is := range changed {
		if is && (r.reads(name) || r.writes(name)) {
			return true
		}
	}
	return false
}
