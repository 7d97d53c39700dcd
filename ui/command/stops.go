package command

import (
	"context"
	"fmt"
	"sync"
)

// stops turns signals into a stop. While nothing is being written, the first
// one ends the work. Once a checklist runs, the first lets the call under way
// finish and the second no longer waits for it.
type stops struct {
	mu   sync.Mutex
	soft func()
	quit chan struct{}
	done chan struct{}
}

func (j *installJobRun) watch(cancel context.CancelFunc) *stops { return watchStops(j.edge, cancel) }

func watchStops(e Edge, cancel context.CancelFunc) *stops {
	s := &stops{quit: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for {
			select {
			case <-s.quit:
				return
			case <-e.Interrupts:
				soft := s.take()
				if soft == nil {
					cancel()
					continue
				}
				fmt.Fprintln(e.Stderr, "stopping after the call that is under way; the same command goes on later (again: stop waiting)")
				soft()
			}
		}
	}()
	return s
}

// graceful sets what the next signal does instead of ending the work.
func (s *stops) graceful(soft func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.soft = soft
}

// take gives the soft stop once.
func (s *stops) take() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	soft := s.soft
	s.soft = nil
	return soft
}

// end stops watching.
func (s *stops) end() {
	close(s.quit)
	<-s.done
}
