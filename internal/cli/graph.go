package cli

import (
	"context"
	"fmt"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// graph reads what Flux makes of the tree of a project; quick leaves out what
// no rollout can have to do with.
func (p *project) graph(ctx context.Context, quick bool) (*flux.Graph, error) {
	o := flux.Options{Quick: quick}
	if t, ok := p.tree.(fluxsum.Storing); ok {
		o.Open = t.OpenStored
	}
	if t, ok := p.tree.(interface{ Prefix() string }); ok {
		o.Prefix = t.Prefix()
	}
	return flux.Read(ctx, p.tree, o)
}

// judge adds to a plan what is likely to be a mistake about Flux.
func (a *app) judge(ctx context.Context, p *project, plan *fluxsum.Plan) error {
	g, err := p.graph(ctx, true)
	if err != nil {
		return err
	}
	plan.Findings = rollout.Sorted(append(plan.Findings, rollout.New(plan, g).Findings()...))
	a.tellUnread(g)
	return nil
}

// tellUnread says how many files could not be read, and with -v which.
func (a *app) tellUnread(g *flux.Graph) {
	if len(g.Unread) == 0 || a.settings.quiet {
		return
	}
	if !a.settings.verbose {
		a.hint(fmt.Sprintf("%s could not be read as YAML, and can hold templates: -v lists them", files(len(g.Unread))))
		return
	}
	for _, u := range g.Unread {
		a.warn(problemAt(u))
	}
}

func problemAt(u kustomize.Unknown) *fluxsum.Problem {
	p := &fluxsum.Problem{File: u.File, Line: u.Line, Message: u.Message}
	if u.Line > 0 {
		p.Column = 1
	}
	return p
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}
