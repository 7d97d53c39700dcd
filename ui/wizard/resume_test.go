package wizard

import (
	"context"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nullplatform/slipway/migrate"
	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
	"github.com/nullplatform/slipway/ui/ask"
)

// keeping gives one journal to every wizard of a test.
func keeping(j *checklist.Journal) func(account.Identity, string) (migrate.Keeping, error) {
	return func(account.Identity, string) (migrate.Keeping, error) {
		return migrate.Keeping{Journal: j, Run: "run-1"}, nil
	}
}

func memory() *checklist.Journal {
	return checklist.MemoryJournal(func() time.Time { return time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC) })
}

// toStop goes as far as a checklist that ends with the error at the first
// attachment to the group.
func toStop(t *testing.T, f *fakeAccount, j *checklist.Journal, opened *atomic.Int32, failure error) *driver {
	t.Helper()
	var failed atomic.Bool // Two attachments are made side by side.
	f.doing(func(_ context.Context, c provision.Call) error {
		if c.Action == "iam:AttachGroupPolicy" && failed.CompareAndSwap(false, true) {
			return failure
		}
		return nil
	})
	d := drive(t, f, func(o *Options) {
		o.Request = bothRequest()
		o.Request.Handover = "file:" + filepath.Join(privateDir(t), "creds.env")
		o.Keep = keeping(j)
		o.Open = func(context.Context, account.Options) (migrate.Account, error) {
			opened.Add(1)
			return f, nil
		}
	})
	d.until("enter yes, go on").press("enter", "enter", "enter", "enter", "enter", "enter", "enter").until("enter apply")
	return d.press("enter").until("Carry this out?").press("down", "enter").until("Something went wrong")
}

func denied() error {
	return &account.Error{Op: "attach", Code: "AccessDenied", Why: "operator may not iam:AttachGroupPolicy", Way: "allow it and run again"}
}

// What failed is gone on with in the same wizard: what is done is not done
// again, and what is left is shown first.
func TestAnOpenRunGoesOn(t *testing.T) {
	f, j, opened := freshAccount(), memory(), &atomic.Int32{}
	d := toStop(t, f, j, opened, denied())
	d.has("slipway resume --cluster demo")
	before := slices.Clone(f.done)
	d.press("r").until("A run is open: this is what is left").lacks("create user")
	d.press("enter").until("Carry this out?").press("down", "enter").until("The publishing identity is in place")
	for _, c := range f.done[len(before):] {
		if slices.Contains(before, c) && c != "AttachGroupPolicy" {
			t.Errorf("%s was done twice: %v", c, f.done)
		}
	}
	if p := j.Past(); p.Outcome != checklist.OutcomeDone {
		t.Errorf("the run is %q", p.Outcome)
	}
	if opened.Load() != 1 {
		t.Errorf("the account was opened %d times", opened.Load())
	}
}

// Credentials that ran out are renewed elsewhere and read anew.
func TestExpiredCredentialsAreReadAnew(t *testing.T) {
	f, j, opened := freshAccount(), memory(), &atomic.Int32{}
	d := toStop(t, f, j, opened, &account.Error{Op: "attach", Code: "ExpiredToken", Why: "the credentials have expired"})
	d.has("Renew the credentials in another terminal")
	d.press("r").until("A run is open: this is what is left")
	if opened.Load() != 2 {
		t.Errorf("the account was opened %d times, want it opened anew", opened.Load())
	}
	d.press("enter").until("Carry this out?").press("down", "enter").until("The publishing identity is in place")
}

// Another wizard for the same cluster offers the open run, whatever is asked
// for now, and makes a new plan where the account has changed.
func TestAnotherWizardFindsTheOpenRun(t *testing.T) {
	f, j, opened := freshAccount(), memory(), &atomic.Int32{}
	first := toStop(t, f, j, opened, denied())
	first.press("esc").untilQuit()
	// Somebody deletes the role meanwhile. It begins with the first steps, so
	// it was there whatever else the run came to.
	f.change(func(inv *provision.Inventory) { inv.Role = nil })
	d := drive(t, f, func(o *Options) {
		o.Request = bothRequest()
		o.Request.Handover = "file:" + filepath.Join(privateDir(t), "other.env")
		o.Keep = keeping(j)
	})
	d.until("enter yes, go on").press("enter", "enter", "enter", "enter", "enter", "enter", "enter")
	d.until("The account is not as the open run left it").has("n new plan", "is no longer as this run left it")
	d.press("n").until("this is what is left of it").has("to add")
	d.press("enter").until("Carry this out?").press("down", "enter").until("The publishing identity is in place")
	if out, err := d.outcome(); err != nil || out.Err != nil {
		t.Errorf("got %v, %v", err, out.Err)
	}
	if f.inv.Role == nil {
		t.Error("the role is still missing")
	}
}

// A cluster that another process works on is told, and nothing is done.
func TestALockedClusterIsTold(t *testing.T) {
	f := freshAccount()
	locked := &checklist.LockedError{Path: "lock", Holder: checklist.Holder{PID: 7, Command: "slipway install"}}
	d := drive(t, f, func(o *Options) {
		o.Request = bothRequest()
		o.Request.Handover = ask.PlaceReveal
		o.Keep = func(account.Identity, string) (migrate.Keeping, error) { return migrate.Keeping{}, locked }
	})
	d.until("enter yes, go on").press("enter", "enter", "enter", "enter", "enter", "enter")
	d.until("is being worked on").has("process 7")
	if len(f.done) > 0 {
		t.Errorf("done %v", f.done)
	}
}

// Home offers an open run first, and leads straight to what is left of it, in
// the account in which it was begun.
func TestHomeOffersAnOpenRun(t *testing.T) {
	f, j, opened := freshAccount(), memory(), &atomic.Int32{}
	toStop(t, f, j, opened, denied()).press("esc").untilQuit()
	var reached []account.Options
	d := drive(t, f, func(o *Options) {
		atHome(o)
		o.Keep = keeping(j)
		o.OpenRuns = []ask.OpenRun{{
			Cluster: "demo", Account: "123456789012", Done: 8, All: 10,
			Begun: time.Date(2026, 3, 4, 5, 6, 0, 0, time.Local), Reach: account.Options{Profile: "ops"},
		}}
		o.Open = func(_ context.Context, reach account.Options) (migrate.Account, error) {
			reached = append(reached, reach)
			return f, nil
		}
	})
	d.until("you are").has("> Resume demo in 123456789012, begun 2026-03-04 05:06, 8 of 10 done", "Install")
	d.press("enter").until("profile ops").press("enter").until("A run is open: this is what is left").has("Account", "Preview").lacks("Details")
	d.press("esc").until("Is this the right account?").press("enter").until("this is what is left")
	d.press("enter").until("Carry this out?").press("down", "enter").until("The publishing identity is in place")
	if out, err := d.outcome(); err != nil || out.Err != nil || j.Past().Outcome != checklist.OutcomeDone {
		t.Errorf("got %v, %v", err, out.Err)
	}
	if reached[len(reached)-1].Profile != "ops" {
		t.Errorf("the account was reached by %+v", reached)
	}
}
