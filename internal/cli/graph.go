package cli

import (
	"context"
	"io/fs"
	"path"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/kustomize"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// readingManifests is the work of a graph.
const readingManifests = "reading manifests"

// graph reads what Flux makes of the tree of a project; quick leaves out what
// no rollout can have to do with.
func (p *project) graph(ctx context.Context, quick bool, seen *progress) (*flux.Graph, error) {
	var open func(string) (fs.File, error)
	if t, ok := p.tree.(fluxsum.Storing); ok {
		open = t.OpenStored
	}
	return p.graphOf(ctx, p.tree, flux.Options{Quick: quick, Open: open}, seen)
}

// graphAgain reads once more what Flux makes of the tree of a project, with some
// edits to it.
func (a *app) graphAgain(p *project) rollout.Again {
	return func(ctx context.Context, edited fs.FS) (*flux.Graph, error) {
		return p.graphOf(ctx, edited, flux.Options{Quick: true}, a.progress(readingManifests))
	}
}

func (p *project) graphOf(ctx context.Context, tree fs.FS, o flux.Options, seen *progress) (*flux.Graph, error) {
	defer seen.clear()
	if c, ok := p.tree.(*repo.Checkout); ok {
		o.Skip = c.Foreign()
	}
	o.Prefix, o.Files, o.Progress = p.prefix(), jsonTargets(p.config), seen.of()
	return flux.Read(ctx, tree, o)
}

// jsonTargets are the manifests in JSON that hold checksums: others are read
// where a kustomization names them.
func jsonTargets(c *fluxsum.Config) []string {
	if c == nil {
		return nil
	}
	var all []string
	for _, name := range c.Paths() {
		if path.Ext(name) == ".json" {
			all = append(all, name)
		}
	}
	return all
}

// rollout puts the plan of all rules on the graph of the tree.
func (p *project) rollout(ctx context.Context, quick bool, seen *progress) (*rollout.Rollout, error) {
	plan, err := p.builder.Build(ctx, p.config, p.tree)
	if err != nil {
		return nil, err
	}
	graph, err := p.graph(ctx, quick, seen)
	if err != nil {
		return nil, err
	}
	return rollout.New(plan, graph), nil
}

// judge adds to a plan what is likely to be a mistake about Flux.
func (a *app) judge(ctx context.Context, p *project, plan *fluxsum.Plan) error {
	g, err := p.graph(ctx, true, a.progress(readingManifests))
	if err != nil {
		return err
	}
	r := rollout.New(plan, g)
	plan.Findings = r.AllFindings()
	a.tellUnread(r)
	return nil
}

// tellUnread says how many manifests that something applies could not be read,
// and with -v which files could not.
func (a *app) tellUnread(r *rollout.Rollout) {
	applied := len(r.Unread())
	switch {
	case a.settings.quiet:
	case r.Graph.Overfull() != "":
		a.hint(r.Graph.Overfull() + ": no finding about Flux is told")
	case a.settings.verbose:
		for _, u := range r.Graph.Unread {
			a.warn(problemAt(u))
		}
	case applied > 0:
		a.hint(report.Count(applied, "manifest") + " could not be read, and may hide findings: -v lists them")
	}
}

func problemAt(u kustomize.Unknown) *fluxsum.Problem {
	p := &fluxsum.Problem{File: u.File, Line: u.Line, Message: u.Message}
	if u.Line > 0 {
		p.Column = 1
	}
	return p
}
