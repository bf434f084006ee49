package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// completeRules offers what verify and its like take: rules, and the files that
// rules read or write. Without a config, files are left to the shell.
func (a *app) completeRules(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	ctx, stop, err := a.asking(cmd)
	defer stop()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	p, err := a.open(ctx, whereOf(cmd))
	switch {
	case err == nil:
		defer p.close()
	case a.settings.dir != "":
		return entries(word, everything)
	default:
		return nil, cobra.ShellCompDirectiveDefault
	}
	all := slices.Concat(p.ruleNames(args, word), p.usedFiles(args, word))
	if strings.HasPrefix(word, "~") {
		return all, cobra.ShellCompDirectiveDefault
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

func everything(string) bool { return true }

// whereOf is the tree that the flags before a word choose.
func whereOf(cmd *cobra.Command) where {
	staged, _ := cmd.Flags().GetBool("staged")
	rev, _ := cmd.Flags().GetString("rev")
	return where{staged: staged, rev: rev}
}

// completeExplained offers rules, annotation keys, codes of findings and all files.
func (a *app) completeExplained(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	ctx, stop, err := a.asking(cmd)
	defer stop()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if strings.HasPrefix(word, "~") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	files, directive := entries(word, everything)
	return slices.Concat(a.explainable(ctx, args, word), offeredCodes(args, word), without(files, args)), directive
}

// explainable are the rules and annotation keys; none without a config.
func (a *app) explainable(ctx context.Context, args []string, word string) []string {
	p, err := a.openWorktree(ctx, where{})
	if err != nil {
		return nil
	}
	defer p.close()
	all := p.ruleNames(args, word)
	taken := args
	for _, r := range p.config.Rules {
		taken = append(taken, r.Name)
	}
	for _, r := range p.config.Rules {
		if strings.HasPrefix(r.Annotation, word) && !slices.Contains(taken, r.Annotation) {
			all = offer(all, r.Annotation, "annotation of "+strings.Join(p.annotated(r.Annotation), ", "))
			taken = append(taken, r.Annotation)
		}
	}
	return all
}

// annotated are the rules with an annotation key.
func (p *project) annotated(key string) []string {
	var names []string
	for _, r := range p.config.Rules {
		if r.Annotation == key {
			names = append(names, r.Name)
		}
	}
	return names
}

// ruleNames offers the rules that are not given yet, with their files.
func (p *project) ruleNames(args []string, word string) []string {
	var all []string
	for _, r := range p.config.Rules {
		if strings.HasPrefix(r.Name, word) && !slices.Contains(args, r.Name) {
			all = offer(all, r.Name, strings.Join(r.Files, ", "))
		}
	}
	return all
}

// usedFiles offers the files of rules that are not given yet, as seen from here.
func (p *project) usedFiles(args []string, word string) []string {
	dir, start := splitWord(word)
	folder, root := p.between(dir)
	prefix := ""
	if below, err := filepath.Rel(root, folder); err == nil && filepath.IsLocal(below) {
		prefix = strings.TrimPrefix(filepath.ToSlash(below)+"/", "./") + start
	}
	var all []string
	for _, use := range p.config.Uses(p.tree, prefix) {
		rel, err := filepath.Rel(folder, filepath.Join(root, filepath.FromSlash(use.File)))
		if rel = filepath.ToSlash(rel); err == nil && !strings.HasPrefix(rel, "../") && strings.HasPrefix(rel, start) && !slices.Contains(args, dir+rel) {
			all = offer(all, dir+rel, part(use))
		}
	}
	return all
}

// between returns the folder of a word and the root, both with or both without
// their symlinks resolved, so that the one can be seen from the other.
func (p *project) between(dir string) (folder, root string) {
	folder, err := filepath.Abs(filepath.FromSlash(dir))
	root = filepath.Clean(p.root)
	if err == nil && !nested(root, folder) && !nested(folder, root) {
		return repo.Resolved(folder), repo.Resolved(root)
	}
	return folder, root
}

func nested(outer, inner string) bool {
	rel, err := filepath.Rel(outer, inner)
	return err == nil && filepath.IsLocal(rel)
}

// part says what a file is to which rules.
func part(use fluxsum.Use) string {
	var parts []string
	if len(use.Readers) > 0 {
		parts = append(parts, "source of "+strings.Join(use.Readers, ", "))
	}
	if len(use.Writers) > 0 {
		parts = append(parts, "target of "+strings.Join(use.Writers, ", "))
	}
	return strings.Join(parts, "; ")
}

// without leaves out the words that are given already.
func without(all, args []string) []string {
	return slices.DeleteFunc(all, func(name string) bool { return slices.Contains(args, name) })
}
