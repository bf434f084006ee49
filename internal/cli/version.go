package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// versionFlag is no setting, so FLUXSUM_VERSION, which scripts that install the
// program like to have, is none either.
const versionFlag = "version"

func (a *app) versionCommand() *cobra.Command {
	var out *choice
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, commit, date and Go version",
		Long: `Show the version, commit, date and Go version of this binary, for bug reports.
The same is shown by --version in place of a command.`,
		Example: `  fluxsum version
  fluxsum version -o json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if out.word == "json" {
				return json.NewEncoder(a.stdout).Encode(b)
			}
			return a.printVersion(b)
		},
	}
	out = outputFlag(cmd.Flags(), "text", "json")
	return cmd
}

func (a *app) printVersion(b build) error {
	_, err := fmt.Fprintf(a.stdout, "fluxsum %s (%s)\n", b.Version, strings.Join(b.facts(), ", "))
	return err
}

// addVersionFlag makes the program print its version by --version too.
func (a *app) addVersionFlag(root *cobra.Command) {
	show := root.Flags().Bool(versionFlag, false, "show the version, as the command version does")
	run := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if *show {
			return a.printVersion(thisBuild())
		}
		return run(cmd, args)
	}
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
