package directory

import (
	"math/rand/v2"
	"sync"
	"time"
)

// replicas is how many copies answer reads.
const replicas = 3

// Store keeps the latest state of an account and replicas that follow it.
//
// A change becomes visible on every replica within the lag, on each at its own
// time, and in order: a replica that shows a change shows all earlier ones.
// Reads go to any replica, so that they may flap between old and new until the
// lag has passed. Without a lag every read sees the latest change.
//
// A Store is safe for use by several goroutines.
type Store struct {
	now  func() time.Time
	lag  time.Duration
	seed uint64

	mu      sync.Mutex
	truth   State
	history []moment // oldest first; the first is visible everywhere
	changes uint64
	reads   uint64
	frozen  time.Time // reads show the frozen state until then
	ice     State
}

// moment is a state and when it becomes visible on each replica.
type moment struct {
	state   State
	visible [replicas]time.Time
}

// NewStore returns a store whose replicas all show the initial state. The seed
// decides how long each change takes to reach each replica, and which replica
// answers which read.
func NewStore(initial State, lag time.Duration, seed uint64, now func() time.Time) *Store {
	return &Store{now: now, lag: lag, seed: seed, truth: initial, history: []moment{{state: initial}}}
}

// Truth returns the latest state.
func (s *Store) Truth() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.truth
}

// View returns the state that one of the replicas shows.
func (s *Store) View() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if now.Before(s.frozen) {
		return s.ice
	}
	if s.lag == 0 {
		return s.truth
	}
	s.forget(now)
	s.reads++
	replica := int(s.draw(s.reads, 0) % replicas)
	for i := len(s.history) - 1; i > 0; i-- {
		if !s.history[i].visible[replica].After(now) {
			return s.history[i].state
		}
	}
	return s.history[0].state
}

// Change replaces the latest state by what the function makes of it, or leaves
// it when the function fails. Changes happen one after the other.
func (s *Store) Change(f func(State) (State, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := f(s.truth)
	if err != nil {
		return err
	}
	s.truth = next
	if s.lag == 0 {
		return nil
	}
	now := s.now()
	s.forget(now)
	s.changes++
	m := moment{state: next}
	last := s.history[len(s.history)-1]
	for r := range m.visible {
		wait := time.Duration(s.draw(s.changes, uint64(r)+1)%uint64(s.lag)) + 1
		m.visible[r] = now.Add(wait)
		if m.visible[r].Before(last.visible[r]) {
			m.visible[r] = last.visible[r]
		}
	}
	s.history = append(s.history, m)
	return nil
}

// Freeze makes all reads show what the store holds now, for the duration.
func (s *Store) Freeze(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ice, s.frozen = s.truth, s.now().Add(d)
}

// forget drops the moments that every replica has passed.
func (s *Store) forget(now time.Time) {
	passed := 0
	for i := 1; i < len(s.history); i++ {
		for _, at := range s.history[i].visible {
			if at.After(now) {
				s.history = s.history[passed:]
				return
			}
		}
		passed = i
	}
	s.history = s.history[passed:]
}

// draw returns a number that depends on the seed and the arguments alone.
func (s *Store) draw(a, b uint64) uint64 {
	return rand.NewPCG(s.seed^a*0x9e3779b97f4a7c15, b).Uint64()
}
