package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fluxsum/fluxsum/internal/cli"
)

func init() { generated["cli"] = cliReference }

// cliReference is the manual for the web: a page a command, and an index.
func cliReference(*testing.T) map[string]string {
	root := cli.Command()
	all := map[string]string{"docs/cli/README.md": cliIndex(root)}
	for _, cmd := range manualCommands(root) {
		all["docs/cli/"+dashed(cmd)+".md"] = cliPage(cmd)
	}
	return all
}

func cliIndex(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# The commands\n\nMade from the help of the program by `make generate`, as are the man pages in\n[docs/man](../man).\n")
	for _, group := range root.Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n", group.Title)
		table(&b, "command", commandLinks(manualCommands(root)[1:], func(cmd *cobra.Command) bool { return top(cmd).GroupID == group.ID }))
	}
	fmt.Fprintf(&b, "\n## Global flags\n\n```text\n%s```\n", flagText(root.PersistentFlags()))
	b.WriteString("\n## Exit status\n\n")
	table(&b, "status", statuses)
	b.WriteString("\n## Environment\n\n")
	table(&b, "variable", append([]term{{"**FLUXSUM\\_CONFIG**, **FLUXSUM\\_COLOR**, …", variablesMean}}, variables...))
	b.WriteString("\n## Files\n\n")
	table(&b, "file", files)
	return b.String()
}

func table(b *strings.Builder, first string, terms []term) {
	fmt.Fprintf(b, "| %s | meaning |\n| --- | --- |\n", first)
	for _, t := range terms {
		fmt.Fprintf(b, "| %s | %s |\n", t.word, t.meaning)
	}
}

func commandLinks(commands []*cobra.Command, keep func(*cobra.Command) bool) []term {
	var all []term
	for _, cmd := range commands {
		if keep(cmd) {
			all = append(all, term{link(cmd), prose(cmd.Short)})
		}
	}
	return all
}

// top is the command directly below the root that a command belongs to.
func top(cmd *cobra.Command) *cobra.Command {
	for cmd.Parent() != cmd.Root() {
		cmd = cmd.Parent()
	}
	return cmd
}

func link(cmd *cobra.Command) string {
	return fmt.Sprintf("[`%s`](%s.md)", cmd.CommandPath(), dashed(cmd))
}

// cliPage is the page of a command.
func cliPage(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n```text\n%s\n```\n\n%s\n", cmd.CommandPath(), cmd.UseLine(), prose(cmd.Long))
	fmt.Fprintf(&b, "\n## Examples\n\n```sh\n%s\n```\n", unindented(cmd.Example))
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n## Commands\n\n")
		table(&b, "command", commandLinks(below(cmd), func(*cobra.Command) bool { return true }))
	}
	if cmd.LocalNonPersistentFlags().HasAvailableFlags() {
		fmt.Fprintf(&b, "\n## Flags\n\n```text\n%s```\n", flagText(cmd.LocalNonPersistentFlags()))
	}
	b.WriteString("\n## See also\n\n[All commands, global flags, exit status, environment](README.md)")
	for _, near := range beside(cmd) {
		b.WriteString(",\n" + link(near))
	}
	return b.String() + "\n"
}

func flagText(flags *pflag.FlagSet) string { return flags.FlagUsagesWrapped(80) }

// TestManualIsWhole: no page of a command that is gone stays behind, and no link of
// the manual leads nowhere.
func TestManualIsWhole(t *testing.T) {
	made := maps.Clone(manPages(t))
	maps.Copy(made, cliReference(t))
	for _, pattern := range []string{"docs/man/*", "docs/cli/*"} {
		found, err := filepath.Glob("../../" + pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %q, %v", pattern, found, err)
		}
		for _, file := range found {
			if name := strings.TrimPrefix(filepath.ToSlash(file), "../../"); made[name] == "" {
				t.Errorf("%s is of no command; remove it", name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(made[name], -1) {
			if _, err := os.Stat(filepath.Join("../..", filepath.Dir(name), m[1])); strings.HasSuffix(name, ".md") && err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
