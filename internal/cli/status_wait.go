package cli

import (
	"context"
	"errors"
	"time"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/fluxsum"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// waitAgain is the time between two looks at a cluster.
const waitAgain = 2 * time.Second

// question asks the cluster once.
type question func(context.Context) (*report.Arrived, error)

// look looks at the cluster: once, or until there is nothing to wait for. The first
// question has to be answered.
func (s *arrivals) look(ctx context.Context, ask question) (*report.Arrived, error) {
	limited, stop := context.WithTimeout(ctx, s.flags.timeout)
	defer stop()
	first, err := ask(limited)
	if err != nil {
		return nil, s.unanswered(err)
	}
	if !s.flags.wait {
		return first, nil
	}
	return s.wait(limited, ask, first)
}

// asks is the question to a kubectl.
func (s *arrivals) asks(k *kubectl) question {
	return func(ctx context.Context) (*report.Arrived, error) {
		cluster, err := k.get(ctx, s.awaited.Kinds())
		if err != nil {
			return nil, err
		}
		return s.against(cluster), nil
	}
}

// wait looks again until all is rolled out, what is not will never be without a hand,
// or the time is over. A question that fails is asked again; what was known before it
// is too old where it has taken long.
func (s *arrivals) wait(ctx context.Context, ask question, last *report.Arrived) (*report.Arrived, error) {
	seen := s.progress("rolled out")
	defer seen.clear()
	var err error
	for !last.OK() && !hopeless(last) && pause(ctx) {
		seen.show(last.Count(rollout.RolledOut)+last.Count(rollout.Applied), len(last.All))
		asked := time.Now()
		now, again := askAgain(ctx, ask)
		switch {
		case again == nil:
			last, err = now, nil
		case ctx.Err() == nil:
			err = again
		case time.Since(asked) > moreTime:
			err = &userError{"kubectl: has no answer any more", unansweredHint}
		}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return last, err
}

// oneQuestion is how long a question may take that is not the first: a connection that
// was lost has no answer, and the next question makes a new one.
const oneQuestion = 15 * time.Second

func askAgain(ctx context.Context, ask question) (*report.Arrived, error) {
	limited, stop := context.WithTimeout(ctx, oneQuestion)
	defer stop()
	now, err := ask(limited)
	if errors.Is(err, context.DeadlineExceeded) {
		err = &userError{"kubectl: no answer within " + oneQuestion.String(), unansweredHint}
	}
	return now, err
}

// unanswered is the error of the first question.
func (s *arrivals) unanswered(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &userError{"kubectl: no answer within " + s.flags.timeout.String(), unansweredHint}
	}
	return err
}

const unansweredHint = "is the cluster up? `kubectl config current-context` says which one it is"

// pause waits a little; it says false when the time is over.
func pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(waitAgain):
		return true
	}
}

// hopeless says whether all that is missing waits for a hand.
func hopeless(a *report.Arrived) bool {
	for i := range a.All {
		if s := &a.All[i]; !s.Done() && !s.Final {
			return false
		}
	}
	return true
}

// tellEnd says why the waiting has ended with something missing.
func (s *arrivals) tellEnd(arrived *report.Arrived) {
	switch {
	case !s.flags.wait:
	case arrived.Unknown() && hopeless(arrived):
		s.problem(&fluxsum.Problem{Message: "not all could be told, and waiting does not help"})
	case hopeless(arrived):
		s.problem(&fluxsum.Problem{Message: "not all rolled out, and waiting does not help: what is left takes a hand"})
	default:
		s.problem(&fluxsum.Problem{Message: "not rolled out within " + s.flags.timeout.String()})
	}
}
