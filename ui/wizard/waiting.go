package wizard

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/ui/view"
)

// stopwatch counts the seconds of a wait, so that the frame can tell them.
type stopwatch struct {
	ticket  int
	seconds int
}

// tickMsg is a second gone by on one stopwatch, after so many others.
type tickMsg struct{ ticket, after int }

// start counts from zero.
func (w *stopwatch) start(s *session) tea.Cmd {
	s.tickets++
	w.ticket, w.seconds = s.tickets, 0
	return s.tick(w.ticket, 0)
}

// take counts a second and waits for the next, if the message is this watch's
// and the wait goes on. Several may share a watch: a second counts once.
func (w *stopwatch) take(s *session, msg tea.Msg, going bool) tea.Cmd {
	if t, ok := msg.(tickMsg); !ok || t.ticket != w.ticket || t.after != w.seconds || !going {
		return nil
	}
	w.seconds++
	return s.tick(w.ticket, w.seconds)
}

// tick gives the command that waits for a second, or for the wizard's end.
func (s *session) tick(ticket, after int) tea.Cmd {
	if s.testOnlyStill {
		return nil
	}
	return func() tea.Msg {
		t := time.NewTimer(time.Second)
		defer t.Stop()
		select {
		case <-t.C:
			return tickMsg{ticket, after}
		case <-s.gone:
			return nil
		}
	}
}

// patience is how many seconds pass before a wait is counted aloud.
const patience = 3

// waiting tells what is waited for, and for how long once that is worth
// telling.
func (w stopwatch) waiting(c view.Canvas, what string) []string {
	text := what + c.Glyphs.Ellipsis
	if w.seconds >= patience {
		text += fmt.Sprintf(" %d s", w.seconds)
	}
	return wrap(text, c.Width)
}
