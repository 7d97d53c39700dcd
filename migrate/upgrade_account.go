package migrate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/nullplatform/slipway/migrate/checklist"
	"github.com/nullplatform/slipway/provision"
	"github.com/nullplatform/slipway/provision/account"
)

// AccountUpgrade is the account route on its way to being carried out.
type AccountUpgrade struct {
	preview *UpgradePreview
	acct    Account

	mu     sync.Mutex
	result UpgradeResult
}

// NewAccountUpgrade prepares to carry out a preview. One with blockers is
// refused, and so is a plan that needs a word which the request does not give,
// with a [*ConsentError].
func NewAccountUpgrade(p *UpgradePreview, acct Account) (*AccountUpgrade, error) {
	if err := p.Plan().Blocked(); err != nil {
		return nil, err
	}
	if err := p.Request.Allow.Withheld(p.Account.Consent); err != nil {
		return nil, err
	}
	return &AccountUpgrade{preview: p, acct: acct}, nil
}

// Result tells what has been done so far.
func (u *AccountUpgrade) Result() UpgradeResult {
	u.mu.Lock()
	defer u.mu.Unlock()
	return UpgradeResult{Done: slices.Clone(u.result.Done), Proofs: slices.Clone(u.result.Proofs)}
}

// upgradeAgreement is how many rounds of reads must agree before something is
// taken away. More than for an install: CI is using the grants at the time.
const upgradeAgreement = 5

// Steps is the checklist:
//
//  1. guard: the account is as it was shown, and so is the build user
//  2. the changes that rename, add and link, one after another; after each
//     the build user is looked at
//  3. wait until every reader sees them
//  4. the changes that take away what has been replaced
//  5. proofs
//
// Carried out again after an end in the middle, a new preview starts from what
// is there and the rest is done.
func (u *AccountUpgrade) Steps() []checklist.Step {
	var steps []checklist.Step
	add := func(s checklist.Step) {
		if n := len(steps); n > 0 {
			s.Needs = []string{steps[n-1].ID}
		}
		steps = append(steps, s)
	}
	add(u.guard())
	var made []provision.Call
	settled := false
	for _, c := range u.preview.Plan().Changes {
		if c.Mark == provision.Remove && !settled {
			settled = true
			add(u.settle(made))
		}
		add(u.carryOut(c))
		made = append(made, c.Calls...)
	}
	add(u.prove())
	return steps
}

func (u *AccountUpgrade) guard() checklist.Step {
	return checklist.Step{
		ID: "guard", Title: "See that the account is as it was shown",
		Why: "What is carried out is what was shown, and nothing else.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, u.recheck(waiting))
		},
	}
}

// recheck reads the account again and fails with a [*ChangedError] when the
// plan would no longer be the one that was shown.
func (u *AccountUpgrade) recheck(ctx context.Context) error {
	inv, err := readStanding(ctx, u.acct, u.preview.Request)
	if err != nil {
		return err
	}
	if err := u.preview.Identity.Same(provision.IdentityOf(inv.User)); err != nil {
		return err
	}
	shown, now := u.preview.Plan(), provision.NewUpgrade(u.preview.Plan().Blueprint, inv)
	if !reflect.DeepEqual(now.Changes, shown.Changes) || !reflect.DeepEqual(now.Notes, shown.Notes) || now.Blocked() != nil {
		return &ChangedError{Before: shown.Changes, After: now.Changes}
	}
	return nil
}

// carryOut makes the calls of a change and then looks at the build user.
func (u *AccountUpgrade) carryOut(c provision.Change) checklist.Step {
	return changeStep(u.acct, c, u.preview.Identity, func(id string) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.result.Done = append(u.result.Done, id)
	})
}

// changeStep carries a change out and then looks at the build user, who must
// be who they were.
func changeStep(acct Account, c provision.Change, who provision.Identity, done func(id string)) checklist.Step {
	return checklist.Step{
		ID: c.ID, Title: c.Title, Why: c.Why, Will: inWords(c.Calls),
		Do: func(ctx context.Context, t *checklist.Task) error {
			if err := makeCalls(ctx, t, acct, c.ID, c.Calls); err != nil {
				return err
			}
			done(c.ID)
			return sameIdentity(ctx, acct, who)
		},
		Undo: undoOf(c, acct),
	}
}

