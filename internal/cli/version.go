package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	var out *choice
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, commit, date and Go version",
		Long: `Show the version, commit, date and Go version of this binary: what to write into
a report of an error.`,
		Example: `  fluxsum version
  fluxsum version -o json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if out.word == "json" {
				return json.NewEncoder(a.stdout).Encode(b)
			}
			_, err := fmt.Fprintf(a.stdout, "fluxsum %s (%s)\n", b.Version, strings.Join(b.facts(), ", "))
			return err
		},
	}
	out = outputFlag(cmd.Flags(), "text", "json")
	return cmd
}

// facts are what the text says behind the version.
func (b build) facts() []string {
	var facts []string
	switch {
	case b.Commit != "" && b.Modified:
		facts = append(facts, "commit "+b.Commit+" with uncommitted changes")
	case b.Commit != "":
		facts = append(facts, "commit "+b.Commit)
	case b.Sum != "": // a Go module of a tag tells its content, not its commit
		facts = append(facts, "commit of the tag "+b.Version, "module "+b.Sum)
	default:
		facts = append(facts, "commit not recorded")
	}
	if b.Date != "" {
		facts = append(facts, b.Date)
	}
	return append(facts, b.Go)
}
