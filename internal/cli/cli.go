// Package cli is the command line of fluxsum: flags in, exit status out. Each
// command chooses a tree to read and what to do with the plan.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit statuses that scripts rely on.
const (
	exitInSync  = 0 // in sync; for update: in sync now
	exitStale   = 1 // at least one checksum is stale or missing
	exitUnknown = 2 // could not tell, or could not do it; nothing was written
)

// errStale makes the exit status 1; all there is to say has been said.
var errStale = errors.New("stale")

// errSaid makes the exit status 2; all there is to say has been said.
var errSaid = errors.New("said")

// app is one run of the program.
type app struct {
	stdout, stderr io.Writer
	settings       settings
}

// Main runs fluxsum with the arguments behind the program's name and returns
// its exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go stopOnSignal(stop)
	a := &app{stdout: results{stdout}, stderr: stderr}
	if inGitHubActions() {
		a.stderr = &unspoken{w: stderr}
	}
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitInSync
	case errors.Is(err, errStale):
		return exitStale
	case !errors.Is(err, errSaid):
		a.complain(err)
	}
	return exitUnknown
}

// stopOnSignal ends the context when the user, or the system, wants an end. It
// runs beside the rest since asking for signals takes as long as a small file.
func stopOnSignal(stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	<-signals
	signal.Reset() // the next one ends the program at once
	stop()
}

// results is standard output, whose errors say so.
type results struct{ io.Writer }

func (r results) Write(p []byte) (int, error) {
	n, err := r.Writer.Write(p)
	if err != nil {
		err = &userError{"standard output: " + plainReason(err), ""}
	}
	return n, err
}

// Command is the command line as a tree of commands, from which the manual is
// made.
func Command() *cobra.Command {
	a := &app{stdout: io.Discard, stderr: io.Discard}
	root := a.rootCommand()
	root.InitDefaultHelpCmd()
	return root
}

func (a *app) rootCommand() *cobra.Command {
	cobra.EnableCommandSorting = false // the help has an order of its own
	root := parent(&cobra.Command{
		Use:   "fluxsum COMMAND",
		Short: "Keep checksum annotations true, so that Flux rolls out what changed",
		Long: `fluxsum keeps the checksums of files true in the annotations that .fluxsum.yaml
maps them to, so that a change of a Helm values file is a change of its release.

New here? Run the three commands below, in a clone of your repository.`,
		Example: `  fluxsum init            # find the rules that are needed, write .fluxsum.yaml
  fluxsum update          # write the checksums; look at git diff, then commit
  fluxsum hooks install   # from then on Git keeps them true in every commit`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Name() == cobra.ShellCompRequestCmd {
				plainDescriptions(cmd.Root())
				return nil // the rest is done for the command that is completed
			}
			return a.settings.load(cmd.Flags())
		},
	})
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(usageError)
	root.SetUsageFunc(writeUsage)
	a.settings.register(root.PersistentFlags())
	a.addVersionFlag(root)
	group(root, groupStart, a.initCommand(), a.hooksCommand())
	group(root, groupDaily, a.updateCommand(), a.explainCommand())
	group(root, groupReview, a.verifyCommand(), a.diffCommand(), a.statusCommand())
	group(root, groupOther, a.completionCommand(), a.versionCommand())
	root.SetHelpCommand(a.helpCommand())
	a.completeFlags(root)
	return root
}
