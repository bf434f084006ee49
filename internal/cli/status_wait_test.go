package cli

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fluxsum/fluxsum/internal/report"
	"github.com/fluxsum/fluxsum/pkg/rollout"
)

// What a cluster says, one answer after the other; the last one stays.
type answers []question

func (a *answers) next(ctx context.Context) (*report.Arrived, error) {
	now := (*a)[0]
	if len(*a) > 1 {
		*a = (*a)[1:]
	}
	return now(ctx)
}

func saying(state rollout.Arrival) question {
	return func(context.Context) (*report.Arrived, error) {
		return &report.Arrived{All: []rollout.Status{{State: state}}}, nil
	}
}

var errGarbage = errors.New("garbage")

func garbage(context.Context) (*report.Arrived, error) { return nil, errGarbage }

func silence(ctx context.Context) (*report.Arrived, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// slow has its answer after a time, in which the waiting may end.
func slow(d time.Duration, answer question) question {
	return func(ctx context.Context) (*report.Arrived, error) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(d):
			return answer(ctx)
		}
	}
}

func waitingFor(timeout time.Duration) *arrivals {
	return &arrivals{app: &app{stderr: io.Discard, settings: settings{quiet: true}}, flags: &statusFlags{wait: true, timeout: timeout}}
}

// The clock is that of testing/synctest: what is waited for is said here to the second.
func TestWait(t *testing.T) {
	notYet, done := saying(rollout.NotYet), saying(rollout.RolledOut)
	for name, c := range map[string]struct {
		answers answers
		timeout time.Duration
		state   rollout.Arrival
		err     string
		took    time.Duration
	}{
		"rolled out at once":               {answers{done}, time.Minute, rollout.RolledOut, "", 0},
		"rolled out at the third look":     {answers{notYet, notYet, done}, time.Minute, rollout.RolledOut, "", 2 * waitAgain},
		"not within the time":              {answers{notYet}, 7 * time.Second, rollout.NotYet, "", 7 * time.Second},
		"a question that fails in between": {answers{notYet, garbage, done}, time.Minute, rollout.RolledOut, "", 2 * waitAgain},
		"a question that hangs in between": {answers{notYet, silence, done}, time.Minute, rollout.RolledOut, "", 2*waitAgain + oneQuestion},
		"garbage first":                    {answers{garbage, done}, time.Minute, "", "garbage", 0},
		"garbage in the end":               {answers{notYet, garbage}, 7 * time.Second, "", "garbage", 7 * time.Second},
		"an answer after garbage":          {answers{notYet, garbage, notYet}, 7 * time.Second, rollout.NotYet, "", 7 * time.Second},
		"no answer at all":                 {answers{silence}, 7 * time.Second, "", "kubectl: no answer within 7s", 7 * time.Second},
		"no answer for long":               {answers{notYet, silence}, 9 * time.Second, "", "kubectl: has no answer any more", 9 * time.Second},
		"no answer for a moment":           {answers{notYet, silence}, 5 * time.Second, rollout.NotYet, "", 5 * time.Second},
		"slow answers":                     {answers{notYet, slow(10*time.Second, done)}, time.Minute, rollout.RolledOut, "", waitAgain + 10*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := waitingFor(c.timeout)
				began := time.Now()
				got, err := s.look(t.Context(), c.answers.next)
				if took := time.Since(began); took != c.took {
					t.Errorf("took %s, expected %s", took, c.took)
				}
				if said := saidBy(err); said != c.err {
					t.Fatalf("error %q, expected %q", said, c.err)
				}
				if err == nil && got.All[0].State != c.state {
					t.Errorf("%v, expected %v", got.All[0].State, c.state)
				}
			})
		})
	}
}

func saidBy(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestWaitIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := waitingFor(time.Hour)
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, stop)
		all := answers{saying(rollout.NotYet)}
		if got, err := s.look(ctx, all.next); got != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v, expected to be told that it was interrupted", got, err)
		}
	})
}
