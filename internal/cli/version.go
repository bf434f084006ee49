package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is what is known of this binary.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Date    string `json:"date"`
	Go      string `json:"go"`
}

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
			_, err := fmt.Fprintf(a.stdout, "fluxsum %s (commit %s, %s, %s)\n", b.Version, b.Commit, b.Date, b.Go)
			return err
		},
	}
	out = outputFlag(cmd.Flags(), "text", "json")
	return cmd
}

// thisBuild reads what the Go toolchain wrote into the binary.
func thisBuild() build {
	b := build{Version: "devel", Commit: "unknown", Date: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		}
	}
	return b
}
