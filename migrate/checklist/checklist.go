// Package checklist runs an ordered list of steps, tells what happens as it
// happens, and stops cleanly when asked to.
//
// A [Step] is one unit of work that a person can follow. Steps say which
// others they need; those that need nothing of each other run side by side. A
// step that fails lets the steps under way finish and starts no more. So does
// [Run.Stop], after which the same job can be run again and goes on from what
// is there.
package checklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Step is one unit of work.
type Step struct {
	// ID is unique within a list and the same from run to run.
	ID string
	// Title says what is done, in the imperative.
	Title string
	// Why says what it is good for.
	Why string
	// Needs are the IDs of the steps that must be done before.
	Needs []string
	// Do does the work. It is called once. Its context ends only when the
	// person no longer wants to wait; between calls a long step looks at
	// [Task.Stopping].
	Do func(ctx context.Context, t *Task) error
}

// State is how far a step has come.
type State string

// The states of a step, in the order in which they follow each other.
const (
	Waiting State = "waiting"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
	// NotRun is a step that the run ended before.
	NotRun State = "not run"
)

// Event says that something about a step has changed.
type Event struct {
	Step  string
	State State
	// Detail is what the step says of itself at the moment.
	Detail string
	// Err is why it failed.
	Err error
	// Took is how long it ran, once it has ended.
	Took time.Duration
}

// ErrStopped is what a run gives that was asked to stop.
var ErrStopped = errors.New("stopped before all steps were done")

// StepError is a step's failure.
type StepError struct {
	Step Step
	Err  error
}

// Error is the step's title and the reason.
func (e *StepError) Error() string { return fmt.Sprintf("%s: %v", e.Step.Title, e.Err) }

// Unwrap gives the reason.
func (e *StepError) Unwrap() error { return e.Err }

// Run is one pass through a list of steps.
type Run struct {
	steps   []Step
	observe func(Event)
	now     func() time.Time
	stop    chan struct{}
	stopped chan struct{}
}

// New prepares a run. Observe is called with every event, by one goroutine at
// a time; it must not block for long. A list with a doubled ID, or with a need
// that is not in the list before the step, is a defect of the caller and is
// refused.
func New(steps []Step, observe func(Event), now func() time.Time) (*Run, error) {
	var seen []string
	for _, s := range steps {
		if slices.Contains(seen, s.ID) {
			return nil, fmt.Errorf("check list: step %s is there twice", s.ID)
		}
		for _, n := range s.Needs {
			if !slices.Contains(seen, n) {
				return nil, fmt.Errorf("check list: step %s needs %s, which does not come before it", s.ID, n)
			}
		}
		seen = append(seen, s.ID)
	}
	return &Run{
		steps: steps, observe: observe, now: now,
		stop: make(chan struct{}, 1), stopped: make(chan struct{}),
	}, nil
}

// Stop asks the run to end after the work that is under way. It may be called
// at any time, from any goroutine, more than once.
func (r *Run) Stop() {
	select {
	case r.stop <- struct{}{}:
	default:
	}
}

// outcome is how one step ended.
type outcome struct {
	index int
	err   error
	took  time.Duration
}

// Do runs all steps and gives nil when all are done, [ErrStopped] when it was
// asked to stop, or the failures, each a [*StepError], in the order of the
// list. It is to be called once. A context that ends is passed on to the
// steps; use [Run.Stop] to end between calls instead of within one.
func (r *Run) Do(ctx context.Context) error {
	events := make(chan Event)
	ends := make(chan outcome)
	states := make([]State, len(r.steps))
	for i := range states {
		states[i] = Waiting
	}
	failures := make([]error, len(r.steps))
	running, halted, asked := 0, false, false
	for {
		if !halted {
			running += r.start(ctx, states, events, ends)
		}
		if running == 0 {
			break
		}
		select {
		case e := <-events:
			r.observe(e)
		case <-r.stop:
			if !asked {
				asked, halted = true, true
				close(r.stopped)
			}
		case end := <-ends:
			running--
			step := r.steps[end.index]
			states[end.index] = Done
			if end.err != nil {
				states[end.index], halted = Failed, true
				failures[end.index] = &StepError{Step: step, Err: end.err}
			}
			r.observe(Event{Step: step.ID, State: states[end.index], Err: end.err, Took: end.took})
		}
	}
	for i, s := range states {
		if s == Waiting {
			r.observe(Event{Step: r.steps[i].ID, State: NotRun})
		}
	}
	return verdict(states, failures, asked)
}

// verdict is what a run comes to. A step that ended because it was told to
// stop has not failed on its own account.
func verdict(states []State, failures []error, asked bool) error {
	var own []error
	for _, err := range failures {
		if err != nil && (!asked || !errors.Is(err, ErrStopped)) {
			own = append(own, err)
		}
	}
	if len(own) > 0 {
		return errors.Join(own...)
	}
	if slices.ContainsFunc(states, func(s State) bool { return s != Done }) {
		return ErrStopped
	}
	return nil
}

// start begins every step whose needs are done, and tells how many.
func (r *Run) start(ctx context.Context, states []State, events chan<- Event, ends chan<- outcome) int {
	done := func(id string) bool {
		return states[slices.IndexFunc(r.steps, func(s Step) bool { return s.ID == id })] == Done
	}
	started := 0
	for i, s := range r.steps {
		if states[i] != Waiting || slices.ContainsFunc(s.Needs, func(id string) bool { return !done(id) }) {
			continue
		}
		states[i] = Running
		started++
		r.observe(Event{Step: s.ID, State: Running})
		t := &Task{step: s.ID, events: events, stopped: r.stopped}
		go func() {
			begun := r.now()
			err := s.Do(ctx, t)
			ends <- outcome{index: i, err: err, took: r.now().Sub(begun)}
		}()
	}
	return started
}

// Task is a step's view of its run.
type Task struct {
	step    string
	events  chan<- Event
	stopped <-chan struct{}
}

// Tell says what the step is at.
func (t *Task) Tell(format string, args ...any) {
	t.events <- Event{Step: t.step, State: Running, Detail: fmt.Sprintf(format, args...)}
}

// Stopping reports whether the run has been asked to stop. A step with several
// calls looks between them, and gives [ErrStopped] when it ends early.
func (t *Task) Stopping() bool {
	select {
	case <-t.stopped:
		return true
	default:
		return false
	}
}

// Interruptible gives a context for waiting and reading, which ends as soon as
// the run is asked to stop, with [ErrStopped] as its cause. Calls that change
// something do not use it.
func (t *Task) Interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	c, cancel := context.WithCancelCause(ctx)
	finished := make(chan struct{})
	go func() {
		select {
		case <-t.stopped:
			cancel(ErrStopped)
		case <-finished:
		}
	}()
	return c, func() {
		close(finished)
		cancel(nil)
	}
}
