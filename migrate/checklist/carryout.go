package checklist

import "context"

// carryOut does one step:
//
//  1. look whether it is done already; ask where that cannot be told
//  2. ask what has to be decided
//  3. do it, or have the person do it
//  4. verify it
//  5. record that it is done
//
// Already is true when there was nothing to do.
func (r *Run) carryOut(ctx context.Context, s Step, t *Task) (already bool, err error) {
	if already, err = r.check(ctx, s, t); err != nil {
		return false, err
	}
	if !already {
		if err := r.work(ctx, s, t); err != nil {
			return false, err
		}
	}
	return already, r.opts.Journal.stepDone(s.ID)
}

func (r *Run) check(ctx context.Context, s Step, t *Task) (done bool, err error) {
	if s.Check == nil {
		return false, nil
	}
	f, err := s.Check(ctx, t)
	if err != nil {
		return false, err
	}
	if f.Why != "" {
		t.Tell("%s", f.Why)
	}
	if !f.Unknown {
		return f.Done, nil
	}
	answer, err := t.Ask(ctx, Question{
		ID: s.ID, Text: s.Title + ": it cannot be told whether this is done", Why: f.Why,
		Choices: []Choice{
			{AnswerDone, "it is done; go on"},
			{AnswerDo, "it is not done; do it now"},
		},
	})
	return answer == AnswerDone, err
}

func (r *Run) work(ctx context.Context, s Step, t *Task) error {
	if s.Kind == Manual {
		return r.manual(ctx, s, t)
	}
	if s.Question != nil {
		if _, err := t.Ask(ctx, *s.Question); err != nil {
			return err
		}
	}
	if s.Do != nil {
		if err := s.Do(ctx, t); err != nil {
			return err
		}
	}
	if s.Verify != nil {
		return s.Verify(ctx, t)
	}
	return nil
}

// manual waits until the person has done it, which they may say more than
// once: what counts is what is seen.
func (r *Run) manual(ctx context.Context, s Step, t *Task) error {
	if s.Do != nil {
		if err := s.Do(ctx, t); err != nil {
			return err
		}
	}
	q := Question{ID: s.ID, Text: s.Title, Why: s.Why, Choices: []Choice{{AnswerDone, "it is done; look"}}}
	for {
		seen := r.seen(ctx, s, t)
		if seen == nil {
			return nil
		}
		if r.opts.Ask == nil {
			return &WaitingError{Question: q, Manual: true}
		}
		t.Tell("%v", seen)
		if _, err := t.askPerson(ctx, q); err != nil {
			return err
		}
	}
}

// notYet is a manual step that nothing is to be seen of.
type notYet struct{ why string }

func (e *notYet) Error() string {
	if e.why == "" {
		return "nothing is to be seen of it yet"
	}
	return e.why
}

// seen gives nil when a manual step has been done.
func (*Run) seen(ctx context.Context, s Step, t *Task) error {
	if s.Verify != nil {
		return s.Verify(ctx, t)
	}
	f, err := s.Check(ctx, t)
	if err == nil && !f.Done {
		err = &notYet{why: f.Why}
	}
	return err
}

// answered gives the answer that the journal holds.
func (r *Run) answered(id string) (string, bool) {
	past := r.opts.Journal.Past()
	if past == nil {
		return "", false
	}
	a, ok := past.Answers[id]
	return a, ok
}

func (r *Run) keepAnswer(step, id, answer string) error {
	return r.opts.Journal.answer(step, id, answer)
}
