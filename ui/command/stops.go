package command

import (
	"context"
	"fmt"
	"sync"
)

// stops turns signals into a stop. While nothing is being written, the first
// one ends the work. Once a checklist runs, the first lets the call under way
// finish and the second no longer waits for it; both say how to go on.
type stops struct {
	mu   sync.Mutex
	soft func()
	hint string
	// running is set once a checklist runs.
	running bool
	quit    chan struct{}
	done    chan struct{}
}

func watchStops(e Edge, cancel context.CancelFunc) *stops {
	s := &stops{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for {
			select {
			case <-s.quit:
				return
			case <-e.Interrupts:
				s.signal(e, cancel)
			}
		}
	}()
	return s
}

// signal does what one signal asks for.
func (s *stops) signal(e Edge, cancel context.CancelFunc) {
	soft, hint, running := s.take()
	switch {
	case soft != nil:
		fmt.Fprintf(e.Stderr, "stopping after the call that is under way; %s (again: stop waiting)\n", hint)
		soft()
	case running:
		fmt.Fprintf(e.Stderr, "no longer waiting; what came of the call is looked at then: %s\n", hint)
		cancel()
	default:
		cancel()
	}
}

// graceful sets what the next signal does instead of ending the work, and how
// to go on after it.
func (s *stops) graceful(soft func(), hint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.soft, s.hint, s.running = soft, hint, true
}

// idle takes what graceful set back: nothing is being written any more.
func (s *stops) idle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.soft, s.hint, s.running = nil, "", false
}

// take gives the soft stop once.
func (s *stops) take() (soft func(), hint string, running bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	soft = s.soft
	s.soft = nil
	return soft, s.hint, s.running
}

// end stops watching.
func (s *stops) end() {
	close(s.quit)
	<-s.done
}
