package plain

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/ui/ask"
)

// apply carries the plan out and tells each step's end. When it ends early one
// can go on: a new preview shows what is left.
func (t *talk) apply(ctx context.Context) (turn, error) {
	t.heading("carrying it out")
	t.say("Interrupt with ctrl+c: the call in flight is finished, and %s goes on from there.", t.later())
	steps := t.work.Steps()
	p := &progress{t: t, steps: steps}
	run, err := t.work.Start(checklist.Options{Observe: p.note, Now: t.o.Now, Ask: t.asker(steps)})
	if err != nil {
		return finish, err
	}
	t.o.Stoppable(run.Stop)
	t.err = run.Do(ctx)
	t.o.Stoppable(nil)
	_ = t.work.Close() // What is left is a temporary file.
	if t.err != nil && ctx.Err() != nil && !errors.Is(t.err, checklist.ErrStopped) {
		t.err = errors.Join(checklist.ErrStopped, t.err) // The call in flight was given up.
	}
	if t.err == nil {
		t.finished = true
		return finish, nil
	}
	return t.afterFailure(ctx)
}

// afterFailure says what failed, why, what is safe and what to do.
func (t *talk) afterFailure(ctx context.Context) (turn, error) {
	if errors.Is(t.err, checklist.ErrStopped) {
		t.title("Stopped. What is done stays done.")
	} else {
		t.title("Something went wrong. What is done stays done.")
		t.faults(t.err)
	}
	t.say("%s", t.last.Safe(t.before.Then(t.work.Result()), t.err))
	texts := []string{
		"go on: read the account anew and show what is left",
		"leave; " + t.later() + " goes on later",
	}
	unrelated := ask.Unrelated(t.err)
	if len(unrelated) > 0 {
		texts = append(texts, "say that these may be applied along with the upgrade, and go on")
	}
	for _, f := range unrelated {
		t.say("Not about the upgrade: %s, %s.", f.Address, f.Why)
	}
	i, err := t.choose(ctx, texts, -1, "")
	if errors.Is(err, errBack) {
		i, err = 0, nil
	}
	if err != nil || i == 1 {
		return leaving(err)
	}
	if i == len(texts)-1 && len(unrelated) > 0 {
		t.project.Consent(unrelated)
	}
	return anew, nil
}

// later is the command that goes on when this conversation is over.
func (t *talk) later() string {
	if t.name == ask.UpgradeTask && t.o.Keep != nil && t.o.Sandbox == "" {
		return "slipway resume --cluster " + t.last.Cluster()
	}
	return "slipway " + t.name
}

// lastTold is what the step under way said last.
func (t *talk) lastTold() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.step
}

// progress tells how the steps go: each end, and what is waited for when
// nothing else is under way.
type progress struct {
	t             *talk
	steps         []checklist.Step
	running, done int
	asked         bool
}

func (p *progress) note(e checklist.Event) {
	switch e.State {
	case checklist.Running:
		p.t.mu.Lock()
		p.t.step = e.Detail
		p.t.mu.Unlock()
		if e.Detail != "" || p.asked {
			p.asked = false
			return
		}
		if p.running++; p.running == 1 {
			p.t.say("Now: %s.", p.title(e.Step))
		}
	case checklist.Done:
		p.running--
		p.done++
		p.t.say("Done, %d of %d: %s%s.", p.done, len(p.steps), p.title(e.Step), after(e.Took))
	case checklist.Failed:
		p.running--
		word := "Failed"
		if errors.Is(e.Err, checklist.ErrStopped) {
			word = "Stopped"
		}
		p.t.say("%s: %s.", word, p.title(e.Step))
	case checklist.NotRun:
		p.t.say("Not done: %s.", p.title(e.Step))
	case checklist.Asking:
		p.asked = true // After the answer the step runs on, and is no new one.
	case checklist.Waiting:
	}
}

func (p *progress) title(id string) string {
	for _, s := range p.steps {
		if s.ID == id {
			return strings.TrimSuffix(s.Title, ".")
		}
	}
	return id
}

// after is how long something took, where that is worth a word.
func after(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return ", after " + d.Round(time.Second).String()
}
