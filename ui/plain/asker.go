package plain

import (
	"context"
	"errors"
	"strings"

	"github.com/nullplatform/slipway/migrate/checklist"
)

// asker puts what a checklist asks in its middle. Whoever leaves there stops
// the run, which goes on later from there.
func (t *talk) asker(steps []checklist.Step) checklist.Asker {
	return func(ctx context.Context, q checklist.Question) (string, error) {
		t.title("It is your turn: %s.", q.Text)
		for _, s := range steps {
			if s.ID != q.ID {
				continue
			}
			for _, will := range s.Will {
				t.say("File: %s.", will)
			}
		}
		if q.Why != "" {
			t.say("%s", q.Why)
		}
		if seen := t.lastTold(); seen != "" {
			t.say("Seen so far: %s.", strings.TrimSuffix(seen, "."))
		}
		var texts []string
		for _, c := range q.Choices {
			texts = append(texts, c.Text)
		}
		texts = append(texts, "stop here; it goes on later")
		for {
			i, err := t.choose(ctx, texts, -1, "What is done stays done. To stop here loses nothing.")
			switch {
			case errors.Is(err, errBack):
				t.say("There is nothing to go back to: it is being carried out.")
				continue
			case err != nil || i == len(q.Choices):
				return "", checklist.ErrStopped
			}
			return q.Choices[i].Value, nil
		}
	}
}
