package rollout

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"sort"

	"github.com/fluxsum/fluxsum/pkg/flux"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
)

// Again reads once more what Flux makes of the tree, with some edits to it.
type Again func(ctx context.Context, edited fs.FS) (*flux.Graph, error)

// failure is why a rule could not do its work.
type failure struct {
	why     string
	details []string
}

func failureOf(p *fluxsum.Problem) *failure {
	bare := *p
	bare.Details = nil
	return &failure{bare.Error(), p.Details}
}

// Settle tries the proposed rules on a tree. What could not do its work gives way to
// the next best rule for the same, or becomes a note. What is left passes the check
// of a config, an update can write every checksum of it, and each ends up in a
// release. The error is that of ctx.
func (p *Proposal) Settle(ctx context.Context, tree fs.FS, again Again) error {
	for len(p.Rules) > 0 {
		bad, err := p.bad(ctx, tree, again)
		if err != nil || len(bad) == 0 {
			return err
		}
		p.drop(bad)
	}
	return nil
}

// bad are the rules that could not do their work, by their names, and why.
func (p *Proposal) bad(ctx context.Context, tree fs.FS, again Again) (map[string]*failure, error) {
	plan, err := try(ctx, p, tree)
	if err != nil {
		return p.badAlone(ctx, tree, err)
	}
	if bad := failing(plan); len(bad) > 0 {
		return bad, nil
	}
	if !slices.ContainsFunc(p.Rules, mayBeLost) {
		return nil, nil
	}
	after, err := again(ctx, newEdited(tree, plan.Changes))
	return p.lost(plan, after), err
}

// badAlone are the rules that make no plan, when all together make none.
func (p *Proposal) badAlone(ctx context.Context, tree fs.FS, err error) (map[string]*failure, error) {
	var problems fluxsum.Problems
	if !errors.As(err, &problems) {
		return nil, err
	}
	bad := map[string]*failure{}
	for i := range p.Rules {
		if p.Rules[i].alone {
			continue
		}
		if f := refused(ctx, p.Rules[i:i+1], tree); f != nil {
			bad[p.Rules[i].Name] = f
		}
		p.Rules[i].alone = true
	}
	if len(bad) == 0 {
		bad = p.contradicting(ctx, tree)
	}
	if len(bad) == 0 {
		i := p.firstContradicting(ctx, tree)
		bad[p.Rules[i].Name] = &failure{problems[0].Message, problems[0].Details}
	}
	return bad, ctx.Err()
}

// contradicting are the rules that cannot stand beside those before them which write
// into the same file.
func (p *Proposal) contradicting(ctx context.Context, tree fs.FS) map[string]*failure {
	bad := map[string]*failure{}
	for _, group := range byTarget(p.Rules) {
		if refused(ctx, group, tree) == nil {
			continue
		}
		var kept []Proposed
		for _, r := range group {
			if f := refused(ctx, append(kept, r), tree); f != nil {
				bad[r.Name] = f
			} else {
				kept = append(kept, r)
			}
		}
	}
	return bad
}

// byTarget are the rules that write into one file, for each file in which two do.
func byTarget(rules []Proposed) [][]Proposed {
	at, all := map[string]int{}, [][]Proposed{}
	for _, r := range rules {
		i, ok := at[r.Targets[0].File]
		if !ok {
			i = len(all)
			at[r.Targets[0].File], all = i, append(all, nil)
		}
		all[i] = append(all[i], r)
	}
	return slices.DeleteFunc(all, func(group []Proposed) bool { return len(group) < 2 })
}

// firstContradicting is the first rule that cannot stand beside those before it.
func (p *Proposal) firstContradicting(ctx context.Context, tree fs.FS) int {
	return sort.Search(len(p.Rules)-1, func(i int) bool { return refused(ctx, p.Rules[:i+1], tree) != nil })
}

// refused is why some rules make no plan; nil when they do.
func refused(ctx context.Context, rules []Proposed, tree fs.FS) *failure {
	var problems fluxsum.Problems
	if _, err := try(ctx, &Proposal{Rules: rules}, tree); errors.As(err, &problems) {
		return &failure{problems[0].Message, problems[0].Details}
	}
	return nil
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

func failing(plan *fluxsum.Plan) map[string]*failure {
	bad := map[string]*failure{}
	for i := range plan.Results {
		if r := &plan.Results[i]; len(r.Problems) > 0 && bad[r.Rule] == nil {
			bad[r.Rule] = failureOf(r.Problems[0])
		}
	}
	return bad
}

// drop takes rules out, or puts the next ones for the same in their places.
func (p *Proposal) drop(bad map[string]*failure) {
	var left []Proposed
	for _, r := range p.Rules {
		switch f := bad[r.Name]; {
		case f == nil:
			left = append(left, r)
		case len(r.others) > 0:
			left = append(left, r.next(f))
		default:
			f = cmp.Or(r.failed, f)
			p.Notes = append(p.Notes, ProposalNote{r.Name + ": a rule for it could not do its work: " + f.why, f.details, true})
		}
	}
	p.Rules = left
}

// next is the rule to try after one that has failed; should it fail as well, the
// failure at the better place is told.
func (r *Proposed) next(f *failure) Proposed {
	n := r.others[0]
	n.Name, n.others, n.failed = r.Name, r.others[1:], cmp.Or(r.failed, f)
	return n
}
