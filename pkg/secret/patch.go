package secret

import (
	"regexp"

	"go.yaml.in/yaml/v3"
)

// aim is what a patch is for.
type aim int

const (
	atAny    aim = iota // nothing says what for
	atSecret            // Secrets, perhaps among others
	atOther             // no Secret
)

// aimOf tells it from the target of a patch: of kustomize, or of those that Flux
// hands to it.
// Source: sigs.k8s.io/kustomize/api/types.SelectorRegex: the kind is an anchored
// regular expression.
func aimOf(target *yaml.Node) aim {
	to := atAny
	content := merged(target)
	for i := 0; i+1 < len(content); i += 2 {
		if kind := resolve(content[i+1]).Value; resolve(content[i]).Value == "kind" && kind != "" {
			to = atOther
			if re, err := regexp.Compile("^(?:" + kind + ")$"); err != nil || re.MatchString("Secret") || template().MatchString(kind) {
				return atSecret
			}
		}
	}
	return to
}
