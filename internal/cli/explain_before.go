package cli

import (
	"bytes"
	"context"
	"io/fs"

	"github.com/fluxsum/fluxsum/internal/repo"
	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// maxBack is how many commits are looked at for the one in which a checksum was
// last true.
const maxBack = 200

// beforeRule is the graph of the newest commit, from HEAD back, in which the
// checksum of a rule was true for another content than that of now; nil when
// nothing has changed since, or there is no such commit.
func (a *app) beforeRule(ctx context.Context, e *explanation, rule string) *flux.Graph {
	now := map[string]string{}
	for _, res := range e.Plan.Results {
		if res.Rule == rule {
			now[res.Target.File] = res.Computed
		}
	}
	return before(ctx, e.project, func(p *project) (stop, found bool) {
		var err error
		if p.config, err = fluxsum.LoadConfig(ctx, p.tree, e.project.configName, fluxsum.ConfigName); err != nil {
			return false, false
		}
		plan, err := p.plan(ctx, []string{rule})
		if err != nil || !plan.InSync() {
			return false, false
		}
		for _, res := range plan.Results {
			if computed := now[res.Target.File]; computed != "" && computed != res.Computed {
				return true, true
			}
		}
		return true, false
	})
}

// beforeFile is the graph of HEAD, when a file was another one there.
func (a *app) beforeFile(ctx context.Context, e *explanation, file string) *flux.Graph {
	return before(ctx, e.project, func(p *project) (stop, found bool) {
		old, err := fs.ReadFile(p.tree, file)
		if err != nil {
			return true, false
		}
		text, err := e.Graph.Text(file)
		return true, err == nil && !bytes.Equal(old, text)
	})
}

// before goes back through the first parents of HEAD until look has found its
// commit, or stops. What cannot be read is no reason to fail: then nothing is
// said about before. The history stays open as long as the project.
func before(ctx context.Context, now *project, look func(*project) (stop, found bool)) *flux.Graph {
	r, err := repo.Discover(ctx, now.root)
	if err != nil || !now.openHistory(ctx, r) {
		return nil
	}
	h := now.history
	prefix, _ := r.Prefix(now.root)
	c, err := h.Resolve("HEAD")
	for range maxBack {
		if err != nil || ctx.Err() != nil {
			return nil
		}
		p := &project{root: now.root, tree: h.Tree(c, prefix), name: c.ID}
		if stop, found := look(p); stop {
			return graphIf(ctx, p, found)
		}
		if len(c.Parents) == 0 {
			return nil
		}
		c, err = h.Commit(c.Parents[0])
	}
	return nil
}

// openHistory opens the history, once.
func (p *project) openHistory(ctx context.Context, r *repo.Repository) bool {
	if p.history != nil {
		return true
	}
	h, err := r.OpenHistory(ctx)
	if err != nil {
		return false
	}
	closed := p.close
	p.history, p.close = h, func() { h.Close(); closed() }
	return true
}

func graphIf(ctx context.Context, p *project, found bool) *flux.Graph {
	if !found {
		return nil
	}
	g, err := p.graph(ctx, true, nil)
	if err != nil {
		return nil
	}
	return g
}
