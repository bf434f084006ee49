package kustomize

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// selector chooses objects, by anchored regular expressions.
// Source: sigs.k8s.io/kustomize/api/types.SelectorRegex.
type selector struct {
	group, version, kind, name, namespace *regexp.Regexp
	labels, annotations                   []requirement
}

func newSelector(n *yaml.Node) (*selector, error) {
	var s selector
	for _, f := range []struct {
		to  **regexp.Regexp
		key string
	}{{&s.group, "group"}, {&s.version, "version"}, {&s.kind, "kind"}, {&s.name, "name"}, {&s.namespace, "namespace"}} {
		if pattern := text(n, f.key); pattern != "" {
			if len(pattern) > maxPattern {
				return nil, fmt.Errorf("a pattern of %d characters, expected at most %d", len(pattern), maxPattern)
			}
			re, err := regexp.Compile("^(?:" + pattern + ")$")
			if err != nil {
				return nil, fmt.Errorf("%q is no regular expression", pattern)
			}
			*f.to = re
		}
	}
	var err error
	if s.labels, err = requirements(text(n, "labelSelector")); err == nil {
		s.annotations, err = requirements(text(n, "annotationSelector"))
	}
	return &s, err
}

func matches(re *regexp.Regexp, all ...string) bool {
	for _, s := range all {
		if re == nil || len(s) <= maxPattern && re.MatchString(s) {
			return true
		}
	}
	return false
}

// selected are the objects that a selector chooses.
// Source: sigs.k8s.io/kustomize/api/resmap resWrangler.Select.
func (l *layer) selected(b *Builder, s *selector) []*Object {
	var all []*Object
	for _, o := range l.objects {
		first, now := o.first(), o.id()
		if matches(s.namespace, first.effective().namespace, now.effective().namespace) && matches(s.name, first.name, now.name) &&
			matches(s.group, now.group) && matches(s.version, now.version) && matches(s.kind, now.kind) &&
			meets(s.labels, func(key string) (Place, bool) { return o.Label(b, key) }) &&
			meets(s.annotations, func(key string) (Place, bool) { return o.Annotation(b, key) }) {
			all = append(all, o)
		}
	}
	return all
}

// requirement is a part of a label selector: that a key is there, or is not, or
// has one of some values, or none of them.
// Source: k8s.io/apimachinery/pkg/labels.Parse, which kustomize has a copy of.
type requirement struct {
	key    string
	values []string // none: any value will do
	differ bool     // what is said must not be
}

// selectorPart is one requirement and the comma before the next.
var selectorPart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:` +
		`(!)\s*([\w./-]+)|` +
		`([\w./-]+)\s+(in|notin)\s*\(([\s\w.,-]*)\)|` +
		`([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)|` +
		`([\w./-]+))\s*(?:,|$)`)
})

func requirements(selector string) ([]requirement, error) {
	var all []requirement
	for rest := selector; strings.TrimSpace(rest) != ""; {
		m := selectorPart().FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("the selector %q is not followed", selector)
		}
		rest = rest[len(m[0]):]
		switch {
		case m[1] != "":
			all = append(all, requirement{key: m[2], differ: true})
		case m[4] != "":
			r := requirement{key: m[3], differ: m[4] == "notin"}
			for _, v := range strings.Split(m[5], ",") {
				r.values = append(r.values, strings.TrimSpace(v))
			}
			all = append(all, r)
		case m[7] != "":
			all = append(all, requirement{key: m[6], values: []string{m[8]}, differ: m[7] == "!="})
		default:
			all = append(all, requirement{key: m[9]})
		}
	}
	return all, nil
}

func meets(all []requirement, look func(string) (Place, bool)) bool {
	for _, r := range all {
		found, ok := look(r.key)
		if ok && r.values != nil {
			ok = slices.Contains(r.values, found.Value)
		}
		if ok == r.differ {
			return false
		}
	}
	return true
}
