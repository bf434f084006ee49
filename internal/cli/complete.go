package cli

import "github.com/spf13/cobra"

// completeRules offers the names of the rules; files are completed by the
// shell.
func (a *app) completeRules(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if a.settings.load(cmd.Flags()) != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	p, err := a.openWorktree(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	defer p.close()
	var names []string
	for _, r := range p.config.Rules {
		names = append(names, r.Name)
	}
	return names, cobra.ShellCompDirectiveDefault
}
