package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// usageHint says what the words of a command line were most likely meant to be,
// or where to read more.
func usageHint(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	meant := ""
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		meant = nearestFlag(cmd, unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		meant = longFlag(cmd, unknown.GetSpecifiedShortnames())
	case errors.As(err, &invalid):
		meant = nearestValue(cmd, invalid)
	}
	if meant != "" {
		return fmt.Sprintf("did you mean `%s`?", meant)
	}
	return seeHelp(cmd)
}

func seeHelp(cmd *cobra.Command) string { return fmt.Sprintf("see `%s --help`", cmd.CommandPath()) }

// nearestFlag is the flag that an unknown one was meant to be, or the command of
// that name.
func nearestFlag(cmd *cobra.Command, name string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if sub := child(cmd.Root(), name); sub != nil {
		return sub.CommandPath()
	}
	if near := fluxsum.Nearest(name, names); near != "" {
		return "--" + near
	}
	return ""
}

// longFlag is the flag that was meant by its name behind one dash.
func longFlag(cmd *cobra.Command, letters string) string {
	if name := gluedName("", letters); len(name) > 1 {
		if near := nearestFlag(cmd, name); strings.HasPrefix(near, "--") {
			return near
		}
	}
	return ""
}

// nearestValue is the word that a flag was meant to get; or its own name, when the
// word is what is left of that behind one dash: -output is read as -o utput.
func nearestValue(cmd *cobra.Command, invalid *pflag.InvalidValueError) string {
	flag, value := invalid.GetFlag(), invalid.GetValue()
	if c, ok := flag.Value.(*choice); ok {
		if near := fluxsum.Nearest(value, c.words); near != "" {
			return typed(flag) + " " + near
		}
	}
	if name := gluedName(flag.Shorthand, value); flag.Shorthand != "" && cmd.Flags().Lookup(name) != nil {
		return "--" + name
	}
	return ""
}

// gluedName is the name of a flag that one dash has cut into a letter and a value.
func gluedName(letter, value string) string {
	name, _, _ := strings.Cut(letter+value, "=")
	return name
}

// valueHint is the hint on a value that a flag does not take.
func valueHint(flag *pflag.Flag, value string) string {
	if c, ok := flag.Value.(*choice); ok {
		if near := fluxsum.Nearest(value, c.words); near != "" {
			return fmt.Sprintf("did you mean %q?", near)
		}
	}
	return ""
}

// typed is a flag as most people write it.
func typed(flag *pflag.Flag) string {
	if flag.Shorthand != "" {
		return "-" + flag.Shorthand
	}
	return "--" + flag.Name
}

// knownCommand refuses what is no command, and names the nearest one.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := seeHelp(cmd)
	if near := nearestCommand(cmd, args[0]); near != nil {
		hint = fmt.Sprintf("did you mean `%s`?", near.CommandPath())
	}
	return &userError{fmt.Sprintf("unknown command %q", args[0]), hint}
}

// synonyms are what other programs call our commands.
var synonyms = map[string]string{
	"check": "verify", "lint": "verify", "validate": "verify",
	"fix": "update", "sync": "update", "write": "update",
}

// nearestCommand is the one that a word was most likely meant to be: a command
// below cmd that begins so or is spelled alike, or else any one at all.
func nearestCommand(cmd *cobra.Command, word string) *cobra.Command {
	word = strings.ToLower(word)
	if near := nearestOf(cmd.Commands(), word); near != nil || !cmd.HasAvailableSubCommands() {
		return near
	}
	if name, ok := synonyms[word]; ok {
		return child(cmd.Root(), name)
	}
	return nearestOf(everyCommand(cmd.Root()), word)
}

func nearestOf(commands []*cobra.Command, word string) *cobra.Command {
	byName := map[string]*cobra.Command{}
	var names []string
	for _, cmd := range commands {
		if !listed(cmd) || byName[cmd.Name()] != nil {
			continue
		}
		if word != "" && strings.HasPrefix(cmd.Name(), word) {
			return cmd
		}
		byName[cmd.Name()] = cmd
		names = append(names, cmd.Name())
	}
	return byName[fluxsum.Nearest(word, names)]
}

// everyCommand are the commands at any depth.
func everyCommand(cmd *cobra.Command) []*cobra.Command {
	all := slices.Clone(cmd.Commands())
	for _, sub := range cmd.Commands() {
		all = append(all, everyCommand(sub)...)
	}
	return all
}
