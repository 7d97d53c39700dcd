// Package plain asks what the wizard asks, in lines: for screen readers, for
// terminals that cannot move their cursor, and for those who like it so.
//
// Its rules:
//
//   - Lines are written once and stay. Nothing is drawn over, nothing spins,
//     there is no colour, and no sign stands where a word could.
//   - There is one reader. A line is read when one is asked for and not before.
//   - At every question, "back" goes to the one before, "help" says more and
//     "quit" leaves. Input that ends cancels.
//   - A value that is not good is refused in words, and the question is asked
//     again.
//   - Nothing is changed before the whole word yes, or the cluster's name where
//     the plan changes what is there.
//   - The secret is never written: what is printed here stays in a scrollback.
//
// What is asked, and what is done with the answers, is package ask's, as it is
// for the wizard.
package plain

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/provision/handover"
	"github.com/nullplatform/slipway/ui/ask"
	"github.com/nullplatform/slipway/ui/view"
)

// Options are what a conversation is started with.
type Options struct {
	// Request is filled in as far as flags or an answers file did.
	Request migrate.InstallRequest
	// Account says which account to open.
	Account account.Options
	// Sandbox is the name of the sandbox's scenario; empty for a real
	// account.
	Sandbox string
	// Open opens the account.
	Open func(ctx context.Context, o account.Options) (migrate.Account, error)
	// Buckets lists the account's buckets to choose from; nil where the name
	// is to be typed.
	Buckets func(ctx context.Context) ([]string, error)

	Input  io.Reader
	Output io.Writer
	// Now is the clock.
	Now func() time.Time
	// Stoppable is called with what asks a run to stop after the call in
	// flight, when one begins, and with nil when it has ended.
	Stoppable func(stop func())
}

// Run asks, shows the plan and, after a yes, carries it out. It gives
// [ask.ErrCancelled] when the person left, the input ended or the context
// ended before anything was written; otherwise the outcome tells.
func Run(ctx context.Context, o Options) (ask.Outcome, error) {
	t := newTalk(o)
	defer t.in.close()
	t.open()
	err := t.walk(ctx)
	if errors.Is(err, errLeft) {
		err = nil
		t.say("")
		t.say("%s", t.soFar())
	}
	return t.outcome(), t.verdict(err)
}

// talk is one conversation.
type talk struct {
	o      Options
	in     *reader
	c      view.Canvas
	places ask.Places

	a        ask.Answers
	found    ask.Found
	acct     migrate.Account
	identity account.Identity
	// asked is the name of the question of the details that was asked last.
	asked string
	look  ask.Look
	// told is the preview that was told in full.
	told *migrate.InstallPreview
	// seen is the request that the look is of.
	seen    migrate.InstallRequest
	install *migrate.Install

	// before is what earlier runs of this conversation had done, last the
	// preview that the latest run began from, and err what it came to.
	before migrate.InstallResult
	last   *migrate.InstallPreview
	err    error
	// finished is set when the person came to an end of the flow.
	finished bool
}

func newTalk(o Options) *talk {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Stoppable == nil {
		o.Stoppable = func(func()) {}
	}
	return &talk{
		o: o, in: newReader(o.Input), c: view.WordsCanvas(),
		places: ask.PlacesWith(handover.Edge{}), a: ask.AnswersOf(o.Request),
	}
}

// turn is where to go from a stop.
type turn int

const (
	onward turn = iota
	backward
	// anew goes to the preview for a new one.
	anew
	finish
)

// previewAt is the place of the preview among the stops.
const previewAt = 3

// walk goes from stop to stop. Once something may have been written, nothing
// before the preview can be changed any more.
func (t *talk) walk(ctx context.Context) error {
	stops := []func(context.Context) (turn, error){
		t.askAccount, t.askDestinations, t.askDetails, t.showPreview, t.confirm, t.apply,
	}
	for at := 0; at < len(stops); {
		to, err := stops[at](ctx)
		if err != nil {
			return err
		}
		floor := 0
		if t.last != nil {
			floor = previewAt
		}
		switch to {
		case onward:
			at++
		case backward:
			if at == floor {
				t.say("There is nothing to go back to.")
			}
			at = max(floor, at-1)
		case anew:
			t.look = ask.Look{}
			at = previewAt
		case finish:
			return nil
		}
	}
	return nil
}

// soFar says whether anything has been changed up to now.
func (t *talk) soFar() string {
	if t.last != nil {
		return "What was done before stays done."
	}
	return "Nothing has been changed."
}

// outcome is what it came to so far.
func (t *talk) outcome() ask.Outcome {
	out := ask.Outcome{Request: t.a.Request(), Preview: t.look.Preview}
	if t.last != nil {
		out.Applied, out.Preview, out.Err = true, t.last, t.err
		out.Result = ask.Joined(t.before, t.install.Result())
	}
	if t.finished && t.look.Nothing() {
		out.Err = nil // A new preview found that nothing was left to do.
	}
	return out
}

// verdict is the error that a conversation ends with.
func (t *talk) verdict(err error) error {
	switch {
	case t.last != nil, t.finished && err == nil:
		return nil // The outcome tells.
	case err != nil:
		return err
	}
	return ask.ErrCancelled
}
