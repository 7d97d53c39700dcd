package wizard

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// errand is one question whose answer takes time. It is asked again by start,
// which gives up the question before; an answer that nobody waits for any more
// is not taken.
type errand[T any] struct {
	ticket int
	stop   context.CancelFunc
}

// answerMsg brings an errand's answer home.
type answerMsg[T any] struct {
	ticket int
	value  T
	err    error
}

// start gives the command that asks.
func (e *errand[T]) start(s *session, ask func(ctx context.Context) (T, error)) tea.Cmd {
	e.cancel()
	s.tickets++
	ticket := s.tickets
	ctx, stop := context.WithCancel(s.ctx)
	e.ticket, e.stop = ticket, stop
	return func() tea.Msg {
		defer stop()
		v, err := ask(ctx)
		return answerMsg[T]{ticket: ticket, value: v, err: err}
	}
}

// take gives the answer if the message is the one that is waited for.
func (e *errand[T]) take(msg tea.Msg) (answerMsg[T], bool) {
	a, ok := msg.(answerMsg[T])
	if !ok || a.ticket != e.ticket || e.ticket == 0 {
		return answerMsg[T]{}, false
	}
	e.ticket = 0
	return a, true
}

// underWay reports whether an answer is waited for.
func (e *errand[T]) underWay() bool { return e.ticket != 0 }

// cancel gives the question up.
func (e *errand[T]) cancel() {
	if e.stop != nil {
		e.stop()
	}
	e.ticket = 0
}
