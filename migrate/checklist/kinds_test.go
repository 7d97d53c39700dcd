package checklist_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate/checklist"
)

func route() *checklist.Question {
	return &checklist.Question{ID: "route", Text: "Who applies it?", Choices: []checklist.Choice{
		{Value: "here", Text: "slipway"}, {Value: "pipeline", Text: "the pipeline"},
	}}
}

// decide is a decision; it tells what was answered.
func decide(got *string) checklist.Step {
	return checklist.Step{
		ID: "route", Title: "Choose", Kind: checklist.Decision, Question: route(),
		Do: func(ctx context.Context, t *checklist.Task) (err error) {
			*got, err = t.Ask(ctx, *route())
			return err
		},
	}
}

func TestListsThatCannotBeDone(t *testing.T) {
	for _, tt := range []struct {
		step checklist.Step
		says string
	}{
		{step: checklist.Step{ID: "m", Kind: checklist.Manual}, says: "nothing verifies it"},
		{step: checklist.Step{ID: "d", Kind: checklist.Decision}, says: "has no question"},
	} {
		if _, err := checklist.New([]checklist.Step{tt.step}, quiet()); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("err = %v, want %q", err, tt.says)
		}
	}
}

// What nobody answers is not guessed; what was answered once is not asked
// again, by no later run.
func TestADecisionIsAskedOnce(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir)
	must(t, j.Begin(checklist.Begin{Run: "r"}, nil))
	var got string
	err := journaled(j, decide(&got))
	var waiting *checklist.WaitingError
	if !errors.As(err, &waiting) || !errors.Is(err, checklist.ErrStopped) || !strings.Contains(err.Error(), "--answer route=here or pipeline") {
		t.Fatalf("without a person: %v", err)
	}
	asked := 0
	o := checklist.Options{Now: still, Journal: j, Ask: func(context.Context, checklist.Question) (string, error) {
		asked++
		return "pipeline", nil
	}}
	run, err := checklist.New([]checklist.Step{decide(&got)}, o)
	must(t, err)
	must(t, run.Do(context.Background()))
	if got != "pipeline" || asked != 1 {
		t.Errorf("got %q after %d questions", got, asked)
	}
	must(t, j.Close())
	j = openJournal(t, dir)
	got = ""
	if err := journaled(j, decide(&got)); err != nil || got != "pipeline" {
		t.Errorf("the next process: %q, %v", got, err)
	}
}

func TestAnAnswerGivenAhead(t *testing.T) {
	for _, tt := range []struct {
		answer, want, says string
	}{
		{answer: "here", want: "here"},
		{answer: "elsewhere", says: `"elsewhere" is not one of here or pipeline`},
	} {
		var got string
		run, err := checklist.New([]checklist.Step{decide(&got)}, checklist.Options{Now: still, Answers: map[string]string{"route": tt.answer}})
		must(t, err)
		err = run.Do(context.Background())
		if got != tt.want || (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %q, %v", tt.answer, got, err)
		}
	}
}

// A manual step goes on when it is seen to be done, not when it is said to be.
func TestAManualStepIsVerified(t *testing.T) {
	done := false
	step := checklist.Step{ID: "merge", Title: "Merge the patch", Kind: checklist.Manual, Verify: func(context.Context, *checklist.Task) error {
		if !done {
			return errors.New("the pipeline has not applied it")
		}
		return nil
	}}
	err := journaled(nil, step)
	var waiting *checklist.WaitingError
	if !errors.As(err, &waiting) || !waiting.Manual || !errors.Is(err, checklist.ErrStopped) {
		t.Fatalf("without a person: %v", err)
	}
	asked := 0
	var states []string
	run, err := checklist.New([]checklist.Step{step}, checklist.Options{
		Now:     still,
		Observe: func(e checklist.Event) { states = append(states, string(e.State)) },
		Ask: func(context.Context, checklist.Question) (string, error) {
			asked++
			done = asked == 2 // The first time they were too quick.
			return checklist.AnswerDone, nil
		},
	})
	must(t, err)
	must(t, run.Do(context.Background()))
	if asked != 2 || !slices.Contains(states, string(checklist.Asking)) {
		t.Errorf("asked %d times, states %v", asked, states)
	}
}

func TestAPersonMayStopInsteadOfAnswering(t *testing.T) {
	var run *checklist.Run
	var got string
	run, err := checklist.New([]checklist.Step{decide(&got)}, checklist.Options{
		Now: still,
		Ask: func(ctx context.Context, _ checklist.Question) (string, error) {
			run.Stop()
			<-ctx.Done()
			return "", ctx.Err()
		},
	})
	must(t, err)
	if err := run.Do(context.Background()); !errors.Is(err, checklist.ErrStopped) || got != "" {
		t.Errorf("err = %v, got %q", err, got)
	}
}

