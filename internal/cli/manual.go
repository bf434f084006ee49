package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// manual prints the steps without fluxsum for the rules that were asked for.
func (a *app) manual(ctx context.Context, e *explanation) error {
	if problem := e.unruled(); problem != nil {
		return fluxsum.Problems{problem}
	}
	for i, name := range e.rules {
		plan, err := e.project.plan(ctx, []string{name})
		if err != nil {
			return err
		}
		if problems := plan.Problems(); len(problems) > 0 {
			return problems
		}
		lines, err := rollout.Manual(plan, plan.Config().Rule(name), e.project.tree, e.project.prefix())
		if err != nil {
			return err
		}
		if i > 0 {
			lines = append([]string{""}, lines...)
		}
		if _, err := fmt.Fprintln(a.stdout, strings.Join(lines, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// unruled says why there are no steps for what was asked for: a file that no rule
// maps, or a release that no rule has a known source of.
func (e *explanation) unruled() *fluxsum.Problem {
	switch {
	case len(e.files) > 0:
		return &fluxsum.Problem{File: e.files[0], Message: "no rule watches it, so there is no checksum to write", Hint: "`fluxsum init --dry-run` shows the rule to add"}
	case len(e.rules) == 0 && len(e.releases) > 0:
		c := &e.releases[0]
		if len(c.Sources) == 0 {
			return &fluxsum.Problem{File: c.File, Message: c.Kind + " " + c.Name + " reads no values from files, so there is no checksum to write"}
		}
		return &fluxsum.Problem{File: c.File, Message: c.Kind + " " + c.Name + " has no source that is known, so there is no checksum to write", Hint: "without --manual, explain says why"}
	}
	return nil
}

// prefix is the folder of the root in its repository.
func (p *project) prefix() string {
	if t, ok := p.tree.(interface{ Prefix() string }); ok {
		return t.Prefix()
	}
	return ""
}
