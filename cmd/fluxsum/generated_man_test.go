package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fluxsum/fluxsum/internal/cli"
)

func init() {
	generated["man"] = manPages
}

// term is a word with what it means, both in Markdown.
type term struct{ word, meaning string }

// What no help text says: it is the same for all commands.
var (
	statuses = []term{
		{"**0**", "Every checksum is true. For **update**: is true now; for **status**: is rolled out, or at least applied; for the others: it is done."},
		{"**1**", "**verify**, **diff --exit-code**: at least one checksum is stale or missing. **verify --strict**: or there is a finding. **status**: at least one is not rolled out. **hooks status**: git would not run the hooks. **hooks run**: the commit is stopped."},
		{"**2**", "It could not be told, or not be done: a mistake on the command line or in the config, an unreadable file, a place that is not clear. Nothing was written."},
	}
	variables = []term{
		{"**FLUXSUM\\_SKIP**", "When it is 1, the hooks do nothing: `FLUXSUM_SKIP=1 git commit` skips them once."},
		{"**NO\\_COLOR**", "When it is set, nothing is coloured, unless **--color** says so. **TERM**=dumb does the same."},
		{"**GIT\\_PAGER**, **PAGER**", "Shows what **diff** prints on a terminal, as git's own settings say; **--no-pager** does without."},
		{"**GITHUB\\_ACTIONS**", "When it is true, **verify** adds annotations to its text, unless **-o** is given."},
		{"**GIT\\_DIR**, **GIT\\_INDEX\\_FILE**, …", "Mean what they mean to git."},
	}
	files = []term{
		{"**.fluxsum.yaml**", "The rules: which files have their checksum where. The nearest one counts, from the current folder up to the top of the repository."},
		{"**.git/hooks/pre-commit**, **.git/hooks/pre-merge-commit**", "What **fluxsum hooks install** writes, or where core.hooksPath leads."},
	}
)

// variablesMean is what those of flags mean.
const variablesMean = "What the flags of these names say, where they are not given."

// manPages are the pages for man, one a command.
func manPages(*testing.T) map[string]string {
	all := map[string]string{}
	for _, cmd := range manualCommands(cli.Command()) {
		all["docs/man/"+dashed(cmd)+".1"] = string(md2man.Render([]byte(manSource(cmd))))
	}
	return all
}

// dashed is the name of the page of a command.
func dashed(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func page(cmd *cobra.Command) string { return "**" + dashed(cmd) + "**(1)" }

// manSource is a page in the Markdown that md2man takes.
func manSource(cmd *cobra.Command) string {
	name := dashed(cmd)
	var b strings.Builder
	fmt.Fprintf(&b, "%% %q \"1\" \"\" \"fluxsum\" \"fluxsum manual\"\n", strings.ToUpper(name))
	fmt.Fprintf(&b, "# NAME\n%s - %s\n", name, cmd.Short)
	fmt.Fprintf(&b, "# SYNOPSIS\n%s\n", synopsis(cmd))
	fmt.Fprintf(&b, "# DESCRIPTION\n%s\n", prose(cmd.Long))
	section(&b, "COMMANDS", commandTerms(cmd))
	section(&b, "OPTIONS", flagTerms(cmd.LocalNonPersistentFlags()))
	section(&b, "GLOBAL OPTIONS", flagTerms(cmd.Root().PersistentFlags()))
	section(&b, "EXIT STATUS", statuses)
	section(&b, "ENVIRONMENT", append([]term{flagVariables(cmd)}, variables...))
	section(&b, "FILES", files)
	fmt.Fprintf(&b, "# EXAMPLES\n```\n%s\n```\n", unindented(cmd.Example))
	fmt.Fprintf(&b, "# SEE ALSO\n%s\n", strings.Join(seeAlso(cmd), ", "))
	return b.String()
}

// synopsis sets the words to type in bold.
func synopsis(cmd *cobra.Command) string {
	rest := strings.TrimPrefix(cmd.UseLine(), cmd.CommandPath())
	return "**" + cmd.CommandPath() + "**" + prose(rest)
}

var special = regexp.MustCompile(`[\\*_<>\[\]|]`)

// prose is a text of a help as Markdown; what is indented is to be typed.
func prose(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") {
			lines[i] = "  " + line
			continue
		}
		lines[i] = special.ReplaceAllString(line, `\$0`)
	}
	return strings.Join(lines, "\n")
}

func section(b *strings.Builder, title string, terms []term) {
	if len(terms) == 0 {
		return
	}
	fmt.Fprintf(b, "# %s\n", title)
	for _, t := range terms {
		fmt.Fprintf(b, "%s\n: %s\n\n", t.word, t.meaning)
	}
}

func commandTerms(cmd *cobra.Command) []term {
	var all []term
	for _, sub := range below(cmd) {
		all = append(all, term{page(sub), prose(sub.Short)})
	}
	return all
}

// flagTerms are the flags with what they mean, in the words of the help.
func flagTerms(flags *pflag.FlagSet) []term {
	var all []term
	flags.VisitAll(func(f *pflag.Flag) {
		value, usage := pflag.UnquoteUsage(f)
		word := "**--" + f.Name + "**"
		if f.Shorthand != "" {
			word = "**-" + f.Shorthand + "**, " + word
		}
		if value != "" {
			word += " *" + value + "*"
		}
		if f.DefValue != "" && f.DefValue != "false" {
			usage += " (default " + f.DefValue + ")"
		}
		all = append(all, term{word, prose(usage)})
	})
	return all
}

// flagVariables are the variables that stand for flags.
func flagVariables(cmd *cobra.Command) term {
	var names []string
	add := func(f *pflag.Flag) {
		if f.Name != "help" && f.Name != "version" {
			names = append(names, "**"+prose(variable(f))+"**")
		}
	}
	cmd.LocalNonPersistentFlags().VisitAll(add)
	cmd.Root().PersistentFlags().VisitAll(add)
	return term{strings.Join(names, ", "), variablesMean}
}

func variable(f *pflag.Flag) string {
	return "FLUXSUM_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

func unindented(example string) string {
	return strings.ReplaceAll(strings.TrimPrefix(example, "  "), "\n  ", "\n")
}

// seeAlso are the pages beside one, and those of git.
func seeAlso(cmd *cobra.Command) []string {
	var names []string
	for _, near := range append(beside(cmd), below(cmd)...) {
		names = append(names, page(near))
	}
	return append(names, "**git**(1)", "**githooks**(5)")
}

// beside are the command above one, and those beside it.
func beside(cmd *cobra.Command) []*cobra.Command {
	if !cmd.HasParent() {
		return nil
	}
	all := []*cobra.Command{cmd.Parent()}
	for _, sibling := range below(cmd.Parent()) {
		if sibling != cmd {
			all = append(all, sibling)
		}
	}
	return all
}
