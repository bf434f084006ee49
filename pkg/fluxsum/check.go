package fluxsum

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	maxKeyName   = 63
	maxKeyPrefix = 253
)

// refuseTwins refuses two rules of one name.
func (d *decoder) refuseTwins(c *Config) {
	first := make(map[string]*Rule, len(c.Rules))
	for i := range c.Rules {
		r := &c.Rules[i]
		if r.Name == "" {
			continue
		}
		if other := first[r.Name]; other != nil {
			d.fail(d.valueAt(d.resolve(r.node), "name", "annotation"), fmt.Sprintf("duplicate rule name %q, first on line %d", r.Name, other.node.Line), "give each rule a name of its own")
			continue
		}
		first[r.Name] = r
	}
	c.byName = first
}

// checkRule says what is wrong with what could be decoded, and cleans its
// paths.
func (d *decoder) checkRule(r *Rule, m *yaml.Node) {
	if len(r.Files) == 0 && !d.has(m, "files") {
		d.required(m, "files")
	}
	if len(r.Targets) == 0 && !d.has(m, "targets") {
		d.required(m, "targets")
	}
	d.checkName(r, m)
	for i := range r.Files {
		at := func() *yaml.Node { return d.entry(m, "files", i) }
		r.Files[i] = d.cleanPath(at, r.Files[i])
	}
	for i := range r.Targets {
		d.checkTarget(r, &r.Targets[i])
	}
}

func (d *decoder) checkName(r *Rule, m *yaml.Node) {
	switch {
	case r.Annotation == "" && !r.onlyMarkers() && !d.has(m, "annotation"):
		d.missing(m, "annotation", "annotation is missing", "name the annotation key that holds the checksum, or give each target a marker")
	case r.Name != "" && !isRuleName(r.Name):
		d.fail(d.valueAt(m, "name", "annotation"), fmt.Sprintf("rule name %q, expected letters, digits and ._/- with a letter or digit first", r.Name), "set `name`")
	}
}

// onlyMarkers says whether the rule needs no annotation key.
func (r *Rule) onlyMarkers() bool {
	for _, t := range r.Targets {
		if t.Marker == "" {
			return false
		}
	}
	return len(r.Targets) > 0
}

func (d *decoder) checkTarget(r *Rule, t *Target) {
	m := d.resolve(t.node)
	if m.Kind == yaml.MappingNode && t.File == "" && !d.has(m, "file") {
		d.required(m, "file")
	}
	t.File = d.cleanPath(func() *yaml.Node { return d.valueAt(m, "file") }, t.File)
	if t.Marker != "" {
		d.checkMarker(t, m)
		return
	}
	var message string
	if t.path, message = parsePath(t.Path); message != "" {
		d.fail(d.valueAt(m, "path"), message, "write it as kustomize does: a.b.[name=x].c")
		return
	}
	switch last := t.path[len(t.path)-1]; {
	case r.Annotation == "":
	case last.key == r.Annotation && last.field == "":
		d.fail(d.valueAt(m, "path"), fmt.Sprintf("path ends in the annotation key %q, expected the map that holds it", r.Annotation), "take the key off the path")
	case standsInAnnotations(t.path):
		d.checkAnnotationKey(r)
	}
}

func (d *decoder) checkMarker(t *Target, m *yaml.Node) {
	if t.named() || t.Path != "" {
		d.fail(d.valueAt(m, "marker"), "marker stands beside kind, name, namespace or path, expected marker and file alone", "the marked line is the place; remove the other keys")
	}
	if strings.ContainsAny(t.Marker, "\r\n#") || t.Marker != strings.TrimSpace(t.Marker) {
		d.fail(d.valueAt(m, "marker"), fmt.Sprintf("marker %q, expected one line without # and without space at its ends", t.Marker), "")
	}
}

