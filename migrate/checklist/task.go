package checklist

import (
	"context"
	"errors"
	"fmt"
)

// Task is a step's view of its run.
type Task struct {
	run     *Run
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

// Effect changes something in the world. What is going to be done is in the
// journal, on disk, before do is called, and what came of it after. The intent
// is whatever the job needs to find out later whether it was done; the result
// is what only the doing brings to light. Both are written as JSON; neither
// may hold a secret, and one of the type provision.Secret makes it fail before
// anything is done.
//
// If do fails, the error is recorded as "not done" when it says so itself, see
// [Refused], and otherwise stays open: only a look at the world can tell.
// If the result cannot be recorded, Effect fails with a [*JournalError] though
// the thing is done; the intent is then open in the journal, and a later run
// reconciles it.
//
// Once the run has been asked to stop nothing is begun, and Effect gives
// [ErrStopped].
func (t *Task) Effect(ctx context.Context, intent any, do func(ctx context.Context) (result any, err error)) error {
	if t.Stopping() {
		return ErrStopped
	}
	return t.Finish(ctx, intent, do)
}

// Finish is an [Task.Effect] that is carried out even if the run has been
// asked to stop: it ends what must not be left half done.
func (t *Task) Finish(ctx context.Context, intent any, do func(ctx context.Context) (result any, err error)) error {
	seq, err := t.run.opts.Journal.intend(t.step, intent)
	if err != nil {
		return err
	}
	result, err := do(ctx)
	if err != nil {
		return errors.Join(err, t.run.opts.Journal.failed(t.step, seq, err))
	}
	return t.run.opts.Journal.effected(t.step, seq, result)
}

// Refused is implemented by errors that know that nothing was done.
type Refused interface{ Refused() bool }

// refused reports whether an error says of itself that nothing was done.
func refused(err error) bool {
	var r Refused
	return errors.As(err, &r) && r.Refused()
}
