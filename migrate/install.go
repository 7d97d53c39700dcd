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
	"github.com/nullplatform/slipway/provision/handover"
)

// Install is a preview on its way to being carried out.
type Install struct {
	preview *InstallPreview
	acct    Account
	place   handover.Place

	mu     sync.Mutex
	result InstallResult
}

// InstallResult is what an install came to.
type InstallResult struct {
	// KeyID is the key that was made; empty when none was.
	KeyID string
	// Handover is where the key's secret went, in words.
	Handover string
	// Done are the IDs of the changes that were carried out.
	Done []string
	// Inventory is what was read back at the end; nil when it did not come
	// to that.
	Inventory *provision.Inventory
}

// NewInstall prepares to carry out a preview. The place is where a new secret
// goes and may be nil when the plan makes no key. A preview with blockers is
// refused, and so is a plan that needs a word which the request does not give,
// with a [*ConsentError], or that makes a key without a place for its secret.
func NewInstall(p *InstallPreview, acct Account, place handover.Place) (*Install, error) {
	if err := p.Plan.Blocked(); err != nil {
		return nil, err
	}
	if err := p.Request.Allow.Withheld(p.Consent); err != nil {
		return nil, err
	}
	if p.MakesKey() && place == nil {
		return nil, &provision.Problem{
			Field: "handover", Rule: "is not given, but the plan makes an access key whose secret can be read only once",
			Way: "say where it goes with --handover, such as file:creds.env",
		}
	}
	return &Install{preview: p, acct: acct, place: place}, nil
}

// Result tells what has been done so far.
func (i *Install) Result() InstallResult {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := i.result
	r.Done = slices.Clone(r.Done)
	return r
}

// agreement is how many rounds of reads must agree before a key is made. Two,
// because nobody uses the grants before the key is there.
const agreement = 2

// Recheck reads the account again and fails with a [*ChangedError] when the
// plan, what it notes included, would no longer be the one that was shown.
func (i *Install) Recheck(ctx context.Context) error {
	inv, err := i.acct.Read(ctx, i.preview.Plan.Blueprint.Scope())
	if err != nil {
		return err
	}
	if inv, err = i.acct.Deepen(ctx, inv); err != nil {
		return err
	}
	shown, now := i.preview.Plan, provision.NewPlan(i.preview.Plan.Blueprint, inv)
	same := reflect.DeepEqual(now.Changes, shown.Changes) && reflect.DeepEqual(now.Notes, shown.Notes)
	if !same || now.Blocked() != nil {
		return &ChangedError{Before: i.preview.Plan.Changes, After: now.Changes}
	}
	return nil
}

// Steps is the checklist:
//
//  1. check the place for the secret, before anything is written
//  2. the changes of the plan but the key, side by side where they may be
//  3. wait until every reader sees the grants
//  4. make the key and hand its secret over
//  5. read back and compare with the blueprint
//
// Carried out again after an end in the middle, a new preview starts from what
// is there and the rest is done.
func (i *Install) Steps() []checklist.Step {
	var steps []checklist.Step
	add := func(s checklist.Step) { steps = append(steps, s) }
	var first []string
	if i.preview.MakesKey() {
		add(i.checkPlace())
		first = []string{"check-handover"}
	}
	var before []string
	for _, c := range i.preview.Plan.Changes {
		if c.MakesKey() {
			continue
		}
		add(i.carryOut(c, first))
		before = append(before, c.ID)
	}
	if links := i.links(); len(links) > 0 {
		add(i.settle(links, before))
		before = append(before, "settle")
	}
	for _, c := range i.preview.Plan.Changes {
		if c.MakesKey() {
			add(i.makeKey(c, append(slices.Clone(first), before...)))
			before = append(before, c.ID)
		}
	}
	add(i.readBack(before))
	return steps
}

func (i *Install) checkPlace() checklist.Step {
	return checklist.Step{
		ID: "check-handover", Title: "Check the place for the secret",
		Why: "No safe place: no key is made. Nothing has been written yet.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			t.Tell("%s", i.place)
			return i.place.Check(ctx)
		},
	}
}

