package checklist

import "context"

// Kind says who does a step.
type Kind string

// The kinds of steps.
const (
	// Automatic is done by slipway alone.
	Automatic Kind = ""
	// Decision asks, and goes on with the answer.
	Decision Kind = "decision"
	// Manual is done by the person elsewhere; the step tells what, and
	// verifies it.
	Manual Kind = "manual"
)

// Step is one unit of work that a person can follow.
//
// A step is safe to repeat: Check tells whether it is done already, and what
// Do changes goes through [Task.Effect], so that a later run knows of it.
type Step struct {
	// ID is unique within a list and the same from run to run.
	ID string
	// Title says what is done, in the imperative.
	Title string
	// Why says what it is good for.
	Why string
	// Will says what will happen, one call or deed a line; for a manual step,
	// what the person has to do.
	Will []string
	// Kind says who does it.
	Kind Kind
	// Needs are the IDs of the steps that must be done before.
	Needs []string
	// Question is what a decision asks; nil for other kinds. The answer is
	// kept in the journal and not asked for again.
	Question *Question
	// Check looks whether the step is done already; nil where nothing can be
	// known beforehand. What is done is not done again. What cannot be told
	// is asked, and never guessed.
	Check func(ctx context.Context, t *Task) (Finding, error)
	// Do does the work; nil for what only asks or verifies. Its context ends
	// only when the person no longer wants to wait; between calls a long step
	// looks at [Task.Stopping].
	Do func(ctx context.Context, t *Task) error
	// Verify fails unless the step has come to what it is for; nil where Do
	// itself shows that. A manual step has one or a Check.
	Verify func(ctx context.Context, t *Task) error
	// Undo takes back what Do did; nil where nothing is left of it.
	Undo *Undo
}

// Undo takes a step back. Twice is safe.
type Undo struct {
	// Title says what is done, in the imperative, and Why what has to be
	// known of it.
	Title, Why string
	// Will says what will happen, one call or deed a line.
	Will []string
	// Check looks whether there is anything left to take back; nil where that
	// cannot be known.
	Check func(ctx context.Context, t *Task) (Finding, error)
	Do    func(ctx context.Context, t *Task) error
}

// Finding is what a check came to. The zero value is "not done".
type Finding struct {
	// Done says that there is nothing to do.
	Done bool
	// Unknown says that it cannot be told.
	Unknown bool
	// Why says it in words, for a person.
	Why string
}

// undoPrefix begins the ID of a step that takes another back.
const undoPrefix = "undo-"

// Reverse gives the steps that take back the given ones, in reverse order:
// each waits for those that needed what it takes away. Steps without an undo
// are passed over.
func Reverse(steps []Step) []Step {
	// dependents are the undoable steps that need a step, straight or by way
	// of steps that leave nothing.
	dependents := map[string][]string{}
	var out []Step
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		wait := dependents[s.ID]
		if s.Undo != nil {
			var needs []string
			for _, id := range wait {
				needs = append(needs, undoPrefix+id)
			}
			out = append(out, Step{
				ID: undoPrefix + s.ID, Title: s.Undo.Title, Why: s.Undo.Why, Will: s.Undo.Will,
				Needs: needs, Check: s.Undo.Check, Do: s.Undo.Do,
			})
			wait = []string{s.ID}
		}
		for _, need := range s.Needs {
			dependents[need] = union(dependents[need], wait)
		}
	}
	return out
}

func union(list, more []string) []string {
	have := map[string]bool{}
	for _, id := range list {
		have[id] = true
	}
	for _, id := range more {
		if !have[id] {
			have[id] = true
			list = append(list, id)
		}
	}
	return list
}
