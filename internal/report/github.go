package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// GitHub writes an annotation for each issue, as a workflow command of GitHub
// Actions:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func GitHub(w io.Writer, r *Review) error {
	var b strings.Builder
	for _, i := range r.issues() {
		fmt.Fprintf(&b, "::%s %s::%s\n", githubLevel(i.level), githubPlace(&i), githubData.Replace(i.message))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func githubLevel(level string) string {
	if level == fluxsum.Note {
		return "notice"
	}
	return level
}

// githubPlace are the properties of an annotation.
func githubPlace(i *issue) string {
	var all []string
	if i.file != "" {
		all = append(all, "file="+githubProperty.Replace(exact(i.file)))
	}
	if i.line > 0 {
		all = append(all, fmt.Sprintf("line=%d", i.line))
	}
	if i.column > 0 {
		all = append(all, fmt.Sprintf("col=%d", i.column))
	}
	return strings.Join(append(all, "title="+githubProperty.Replace("fluxsum: "+i.code)), ",")
}

// What the runner takes back in messages, and in properties too.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