func (i *Install) carryOut(c provision.Change, first []string) checklist.Step {
	return checklist.Step{
		ID: c.ID, Title: c.Title, Why: c.Why, Needs: append(slices.Clone(first), c.Needs...),
		Do: func(ctx context.Context, t *checklist.Task) error {
			for n, call := range c.Calls {
				if t.Stopping() {
					return checklist.ErrStopped
				}
				t.Tell("%s", call.Operation())
				if _, err := i.acct.Do(ctx, call); err != nil {
					if n > 0 {
						return fmt.Errorf("after %d of %d calls: %w", n, len(c.Calls), err)
					}
					return err
				}
			}
			i.done(c.ID)
			return nil
		},
	}
}

func (i *Install) links() []provision.Call {
	var out []provision.Call
	for _, c := range i.preview.Plan.Changes {
		if c.Links() {
			out = append(out, c.Calls...)
		}
	}
	return out
}

func (i *Install) settle(links []provision.Call, needs []string) checklist.Step {
	return checklist.Step{
		ID: "settle", Title: "Wait until every reader sees the grants", Needs: slices.Clone(needs),
		Why: "IAM needs a moment until a change is visible everywhere.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			err := i.acct.Settle(waiting, links, agreement, func(agreed int) {
				t.Tell("visible to %d of %d rounds of reads", agreed, agreement)
			})
			return stoppedOr(waiting, err)
		},
	}
}

// stoppedOr gives the reason for which waiting ended, if it was that.
func stoppedOr(waiting context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(waiting), checklist.ErrStopped) {
		return checklist.ErrStopped
	}
	return err
}

// makeKey checks the place once more, makes the key, and hands it over at
// once. If the handover fails, the secret is gone with it: the error names the
// key so that it can be deleted, and says that it was never used.
func (i *Install) makeKey(c provision.Change, needs []string) checklist.Step {
	return checklist.Step{
		ID: c.ID, Title: c.Title, Why: c.Why, Needs: needs,
		Do: func(ctx context.Context, t *checklist.Task) error {
			if t.Stopping() {
				return checklist.ErrStopped
			}
			if err := i.place.Check(ctx); err != nil {
				return err
			}
			t.Tell("CreateAccessKey")
			res, err := i.acct.Do(ctx, c.Calls[0])
			if err != nil {
				return err
			}
			t.Tell("handing %s over to %s", res.Key.KeyID, i.place)
			if err := i.place.Put(ctx, *res.Key); err != nil {
				return fmt.Errorf("hand over the secret of key %s: %w; the key exists but nobody knows its secret: delete it (aws iam delete-access-key --user-name %s --access-key-id %s) and run again",
					res.Key.KeyID, err, res.Key.User, res.Key.KeyID)
			}
			i.mu.Lock()
			i.result.KeyID, i.result.Handover = res.Key.KeyID, i.place.String()
			i.mu.Unlock()
			i.done(c.ID)
			return nil
		},
	}
}

func (i *Install) readBack(needs []string) checklist.Step {
	return checklist.Step{
		ID: "read-back", Title: "Read back and compare", Needs: slices.Clone(needs),
		Why: "What is there now must be what was shown.",
		Do: func(ctx context.Context, t *checklist.Task) error {
			waiting, cancel := t.Interruptible(ctx)
			defer cancel()
			return stoppedOr(waiting, i.compare(waiting, t))
		},
	}
}

// readBacks bounds how often the read-back is tried while IAM catches up.
const readBacks = 20

func (i *Install) compare(ctx context.Context, t *checklist.Task) error {
	b := i.preview.Plan.Blueprint
	var left provision.Plan
	for attempt := range readBacks {
		inv, err := i.acct.Read(ctx, b.Scope())
		if err != nil {
			return err
		}
		left = provision.NewPlan(b, inv)
		if left.Empty() {
			i.mu.Lock()
			i.result.Inventory = inv
			i.mu.Unlock()
			return nil
		}
		t.Tell("%d differences, reading again", len(left.Changes))
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is not as it should be: somebody else is changing it, or IAM is slow; run again to see", left.Changes[0].Entity)
}

func (i *Install) done(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.result.Done = append(i.result.Done, id)
}
