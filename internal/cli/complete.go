package cli

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fluxsum/fluxsum/internal/report"
)

// patience is how long a user waits for a completion.
const patience = 2 * time.Second

// completeFlags says for the flags of all commands what completes their values,
// and that commands without arguments complete none.
func (a *app) completeFlags(cmd *cobra.Command) {
	for _, flags := range []*pflag.FlagSet{cmd.LocalNonPersistentFlags(), cmd.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			if complete := a.completionOf(f); complete != nil {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, complete)
			}
		})
	}
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		a.completeFlags(sub)
	}
}

// plainDescriptions takes the backticks out of what flags are for: only the help
// reads them.
func plainDescriptions(cmd *cobra.Command) {
	plain := func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") }
	cmd.PersistentFlags().VisitAll(plain)
	cmd.LocalNonPersistentFlags().VisitAll(plain)
	for _, sub := range cmd.Commands() {
		plainDescriptions(sub)
	}
}

// completionOf returns what completes the value of a flag; nil for the shell.
func (a *app) completionOf(f *pflag.Flag) cobra.CompletionFunc {
	if c, ok := f.Value.(*choice); ok {
		return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
			return beginning(c.words, word), cobra.ShellCompDirectiveNoFileComp
		}
	}
	switch f.Name {
	case "rev":
		return a.completeRevision
	case "range":
		return a.completeRange
	case "chdir", "path":
		return completeFolder
	case "context":
		return a.completeContext
	case "config":
		return a.completeConfig
	case "message", "max-history", "timeout":
		return cobra.NoFileCompletions
	}
	return nil
}

func completeFolder(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeConfig leaves YAML files to the shell, but for -C, of which it knows
// nothing.
func (a *app) completeConfig(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	endings := []string{"yaml", "yml"}
	switch err := a.settings.load(cmd.Flags()); {
	case err != nil:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case a.settings.dir == "":
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
	return entries(word, func(name string) bool {
		return slices.Contains(endings, strings.TrimPrefix(filepath.Ext(name), "."))
	})
}

// asking is the context of a completion. It ends before the user loses patience,
// and git fetches nothing for it.
func (a *app) asking(cmd *cobra.Command) (context.Context, context.CancelFunc, error) {
	err := a.settings.load(cmd.Flags())
	if err == nil {
		err = os.Setenv("GIT_NO_LAZY_FETCH", "1")
	}
	ctx, stop := context.WithTimeout(cmd.Context(), patience)
	return ctx, stop, err
}

// offer adds one completion with what it is; a name that cannot stand on one line
// of the answer is left out.
func offer(all []string, name, what string) []string {
	if name == "" || report.Printable(name) != name || strings.TrimSpace(name) != name {
		return all
	}
	return append(all, cobra.CompletionWithDesc(name, report.Printable(what)))
}

// completeFirst completes the one argument of a command.
func completeFirst(words []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return beginning(words, word), cobra.ShellCompDirectiveNoFileComp
	}
}

// beginning are the words that begin with the start of one.
func beginning(words []string, start string) []string {
	var all []string
	for _, word := range words {
		if strings.HasPrefix(word, start) {
			all = append(all, word)
		}
	}
	return all
}

// completeCommand completes the name of a command, behind `help`.
func completeCommand(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	found, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var all []string
	for _, sub := range found.Commands() {
		if sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), word) {
			all = offer(all, sub.Name(), sub.Short)
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// entries offers what stands in the folder of a word: folders, and the files that
// are to be kept.
func entries(word string, keep func(name string) bool) ([]string, cobra.ShellCompDirective) {
	dir, start := splitWord(word)
	found, _ := os.ReadDir(cmp.Or(filepath.FromSlash(dir), ".")) // what cannot be read offers nothing
	var all []string
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, entry := range found {
		name := entry.Name()
		switch hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(start, "."); {
		case hidden || !strings.HasPrefix(name, start):
		case isFolder(dir, entry):
			all = offer(all, dir+name+"/", "")
			directive |= cobra.ShellCompDirectiveNoSpace
		case keep(name):
			all = offer(all, dir+name, "")
		}
	}
	return all, directive
}

// isFolder follows symlinks.
func isFolder(dir string, entry os.DirEntry) bool {
	if entry.Type()&os.ModeSymlink == 0 {
		return entry.IsDir()
	}
	info, err := os.Stat(filepath.FromSlash(dir) + entry.Name())
	return err == nil && info.IsDir()
}

// splitWord cuts a path behind its last slash.
func splitWord(word string) (dir, start string) {
	word = filepath.ToSlash(word)
	cut := strings.LastIndexByte(word, '/') + 1
	return word[:cut], word[cut:]
}
