package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/repo"
)

// maxRevisions is more than anybody reads; the start of a name brings the others.
const maxRevisions = 1000

// completeRevision offers HEAD, branches and tags.
func (a *app) completeRevision(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	return a.revisions(cmd, "", word, ""), cobra.ShellCompDirectiveNoFileComp
}

// completeRange offers them for A, and behind `A..` for B.
func (a *app) completeRange(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	from, to, second := strings.Cut(word, "..")
	switch {
	case !second:
		return a.revisions(cmd, "", word, ".."), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	case from == "" || strings.HasPrefix(to, "."):
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.revisions(cmd, from+"..", to, ""), cobra.ShellCompDirectiveNoFileComp
}

// revisions offers the names that begin with word, with text around them.
func (a *app) revisions(cmd *cobra.Command, before, word, after string) []string {
	ctx, stop, err := a.asking(cmd)
	defer stop()
	if err != nil {
		return nil
	}
	r, err := repo.Discover(ctx, ".")
	if err != nil {
		return nil
	}
	var all []string
	if strings.HasPrefix("HEAD", word) {
		all = offer(all, before+"HEAD"+after, "the commit you are on")
	}
	found, _ := r.References(ctx, word, maxRevisions) // what there is, is offered
	for _, ref := range found {
		all = offer(all, before+ref.Name+after, ref.Kind)
	}
	return all
}
