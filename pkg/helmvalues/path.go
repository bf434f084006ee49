package helmvalues

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"helm.sh/helm/v4/pkg/strvals"
)

const (
	// maxPath is the longest targetPath that the API server takes.
	maxPath = 250
	// maxBrackets is how many "[" a value may hold that strvals reads: behind a comma it may name more fields, and
	// each "[65536]" makes a list of 1 MiB.
	maxBrackets = 100
)

// pathSyntax is what the API server takes as a targetPath.
// Source: ValuesReference in github.com/fluxcd/pkg/apis/meta v1.30.1, reference_types.go.
var pathSyntax = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([a-zA-Z0-9_\-.\\\/]|\[[0-9]{1,5}\])+$`)
})

// setPath sets the text of a part in values, in place, at its targetPath.
func setPath(values map[string]any, part Part) error {
	if err := checkPath(part); err != nil {
		return err
	}
	set := setValue
	if part.Literal {
		set = setLiteral
	}
	if err := set(values, part.TargetPath, string(part.Text)); err != nil {
		return notSet(part)
	}
	return checkWeight(values)
}

// checkPath refuses what the API server refuses, and what strvals would take in at any cost.
func checkPath(part Part) error {
	switch {
	case len(part.TargetPath) > maxPath:
		return fmt.Errorf("a targetPath of more than %d characters, which the API server refuses", maxPath)
	case !pathSyntax().MatchString(part.TargetPath):
		return fmt.Errorf("the targetPath %q is not of the form a.b[0].c, and the API server refuses it", part.TargetPath)
	case len(part.Text) > maxText:
		return errTooLong
	case !part.Literal && bytes.Count(part.Text, []byte("[")) > maxBrackets:
		return fmt.Errorf("more than %d brackets in the value for the targetPath %s, expected literal: true",
			maxBrackets, part.TargetPath)
	}
	return nil
}

// notSet says why strvals gave up; its own words quote the value.
func notSet(part Part) error {
	if !part.Literal && bytes.ContainsAny(part.Text, `,{\`) {
		return fmt.Errorf("the targetPath %s cannot be set: a comma, brace or backslash in the value is Helm's --set syntax"+
			" without literal: true", part.TargetPath)
	}
	return fmt.Errorf("the targetPath %s cannot be set: it is incomplete, leads through what is no map or list,"+
		" or has an index beyond %d", part.TargetPath, strvals.MaxIndex)
}

// setValue sets a value as helm --set does, one in quotes as helm --set-string does.
// Source: ReplacePathValue in chartutil's values.go.
func setValue(values map[string]any, path, value string) error {
	if quotedBy(value, `'`) || quotedBy(value, `"`) {
		return strvals.ParseIntoString(path+"="+strings.Trim(value, `'"`), values)
	}
	return strvals.ParseInto(path+"="+value, values)
}

func quotedBy(value, quote string) bool {
	return strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote)
}

// literal escapes all that means something to strvals.
var literal = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

// setLiteral sets a value as the text that it is.
// Source: ReplacePathLiteralValue in chartutil's values.go.
func setLiteral(values map[string]any, path, value string) error {
	return strvals.ParseIntoString(path+"="+literal.Replace(value), values)
}
