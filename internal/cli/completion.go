package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion " + strings.Join(shells, "|"),
		Short: "Print the completion script of a shell",
		Long: `Print the completion script of a shell. It completes commands and flags, rules
and their files, branches and tags, and the words that flags take.

For bash, with the package bash-completion, this line in ~/.bashrc:

  source <(fluxsum completion bash)

For zsh the script in its place, and in ~/.zshrc the second line, unless it is
there:

  fluxsum completion zsh >"${fpath[1]}/_fluxsum"
  autoload -U compinit && compinit

For fish the script in its place:

  mkdir -p ~/.config/fish/completions
  fluxsum completion fish >~/.config/fish/completions/fluxsum.fish

For PowerShell this line in $PROFILE:

  fluxsum completion powershell | Out-String | Invoke-Expression`,
		Example: `  source <(fluxsum completion bash)
  fluxsum completion zsh >_fluxsum`,
		ValidArgsFunction:     completeFirst(shells),
		DisableFlagsInUseLine: true,
		Args:                  oneShell,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.completion(cmd.Root(), args[0])
		},
	}
}

func oneShell(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && slices.Contains(shells, args[0]) {
		return nil
	}
	if len(args) == 0 {
		return &userError{"name a shell: " + either(shells), seeHelp(cmd)}
	}
	wanted := strings.Join(args, " ")
	hint := seeHelp(cmd)
	if near := fluxsum.Nearest(wanted, shells); near != "" {
		hint = fmt.Sprintf("did you mean `%s %s`?", cmd.CommandPath(), near)
	}
	return &userError{fmt.Sprintf("unknown shell %q, expected %s", wanted, either(shells)), hint}
}

func (a *app) completion(root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(a.stdout, true)
	case "zsh":
		return root.GenZshCompletion(a.stdout)
	case "fish":
		return root.GenFishCompletion(a.stdout, true)
	}
	return root.GenPowerShellCompletionWithDesc(a.stdout)
}