func (d *decoder) checkIgnore(m *yaml.Node, i *Ignore) {
	i.File = d.cleanPath(func() *yaml.Node { return d.valueAt(m, "file") }, i.File)
	if i.Finding == "" || slices.Contains(Findings(), i.Finding) {
		return
	}
	hint := "findings: " + strings.Join(Findings(), ", ")
	if near := Nearest(i.Finding, Findings()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.fail(d.valueAt(m, "finding"), fmt.Sprintf("finding is %q, expected a known finding", i.Finding), hint)
}

// checkAnnotationKey holds the key against the rules of Kubernetes.
func (d *decoder) checkAnnotationKey(r *Rule) {
	n := d.valueAt(d.resolve(r.node), "annotation")
	prefix, name, found := strings.Cut(r.Annotation, "/")
	if !found {
		prefix, name = "", r.Annotation
	}
	switch {
	case found && (len(prefix) > maxKeyPrefix || !isDNSName(strings.ToLower(prefix))):
		d.fail(n, fmt.Sprintf("annotation key %q: the part before the slash is no DNS name", r.Annotation), "an annotation key is [DNS-NAME/]NAME")
	case len(name) > maxKeyName:
		d.fail(n, fmt.Sprintf("annotation key %q: the name has %d characters, expected at most %d", r.Annotation, len(name), maxKeyName), "")
	case !isKeyName(name):
		d.fail(n, fmt.Sprintf("annotation key %q, expected letters, digits and -_. with a letter or digit at both ends", r.Annotation), "an annotation key is [DNS-NAME/]NAME")
	}
}

// isRuleName holds a name against [A-Za-z0-9][A-Za-z0-9._/-]*.
func isRuleName(s string) bool { return s != "" && isAlnum(s[0]) && consistsOf(s, "._/-") }

// isKeyName and isDNSName are the two parts of a qualified name
// (k8s.io/apimachinery/pkg/util/validation, IsQualifiedName); Kubernetes reads
// the keys of annotations in lower case.
func isKeyName(s string) bool {
	return s != "" && isAlnum(s[0]) && isAlnum(s[len(s)-1]) && consistsOf(s, "-_.")
}

func isDNSName(s string) bool {
	for _, label := range strings.Split(s, ".") {
		if !isKeyName(label) || strings.Contains(label, "_") {
			return false
		}
	}
	return true
}

// consistsOf says whether s holds letters, digits and these signs alone.
func consistsOf(s, signs string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte(signs, s[i]) < 0 {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// cleanPath returns the path or glob in its clean form, and complains at the
// node that at returns when it leads out of the root.
func (d *decoder) cleanPath(at func() *yaml.Node, name string) string {
	if name == "" {
		return ""
	}
	clean := path.Clean(name)
	if message, hint := d.pathFault(name, clean); message != "" {
		d.fail(at(), message, hint)
	}
	return clean
}

func (d *decoder) pathFault(name, clean string) (message, hint string) {
	plain := path.Clean(literal(name))
	switch {
	case path.IsAbs(name), len(name) > 2 && name[1] == ':' && (name[2] == '/' || name[2] == '\\'):
		return fmt.Sprintf("%q is an absolute path, expected one relative to the folder of %s", name, d.file), ""
	case plain == "..", strings.HasPrefix(plain, "../"), hasParent(name):
		return fmt.Sprintf("%q leads out of the folder of %s", name, d.file), "put the config into a folder above all files that it names"
	case strings.IndexByte(name, 0) >= 0:
		return fmt.Sprintf("%q holds a NUL byte", name), ""
	case separates(name):
		return fmt.Sprintf("%q is written with backslashes", name), fmt.Sprintf("paths are written with /: %q", strings.ReplaceAll(name, `\`, "/"))
	case isGlob(name) && !validGlob(clean):
		return fmt.Sprintf("%q is not a valid glob", name), "close every [ and {, or write \\[ for the character itself"
	case isGlob(name) && alternatives(name) > maxAlternatives:
		return fmt.Sprintf("the braces of %q stand for more than %d globs", name, maxAlternatives), "name the files one by one, or with *"
	}
	return "", ""
}

// separates says whether a backslash stands before a letter or digit, as in a
// path of Windows, where it escapes nothing.
func separates(name string) bool {
	for i := 0; i+1 < len(name); i++ {
		if name[i] == '\\' {
			if isAlnum(name[i+1]) {
				return true
			}
			i++
		}
	}
	return false
}

// hasParent says whether ".." is a part of a glob, or one of its alternatives.
func hasParent(name string) bool {
	return isGlob(name) && slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("/{},", r) }), "..")
}

// valueAt returns the value of the first of the keys that the map m has, or m.
func (d *decoder) valueAt(m *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if m.Kind != yaml.MappingNode {
			break
		}
		if v := child(m, key); v != nil {
			return v
		}
	}
	return m
}

// entry returns the node of entry i of a list, or of the one value in its
// place.
func (d *decoder) entry(m *yaml.Node, key string, i int) *yaml.Node {
	v := d.valueAt(m, key)
	if r := d.resolve(v); r.Kind == yaml.SequenceNode && i < len(r.Content) {
		return r.Content[i]
	}
	return v
}

// enumerate writes "a, b or c".
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