// What is done is not done again, and what cannot be told is asked.
func TestACheckDecides(t *testing.T) {
	for _, tt := range []struct {
		why      string
		finding  checklist.Finding
		answer   string
		wantDone bool
		wantErr  error
	}{
		{why: "done before", finding: checklist.Finding{Done: true}},
		{why: "not done", wantDone: true},
		{why: "unknown, and nobody there", finding: checklist.Finding{Unknown: true}, wantErr: checklist.ErrStopped},
		{why: "unknown, and said to be done", finding: checklist.Finding{Unknown: true}, answer: checklist.AnswerDone},
		{why: "unknown, and to be done", finding: checklist.Finding{Unknown: true}, answer: checklist.AnswerDo, wantDone: true},
	} {
		t.Run(tt.why, func(t *testing.T) {
			did, already := false, false
			o := checklist.Options{Now: still, Observe: func(e checklist.Event) { already = already || e.Already }}
			if tt.answer != "" {
				o.Answers = map[string]string{"s": tt.answer}
			}
			run, err := checklist.New([]checklist.Step{{
				ID:    "s",
				Check: func(context.Context, *checklist.Task) (checklist.Finding, error) { return tt.finding, nil },
				Do:    func(context.Context, *checklist.Task) error { did = true; return nil },
			}}, o)
			must(t, err)
			if err := run.Do(context.Background()); !errors.Is(err, tt.wantErr) {
				t.Fatalf("err = %v, want %v", err, tt.wantErr)
			}
			if did != tt.wantDone || already != (!did && tt.wantErr == nil) {
				t.Errorf("did %v, already %v", did, already)
			}
		})
	}
}

func TestVerifyDecidesOnTheEnd(t *testing.T) {
	broken := errors.New("CI cannot publish")
	step := ok("s")
	step.Verify = func(context.Context, *checklist.Task) error { return broken }
	if err := journaled(nil, step); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
}

// Once a stop was asked for, nothing more is begun.
func TestNoEffectAfterAStop(t *testing.T) {
	var run *checklist.Run
	did := false
	run, err := checklist.New([]checklist.Step{{ID: "s", Do: func(ctx context.Context, task *checklist.Task) error {
		run.Stop()
		waiting, cancel := task.Interruptible(ctx)
		defer cancel()
		<-waiting.Done()
		return task.Effect(ctx, "x", func(context.Context) (any, error) { did = true; return nil, nil })
	}}}, quiet())
	must(t, err)
	if err := run.Do(context.Background()); !errors.Is(err, checklist.ErrStopped) || did {
		t.Errorf("err = %v, did %v", err, did)
	}
}

// Walking back takes away what needs a thing before the thing, over any list,
// by way of steps that leave nothing as well.
func TestReverseKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "steps")
		var steps []checklist.Step
		needs := map[string][]string{}
		for i := range n {
			s := ok(fmt.Sprint(i))
			for j := range i {
				if rapid.IntRange(0, 2).Draw(t, "needs") == 0 {
					s.Needs = append(s.Needs, fmt.Sprint(j))
				}
			}
			needs[s.ID] = s.Needs
			if rapid.Bool().Draw(t, "leaves something") {
				s.Undo = &checklist.Undo{Title: s.ID, Do: s.Do}
			}
			steps = append(steps, s)
		}
		back := checklist.Reverse(steps)
		if _, err := checklist.New(back, quiet()); err != nil {
			t.Fatal(err)
		}
		waits := map[string][]string{}
		for _, s := range back {
			waits[strings.TrimPrefix(s.ID, "undo-")] = s.Needs
		}
		var reach func(id, target string) bool
		reach = func(id, target string) bool {
			for _, w := range waits[id] {
				w = strings.TrimPrefix(w, "undo-")
				if w == target || reach(w, target) {
					return true
				}
			}
			return false
		}
		var needed func(id, target string) bool
		needed = func(id, target string) bool {
			for _, w := range needs[id] {
				if w == target || needed(w, target) {
					return true
				}
			}
			return false
		}
		for a := range waits {
			for b := range waits {
				if needed(a, b) != reach(b, a) {
					t.Fatalf("%s needs %s: %v; taking %s back waits for %s: %v", a, b, needed(a, b), b, a, reach(b, a))
				}
			}
		}
	})
}

func TestReverseRuns(t *testing.T) {
	var order []string
	back := func(id string, needs ...string) checklist.Step {
		s := ok(id, needs...)
		s.Undo = &checklist.Undo{Title: "take " + id + " back", Do: func(context.Context, *checklist.Task) error {
			order = append(order, id)
			return nil
		}}
		return s
	}
	must(t, journaled(nil, checklist.Reverse([]checklist.Step{back("a"), ok("wait", "a"), back("b", "wait"), back("c", "b")})...))
	if d := cmp.Diff([]string{"c", "b", "a"}, order); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
}
