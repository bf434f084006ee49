package rollout

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Settle tries the proposed rules on a tree, and turns those that could not do
// their work into notes. What is left passes the check of a config, and
// an update can write every checksum of it. The error is that of ctx.
func (p *Proposal) Settle(ctx context.Context, tree fs.FS) error {
	for len(p.Rules) > 0 {
		bad, err := p.bad(ctx, tree)
		if err != nil || len(bad) == 0 {
			return err
		}
		p.drop(bad)
	}
	return nil
}

// bad are the rules that could not do their work, by their names, and why.
func (p *Proposal) bad(ctx context.Context, tree fs.FS) (map[string]string, error) {
	plan, err := try(ctx, p, tree)
	if err == nil {
		return failing(plan), nil
	}
	var problems fluxsum.Problems
	if !errors.As(err, &problems) {
		return nil, err
	}
	bad := map[string]string{}
	for i := range p.Rules {
		if _, err := try(ctx, &Proposal{Rules: p.Rules[i : i+1]}, tree); errors.As(err, &problems) {
			bad[p.Rules[i].Name] = problems[0].Message
		} else if err != nil {
			return nil, err
		}
	}
	if len(bad) == 0 { // they contradict each other: the last one goes
		last := p.Rules[len(p.Rules)-1]
		bad[last.Name] = problems[0].Message
	}
	return bad, nil
}

// try builds the plan of a proposal.
func try(ctx context.Context, p *Proposal, tree fs.FS) (*fluxsum.Plan, error) {
	bare := Proposal{Rules: p.Rules}
	config, err := fluxsum.ReadConfig(fluxsum.ConfigName, []byte(bare.Config()))
	if err != nil {
		return nil, err
	}
	return fluxsum.Build(ctx, config, tree)
}

func failing(plan *fluxsum.Plan) map[string]string {
	bad := map[string]string{}
	for i := range plan.Results {
		if r := &plan.Results[i]; len(r.Problems) > 0 && bad[r.Rule] == "" {
			bad[r.Rule] = r.Problems[0].Error()
		}
	}
	return bad
}

func (p *Proposal) drop(bad map[string]string) {
	p.Rules = slices.DeleteFunc(p.Rules, func(r Proposed) bool {
		why, isBad := bad[r.Name]
		if isBad {
			p.Notes = append(p.Notes, ProposalNote{r.Name + ": a rule for it could not do its work: " + why, true})
		}
		return isBad
	})
}
