package cli

import (
	"context"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/delta"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/secret"
)

// patch prints the edits of update. All or nothing: what update would refuse is
// no patch either.
func (a *app) patch(ctx context.Context, p *project, plan *fluxsum.Plan, f *diffFlags) error {
	if problems := plan.Problems(); len(problems) > 0 {
		return problems
	}
	names := newTexts(ctx, p, plan, f.showSecrets)
	names.useHead(ctx)
	var all strings.Builder
	for i := range plan.Changes {
		text, err := p.patchOf(&plan.Changes[i], names)
		if err != nil {
			return err
		}
		all.WriteString(text)
	}
	if names.secrets {
		a.warnSecrets()
	}
	if err := a.paged(ctx, f.noPager, func() error { return a.printPatch(all.String()) }); err != nil {
		return err
	}
	a.hintApply(ctx, p, plan)
	return a.diffVerdict(plan, f)
}

// hintApply tells what git apply does not: that there is nothing to apply, or that it
// leaves out what does not lie below the folder in which it runs.
func (a *app) hintApply(ctx context.Context, p *project, plan *fluxsum.Plan) {
	r, err := repo.Discover(ctx, ".")
	here, cwdErr := os.Getwd()
	if a.settings.quiet || err != nil || cwdErr != nil {
		return
	}
	prefix, _ := r.Prefix(here)
	outside := func(c fluxsum.Change) bool { return !within(path.Join(p.prefix(), c.File), prefix) }
	switch {
	case len(plan.Changes) == 0:
		a.hint("all checksums are true: the patch is empty")
	case slices.ContainsFunc(plan.Changes, outside):
		a.hint("apply it at the top of the repository: in this folder git apply leaves out what lies elsewhere")
	}
}

// within says whether a path lies in a folder.
func within(name, folder string) bool {
	return folder == "" || folder == "." || strings.HasPrefix(name, folder+"/")
}

// printPatch writes the bytes that git apply takes, whatever the settings of colour
// are; a terminal gets colours, and no control characters.
func (a *app) printPatch(text string) error {
	if !a.settings.terminal(a.stdout) {
		_, err := io.WriteString(a.stdout, text)
		return err
	}
	return report.Patch(a.stdout, text, a.verifyVerb(a.stdout))
}

// patchOf is the patch of a change, of the bytes that Git stores: that is what git
// compares with, whatever stands in the worktree.
func (p *project) patchOf(c *fluxsum.Change, names *texts) (string, error) {
	before, err := p.stored(c.File, c.Before)
	if err != nil {
		return "", fileError(c.File, err)
	}
	after, err := p.stored(c.File, c.After)
	if err != nil {
		return "", fileError(c.File, err)
	}
	text := delta.Patch(path.Join(p.prefix(), c.File), before, after)
	line := delta.SecretBeside(text, before)
	if why, err := names.secretName(c.File); err != nil {
		return "", err
	} else if why != "" || secret.Why(before) == "" && secret.Why(names.committed(c.File)) != "" {
		line = 1 // by its name, or because it is decrypted to be edited
	}
	names.secrets = names.secrets || line > 0
	if line > 0 && !names.show {
		return "", fluxsum.Problems{{File: c.File, Line: line, Column: 1, Message: "the edit cannot be shown beside what the file keeps secret", Hint: "`fluxsum update` makes it; --show-secrets shows it"}}
	}
	return text, nil
}

func (p *project) stored(name string, text []byte) ([]byte, error) {
	if s, ok := p.tree.(fluxsum.Storing); ok {
		return s.Store(name, text)
	}
	return text, nil
}
