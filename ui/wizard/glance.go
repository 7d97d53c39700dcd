package wizard

import (
	"context"
	"reflect"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/ui/ask"
)

// glance is a look at what would be done, which the screens share that show
// it. What is still of what is asked for is not read again.
type glance struct {
	ask   errand[ask.Look]
	watch stopwatch
	// of is the task that the session's look is of.
	of  ask.Task
	err error
	// newPlan makes the next look plan anew for an open run.
	newPlan bool
}

// look reads the account, unless that has been done for the same answers.
func (g *glance) look(s *session) tea.Cmd {
	if s.look.Preview != nil && s.look.Refusal == nil && reflect.DeepEqual(g.of, s.asked()) {
		return nil
	}
	return g.again(s)
}

// again reads the account anew.
func (g *glance) again(s *session) tea.Cmd {
	task, sight := s.asked(), s.sight()
	sight.NewPlan = g.newPlan
	if ask.Expired(g.err) || s.job != nil && ask.Expired(s.job.err) {
		open, options := s.opts.Open, s.opts.Account
		sight.Reopen = func(ctx context.Context) (migrate.Account, error) { return open(ctx, options) }
	}
	s.look, g.err, g.of, g.newPlan = ask.Look{}, nil, task, false
	return tea.Batch(g.watch.start(s), g.ask.start(s, func(ctx context.Context) (ask.Look, error) {
		return task.Look(ctx, sight)
	}))
}

// update takes what comes of looking.
func (g *glance) update(s *session, msg tea.Msg) tea.Cmd {
	if got, ok := g.ask.take(msg); ok {
		s.look, g.err = got.value, got.err
		if got.value.Account != nil {
			s.acct = got.value.Account
		}
		return nil
	}
	return g.watch.take(s, msg, g.ask.underWay())
}

func (g *glance) underWay() bool { return g.ask.underWay() }

func (g *glance) cancel() { g.ask.cancel() }
