package wizard

import (
	"context"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/view"
)

// What a checklist asks in its middle: something that only a person can decide,
// or something that they do elsewhere. The step waits, and the list stays in
// sight.

// questionMsg is a question of a job, and where its answer goes.
type questionMsg struct {
	job    *job
	of     checklist.Question
	answer chan<- string
}

// asker puts the questions of a job to the person. It runs on the checklist's
// side, and gives up when the run is asked to stop.
func (s *session) asker(j *job) checklist.Asker {
	return func(ctx context.Context, q checklist.Question) (string, error) {
		answer := make(chan string, 1)
		select {
		case j.news <- questionMsg{job: j, of: q, answer: answer}:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-s.gone:
			return "", checklist.ErrStopped
		}
		select {
		case value := <-answer:
			return value, nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-s.gone:
			return "", checklist.ErrStopped
		}
	}
}

// question is one that is in sight.
type question struct {
	msg   questionMsg
	since time.Time
	at    int
	// seen is what the step saw last, such as why it does not go on by itself.
	seen string
}

func newQuestion(msg questionMsg, now time.Time, seen string) *question {
	return &question{msg: msg, since: now, seen: seen}
}

// press takes a key and reports whether the question is answered. A key that
// was pressed ahead answers nothing.
func (q *question) press(k tea.KeyPressMsg, now time.Time) bool {
	last := len(q.msg.of.Choices) - 1
	switch {
	case now.Sub(q.since) < grace:
	case key.Matches(k, bind("", "", "up", "k")):
		q.at = max(0, q.at-1)
	case key.Matches(k, bind("", "", "down", "j")):
		q.at = min(last, q.at+1)
	case key.Matches(k, nextKey("")) && last >= 0:
		q.msg.answer <- q.msg.of.Choices[q.at].Value
		return true
	}
	return false
}

func (q *question) heading() (title, why string) {
	return "It is your turn", q.msg.of.Why
}

func (q *question) keys(arrows string) []key.Binding {
	word := "answer"
	if len(q.msg.of.Choices) == 1 {
		word = "look"
	}
	return []key.Binding{
		nextKey(word),
		onlyIf(len(q.msg.of.Choices) > 1, bind(arrows, "choose", "up", "down", "k", "j")),
	}
}

// lines draw what is asked: the deed or the question, what it takes, what was
// seen so far, and the answers where there is a choice.
func (q *question) lines(c view.Canvas, list view.ChecklistState) []string {
	out := styled(c.Theme.Title.Render, wrap(q.msg.of.Text, c.Width))
	if step, ok := list.Current(); ok {
		for _, will := range step.Will {
			out = append(out, indented("  "+c.Glyphs.Bullet+" ", "    ", wrap(will, c.Width-4))...)
		}
	}
	if q.seen != "" && q.seen != q.msg.of.Text {
		out = append(out, muted(c, indented("  ", "  ", wrap("Seen so far: "+q.seen+".", c.Width-2)))...)
	}
	if len(q.msg.of.Choices) == 1 {
		return append(append(out, ""), labelled(c, "Next", "When that is done, press enter: slipway looks, and goes on by itself.")...)
	}
	out = append(out, "")
	for i, choice := range q.msg.of.Choices {
		line := cut(c, "  "+view.Inert(choice.Text), c.Width)
		if i == q.at {
			line = c.Theme.Selected.Render(c.Glyphs.Cursor + " " + cut(c, view.Inert(choice.Text), c.Width-2))
		}
		out = append(out, line)
	}
	return out
}
