package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is that of the terminals that a help text has to fit.
const helpWidth = 80

// The headings of the commands in the help.
const (
	groupStart  = "Start"
	groupDaily  = "Every day"
	groupReview = "In review and CI"
	groupOther  = "Other"
)

// group adds commands under a heading of the help.
func group(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, cmd := range commands {
		cmd.GroupID = title
	}
	root.AddCommand(commands...)
}

// helpCommand is cobra's, but refuses what is no command.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]...",
		Short: "Show the help of a command",
		Long: `Show the help of a command: what it does, with examples, and its flags. The same
is shown by --help behind it.`,
		Example: `  fluxsum help verify
  fluxsum help hooks install`,
		GroupID:               groupOther,
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     completeCommand,
		RunE:                  func(cmd *cobra.Command, args []string) error { return showHelp(cmd.Root(), args) },
	}
}

// parent makes a command of one that has commands below it and does nothing by
// itself: without any it shows its help, and `help` goes before the others, too.
func parent(cmd *cobra.Command) *cobra.Command {
	cmd.DisableFlagsInUseLine = true
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 && args[0] == "help" {
			return nil
		}
		return knownCommand(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			args = args[1:]
		}
		return showHelp(cmd, args)
	}
	return cmd
}

// showHelp shows the help of a command, or of one below it.
func showHelp(cmd *cobra.Command, topic []string) error {
	for _, name := range topic {
		sub := child(cmd, name)
		if sub == nil {
			return knownCommand(cmd, []string{name})
		}
		cmd = sub
	}
	return cmd.Help()
}

// child is a command directly below another one.
func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, sub := range cmd.Commands() {
		if sub.Name() == name {
			return sub
		}
	}
	return nil
}

// listed says whether the help names a command.
func listed(cmd *cobra.Command) bool { return cmd.IsAvailableCommand() || cmd.Name() == "help" }

// writeUsage writes all that a help text says behind what a command does.
func writeUsage(cmd *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	for _, g := range commandGroups(cmd) {
		fmt.Fprintf(&b, "\n%s:\n", g.Title)
		for _, sub := range g.Commands {
			fmt.Fprintf(&b, "  %-*s  %s\n", cmd.NamePadding(), sub.Name(), sub.Short)
		}
	}
	writeFlags(&b, "Flags", cmd.LocalNonPersistentFlags())
	writeFlags(&b, "Global flags", cmd.Root().PersistentFlags())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n`%s COMMAND --help` tells more about a command.\n", cmd.CommandPath())
	}
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	return err
}

// commandGroup are commands with what the help calls them.
type commandGroup struct {
	Title    string
	Commands []*cobra.Command
}

// commandGroups are the commands below another one, as the help shows them.
func commandGroups(cmd *cobra.Command) []commandGroup {
	all := []commandGroup{}
	for _, g := range cmd.Groups() {
		all = append(all, commandGroup{Title: g.Title})
	}
	if len(all) == 0 {
		all = append(all, commandGroup{Title: "Commands"})
	}
	for _, sub := range cmd.Commands() {
		if !listed(sub) {
			continue
		}
		for i := range all {
			if all[i].Title == sub.GroupID || sub.GroupID == "" {
				all[i].Commands = append(all[i].Commands, sub)
				break
			}
		}
	}
	if len(all[0].Commands) == 0 {
		return nil
	}
	return all
}

func writeFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		fmt.Fprintf(b, "\n%s:\n%s", title, flags.FlagUsagesWrapped(helpWidth))
	}
}
