// Package checklist runs an ordered list of steps, tells what happens as it
// happens, keeps a journal of it, and stops cleanly when asked to.
//
// A [Step] is one unit of work that a person can follow. Steps say which
// others they need; those that need nothing of each other run side by side. A
// step that fails lets the steps under way finish and starts no more. So does
// [Run.Stop], after which the same job can be run again and goes on from what
// is there.
//
// # The journal
//
// A [Journal] is a file of JSON lines. What a step is going to change is on
// disk before it is changed, and what came of it after: see [Task.Effect].
// So whatever instant a run ends at, the journal names everything that may
// have been done, and the next run looks at those things and at nothing else.
// A run that has ended can be read back as a [Past], to go on with or to undo.
// One process at a time writes a journal.
//
// # What a job brings along
//
// This package knows nothing of accounts and files. A job says with each
// effect, as JSON of its own, what it needs to find the thing again, and
// brings the function that compares it with the world. The package holds the
// order in which things are written and done, and what may be missing when it
// is read.
package checklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// State is how far a step has come.
type State string

// The states of a step, in the order in which they follow each other.
const (
	Waiting State = "waiting"
	Running State = "running"
	// Asking is a step that waits for a person.
	Asking State = "asking"
	Done   State = "done"
	Failed State = "failed"
	// NotRun is a step that the run ended before.
	NotRun State = "not run"
)

// Event says that something about a step has changed.
type Event struct {
	Step  string
	State State
	// Detail is what the step says of itself at the moment.
	Detail string
	// Already is true for a step that was done before and is not done again.
	Already bool
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

// Options are what a run is given beside its steps.
type Options struct {
	// Observe is called with every event, by one goroutine at a time; it must
	// not block for long. Nil means that nobody watches.
	Observe func(Event)
	// Now is the clock.
	Now func() time.Time
	// Journal takes what is done; nil means that the run leaves no trace, as
	// a sandbox that ends with the process needs none.
	Journal *Journal
	// Ask puts questions to a person; nil where there is none.
	Ask Asker
	// Answers are given ahead, by the ID of the question.
	Answers map[string]string
}

// Run is one pass through a list of steps.
type Run struct {
	steps   []Step
	opts    Options
	stop    chan struct{}
	stopped chan struct{}
}

// New prepares a run. A list with a doubled ID, or with a need that is not in
// the list before the step, is a defect of the caller and is refused.
func New(steps []Step, o Options) (*Run, error) {
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
		if s.Kind == Manual && s.Check == nil && s.Verify == nil {
			return nil, fmt.Errorf("check list: step %s is done by a person, and nothing verifies it", s.ID)
		}
		if s.Kind == Decision && s.Question == nil {
			return nil, fmt.Errorf("check list: step %s is a decision and has no question", s.ID)
		}
		seen = append(seen, s.ID)
	}
	if o.Observe == nil {
		o.Observe = func(Event) {}
	}
	return &Run{
		steps: steps, opts: o,
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
	index   int
	err     error
	already bool
	took    time.Duration
}

// Do runs all steps and gives nil when all are done, which closes the run in
// the journal, [ErrStopped] when it was asked to stop, or the failures, each a
// [*StepError], in the order of the list. It is to be called once. A context that ends is passed on to the
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
			r.opts.Observe(e)
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
			r.opts.Observe(Event{Step: step.ID, State: states[end.index], Already: end.already, Err: end.err, Took: end.took})
		}
	}
	for i, s := range states {
		if s == Waiting {
			r.opts.Observe(Event{Step: r.steps[i].ID, State: NotRun})
		}
	}
	if err := verdict(states, failures, asked); err != nil {
		return err
	}
	return r.opts.Journal.End(OutcomeDone)
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
		r.opts.Observe(Event{Step: s.ID, State: Running})
		t := &Task{run: r, step: s.ID, events: events, stopped: r.stopped}
		go func() {
			begun := r.opts.Now()
			already, err := r.carryOut(ctx, s, t)
			ends <- outcome{index: i, err: err, already: already, took: r.opts.Now().Sub(begun)}
		}()
	}
	return started
}
