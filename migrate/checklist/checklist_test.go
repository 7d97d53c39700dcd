package checklist_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/nullplatform/slipway/migrate/checklist"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// still is a clock that does not move.
func still() time.Time { return time.Unix(1, 0) }

// quiet is for a run that nobody watches.
func quiet() checklist.Options { return checklist.Options{Now: still} }

// ok is a step that does nothing.
func ok(id string, needs ...string) checklist.Step {
	return checklist.Step{ID: id, Title: "do " + id, Needs: needs, Do: func(context.Context, *checklist.Task) error { return nil }}
}

func TestNewRefusesListsThatCannotRun(t *testing.T) {
	for _, tt := range []struct {
		why   string
		steps []checklist.Step
		says  string
	}{
		{why: "one identity for two steps", steps: []checklist.Step{ok("a"), ok("a")}, says: "twice"},
		{why: "a need that comes later would wait for ever", steps: []checklist.Step{ok("a", "b"), ok("b")}, says: "before"},
		{why: "a need that is nowhere", steps: []checklist.Step{ok("a", "x")}, says: "needs x"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, err := checklist.New(tt.steps, quiet())
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("err = %v, want %q", err, tt.says)
			}
		})
	}
}

// Steps run after what they need, whatever the shape of the list.
func TestStepsRunAfterTheirNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "steps")
		var mu sync.Mutex
		var order []string
		var steps []checklist.Step
		for i := range n {
			id := fmt.Sprint(i)
			var needs []string
			for j := range i {
				if rapid.IntRange(0, 2).Draw(t, "needs") == 0 {
					needs = append(needs, fmt.Sprint(j))
				}
			}
			steps = append(steps, checklist.Step{ID: id, Needs: needs, Do: func(context.Context, *checklist.Task) error {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, id)
				return nil
			}})
		}
		run, err := checklist.New(steps, quiet())
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Do(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(order) != n {
			t.Fatalf("%d of %d steps ran", len(order), n)
		}
		for _, s := range steps {
			for _, need := range s.Needs {
				if slices.Index(order, need) > slices.Index(order, s.ID) {
					t.Fatalf("%s ran before %s: %v", s.ID, need, order)
				}
			}
		}
	})
}

// Two steps that meet each other inside can only end when both run at once.
func TestIndependentStepsRunSideBySide(t *testing.T) {
	meet := make(chan struct{})
	steps := []checklist.Step{
		{ID: "a", Do: func(context.Context, *checklist.Task) error { meet <- struct{}{}; return nil }},
		{ID: "b", Do: func(context.Context, *checklist.Task) error { <-meet; return nil }},
	}
	run, err := checklist.New(steps, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Do(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestAFailureStartsNoMoreAndLetsTheRestFinish(t *testing.T) {
	broken := errors.New("broken")
	failed := make(chan struct{})
	var events []string
	steps := []checklist.Step{
		{ID: "bad", Title: "Break", Do: func(context.Context, *checklist.Task) error { defer close(failed); return broken }},
		{ID: "slow", Do: func(context.Context, *checklist.Task) error { <-failed; return nil }},
		ok("after", "slow"),
	}
	run, err := checklist.New(steps, checklist.Options{Observe: func(e checklist.Event) { events = append(events, e.Step+" "+string(e.State)) }, Now: still})
	if err != nil {
		t.Fatal(err)
	}
	err = run.Do(context.Background())
	var step *checklist.StepError
	if !errors.As(err, &step) || step.Step.ID != "bad" || !errors.Is(err, broken) {
		t.Fatalf("err = %v", err)
	}
	if err.Error() != "Break: broken" {
		t.Errorf("the error reads %q", err)
	}
	// The slow step may end before the failure is noticed; then "after" has
	// its needs, but nothing more starts once the failure is known.
	if !slices.Contains(events, "slow done") || !slices.Contains(events, "bad failed") {
		t.Errorf("events = %v", events)
	}
}

func TestStopLetsTheCallUnderWayFinish(t *testing.T) {
	begun := make(chan struct{})
	finish := make(chan struct{})
	var events []string
	steps := []checklist.Step{
		{ID: "call", Do: func(ctx context.Context, _ *checklist.Task) error {
			close(begun)
			<-finish
			return ctx.Err() // a stop must not end the call's own context
		}},
		ok("next", "call"),
	}
	run, err := checklist.New(steps, checklist.Options{Observe: func(e checklist.Event) { events = append(events, e.Step+" "+string(e.State)) }, Now: still})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- run.Do(context.Background()) }()
	<-begun
	run.Stop()
	run.Stop() // more than once is safe
	close(finish)
	if err := <-ended; !errors.Is(err, checklist.ErrStopped) {
		// The call may have ended before the stop was seen; then the list is
		// simply done.
		if err != nil {
			t.Fatalf("err = %v", err)
		}
		return
	}
	if d := cmp.Diff([]string{"call running", "call done", "next not run"}, events); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}

func TestStopEndsWaiting(t *testing.T) {
	waiting := make(chan struct{})
	steps := []checklist.Step{{ID: "wait", Do: func(ctx context.Context, task *checklist.Task) error {
		c, cancel := task.Interruptible(ctx)
		defer cancel()
		close(waiting)
		<-c.Done()
		if !task.Stopping() {
			return errors.New("the task does not know that it is stopping")
		}
		return context.Cause(c)
	}}}
	run, err := checklist.New(steps, quiet())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- run.Do(context.Background()) }()
	<-waiting
	run.Stop()
	if err := <-ended; !errors.Is(err, checklist.ErrStopped) {
		t.Fatalf("err = %v, want a stop", err)
	}
}

func TestAFailureDuringAStopIsNotLost(t *testing.T) {
	begun := make(chan struct{})
	broken := errors.New("broken")
	steps := []checklist.Step{{ID: "call", Title: "Call", Do: func(_ context.Context, task *checklist.Task) error {
		close(begun)
		for !task.Stopping() {
			task.Tell("still here")
		}
		return broken
	}}}
	run, err := checklist.New(steps, quiet())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- run.Do(context.Background()) }()
	<-begun
	run.Stop()
	if err := <-ended; !errors.Is(err, broken) {
		t.Fatalf("err = %v, want the failure", err)
	}
}

func TestEventsTellTheStory(t *testing.T) {
	now := time.Unix(0, 0)
	clock := func() time.Time { now = now.Add(time.Second); return now }
	var got []checklist.Event
	steps := []checklist.Step{{ID: "a", Do: func(_ context.Context, task *checklist.Task) error {
		task.Tell("half of %d", 2)
		return nil
	}}}
	run, err := checklist.New(steps, checklist.Options{Observe: func(e checklist.Event) { got = append(got, e) }, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Do(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := []checklist.Event{
		{Step: "a", State: checklist.Running},
		{Step: "a", State: checklist.Running, Detail: "half of 2"},
		{Step: "a", State: checklist.Done, Took: time.Second},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
}
