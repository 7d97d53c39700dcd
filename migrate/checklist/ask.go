package checklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Question is something that only a person can say.
type Question struct {
	// ID names the question, the same from run to run: the step's ID, unless
	// a step has more than one.
	ID string
	// Text is the question, and Why what hangs on it.
	Text, Why string
	// Choices are the possible answers.
	Choices []Choice
}

// Choice is one possible answer.
type Choice struct {
	// Value is what is kept and compared, and Text says what it means.
	Value, Text string
}

func (q Question) allows(answer string) bool {
	return slices.ContainsFunc(q.Choices, func(c Choice) bool { return c.Value == answer })
}

func (q Question) values() string {
	var out []string
	for _, c := range q.Choices {
		out = append(out, c.Value)
	}
	return strings.Join(out, " or ")
}

// Asker puts a question to a person and gives one of its values. It returns
// [ErrStopped] when they would rather stop.
type Asker func(ctx context.Context, q Question) (string, error)

// WaitingError is a stop because only a person can go on: a question that
// nobody is there to answer, or a manual step that is not done yet. It counts
// as [ErrStopped], for nothing is broken and the run goes on later.
type WaitingError struct {
	Question Question
	// Manual is true when something has to be done elsewhere first.
	Manual bool
}

// Error says what is waited for and how to go on.
func (e *WaitingError) Error() string {
	if e.Manual {
		return fmt.Sprintf("waits for you: %s; do it and resume", e.Question.Text)
	}
	return fmt.Sprintf("needs an answer that nobody is there to give: %s; answer it with --answer %s=%s and resume",
		e.Question.Text, e.Question.ID, e.Question.values())
}

// Unwrap gives [ErrStopped].
func (e *WaitingError) Unwrap() error { return ErrStopped }

// The answers to what a check could not tell, and to a manual step.
const (
	AnswerDone = "done"
	AnswerDo   = "do"
)

// Ask gives the answer to a question: the one in the journal, or given ahead
// for this run, or the person's. Without any it fails with a [*WaitingError];
// it never guesses. An answer is in the journal before it is acted upon.
func (t *Task) Ask(ctx context.Context, q Question) (string, error) {
	if a, ok := t.run.answered(q.ID); ok && q.allows(a) {
		return a, nil
	}
	answer, given := t.run.opts.Answers[q.ID]
	if given && !q.allows(answer) {
		return "", fmt.Errorf("answer %s: %q is not one of %s", q.ID, answer, q.values())
	}
	if !given {
		var err error
		if answer, err = t.askPerson(ctx, q); err != nil {
			return "", err
		}
	}
	return answer, t.run.keepAnswer(t.step, q.ID, answer)
}

// askPerson asks and keeps nothing.
func (t *Task) askPerson(ctx context.Context, q Question) (string, error) {
	if t.run.opts.Ask == nil {
		return "", &WaitingError{Question: q}
	}
	t.events <- Event{Step: t.step, State: Asking, Detail: q.Text}
	waiting, cancel := t.Interruptible(ctx)
	defer cancel()
	answer, err := t.run.opts.Ask(waiting, q)
	switch {
	case errors.Is(context.Cause(waiting), ErrStopped):
		return "", ErrStopped
	case err != nil:
		return "", err
	case !q.allows(answer):
		return "", fmt.Errorf("answer %s: %q is not one of %s", q.ID, answer, q.values())
	}
	t.events <- Event{Step: t.step, State: Running}
	return answer, nil
}
