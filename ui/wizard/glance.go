package wizard

import (
	"context"
	"reflect"

	tea "charm.land/bubbletea/v2"

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
	task, acct, places := s.asked(), s.acct, s.places()
	s.look, g.err, g.of = ask.Look{}, nil, task
	return tea.Batch(g.watch.start(s), g.ask.start(s, func(ctx context.Context) (ask.Look, error) {
		return task.Look(ctx, acct, places)
	}))
}

// update takes what comes of looking.
func (g *glance) update(s *session, msg tea.Msg) tea.Cmd {
	if got, ok := g.ask.take(msg); ok {
		s.look, g.err = got.value, got.err
		return nil
	}
	return g.watch.take(s, msg, g.ask.underWay())
}

func (g *glance) underWay() bool { return g.ask.underWay() }

func (g *glance) cancel() { g.ask.cancel() }