// undoOf takes a change back by its own undo calls.
func undoOf(c provision.Change, acct Account) *checklist.Undo {
	if len(c.Undo) == 0 {
		return nil
	}
	return &checklist.Undo{
		Title: "Take back: " + c.Title, Will: inWords(c.Undo),
		Do: func(ctx context.Context, t *checklist.Task) error {
			return makeCalls(ctx, t, acct, "undo-"+c.ID, c.Undo)
		},
	}
}

// makeCalls makes the calls of a change in their order, each one in the journal
// before it is made.
func makeCalls(ctx context.Context, t *checklist.Task, acct Account, change string, calls []provision.Call) error {
	for n, call := range calls {
		if t.Stopping() {
			return checklist.ErrStopped
		}
		t.Tell("%s", call.Operation())
		err := t.Effect(ctx, deed{Change: change, N: n, Call: &call}, func(ctx context.Context) (any, error) {
			res, err := acct.Do(ctx, call)
			return yield{Version: res.Version}, judged(err)
		})
		if err != nil && n > 0 {
			return fmt.Errorf("after %d of %d calls: %w", n, len(calls), err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sameIdentity looks at the build user and its keys, and fails with a
// [*provision.IdentityError] when they are not what they were.
func sameIdentity(ctx context.Context, acct Account, was provision.Identity) error {
	inv, err := acct.Read(ctx, provision.Scope{User: was.UserName})
	if err != nil {
		return err
	}
	for _, g := range inv.Missing() {
		if g.Action == "iam:GetUser" || g.Action == "iam:ListAccessKeys" {
			return fmt.Errorf("look at the build user: %s; allow %s on %s and run again to go on", g.Reason, g.Action, g.Resource)
		}
	}
	return was.Same(provision.IdentityOf(inv.User))
}

func (u *AccountUpgrade) settle(made []provision.Call) checklist.Step {
	return settleStep("settle", "Wait until every reader sees the new grants",
		"Nothing is taken away before its replacement is visible everywhere.", u.acct, made)
}

func settleStep(id, title, why string, acct Account, made []provision.Call) checklist.Step {
	return checklist.Step{
		ID: id, Title: title, Why: why,
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			err := acct.Settle(waiting, made, upgradeAgreement, func(agreed int) {
				t.Tell("visible to %d of %d rounds of reads", agreed, upgradeAgreement)
			})
			return stoppedOr(waiting, err)
		},
	}
}

func (u *AccountUpgrade) prove() checklist.Step {
	return checklist.Step{
		ID: "prove", Title: "Show that nothing was lost",
		Why: "The build user and its keys are the same, and what it may do is what was shown.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, u.proofs(waiting, t))
		},
	}
}

// changing reports whether a read failed because what it asked for went away
// under it, as a policy that was deleted a moment ago.
func changing(err error) bool {
	var e *account.Error
	return errors.As(err, &e) && e.Absent()
}

// proofs reads until all holds, since readers may lag behind the last change,
// and keeps what was seen last.
func (u *AccountUpgrade) proofs(ctx context.Context, t *checklist.Task) error {
	for attempt := range readBacks {
		inv, err := readStanding(ctx, u.acct, u.preview.Request)
		if changing(err) && attempt < readBacks-1 {
			t.Tell("not yet: readers do not agree")
			if err := pause(ctx, attempt); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		proofs := AccountProofs(u.preview, inv)
		u.mu.Lock()
		u.result.Proofs = proofs
		u.mu.Unlock()
		err = unproven(proofs)
		var not *ProofError
		if !errors.As(err, &not) {
			return err
		}
		t.Tell("not yet: %s", not.Failed[0].What)
		if attempt == readBacks-1 {
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	return nil
}
